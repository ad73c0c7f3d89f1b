"""The result, for a terminal and as JSON."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..params import Drift
from .column import DRIFT, FEATURE, FEW_ROWS, STABLE, TARGET, WARNING, Compared
from .comparison import verdict_of
from .predictions import PREDICTED, PROBABILITY

SHOWN = 20  # columns that a terminal shows
WIDEST = 22  # characters of a name there


@dataclass(frozen=True)
class Result:
    """New rows beside those that a model has learned from.

    Attributes:
        path: the path of the new rows.
        rows: how many new rows there are.
        reference: what they are compared with, in words.
        reference_rows: how many rows that has.
        compared: the columns, the most drifted first.
        rules: the thresholds.
        notes: what else was seen, by what it is about.
    """

    path: Path
    rows: int
    reference: str
    reference_rows: int
    compared: list[Compared]
    rules: Drift
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """The worst verdict of all columns that decide."""
        return verdict_of(self.compared)

    @property
    def drifted(self) -> int:
        """How many columns have drifted."""
        return sum(column.verdict == DRIFT and column.decides for column in self.compared)

    @property
    def sentence(self) -> str:
        """The verdict in a sentence."""
        deciding = [column.verdict for column in self.compared if column.decides]
        count = f"{deciding.count(self.verdict)} of {len(deciding)} columns"
        return {
            DRIFT: f"{count} drifted",
            WARNING: f"no drift, but {count} shifted",
            FEW_ROWS: f"no drift beyond chance in so few rows; {count} may have drifted",
            STABLE: "no drift",
        }[self.verdict]

    def to_dict(self, names: bool) -> dict[str, Any]:
        """Return it as values for JSON.

        Args:
            names: whether to name the new categories.
        """
        return {
            "verdict": self.verdict,
            "new_data": self.path.as_posix(),
            "rows": self.rows,
            "reference": self.reference,
            "reference_rows": self.reference_rows,
            "thresholds": self.rules.model_dump(),
            "drifted": self.drifted,
            "notes": self.notes,
            "columns": [column.to_dict(names) for column in self.compared],
        }

    def table_rows(self) -> list[dict[str, object]]:
        """Return the columns that have drifted most as rows of a table, 80 characters wide."""
        return [_row(column) for column in self.compared[:SHOWN]]

    def lines(self) -> dict[str, object]:
        """Return what else a terminal shows: value by name."""
        more = len(self.compared) - SHOWN
        return {
            "new rows": f"{self.rows:,} of {self.path.as_posix()}",
            "reference": f"{self.reference}, {self.reference_rows:,} rows",
            **({"not shown": f"{more} columns that have drifted less"} if more > 0 else {}),
            **self.notes,
        }


def title(column: Compared) -> str:
    """Name a column: the target and the predictions as what they are."""
    name, kind = column.before.name, column.before.kind
    if kind == FEATURE:
        return name
    return f"target: {name}" if kind == TARGET else _prediction(name)


def _prediction(name: str) -> str:
    return f"probability: {name.removeprefix(PROBABILITY)}" if name != PREDICTED else "prediction"


def verdict(column: Compared) -> str:
    """Format a verdict with its reasons; in brackets if it decides nothing."""
    if column.before.moves_on and not column.reasons:
        return "moves on"
    text = f"{column.verdict}: {', '.join(column.reasons)}" if column.reasons else column.verdict
    return text if column.decides else f"({text})"


def percent(share: float) -> str:
    """Write a share as a percentage, without its sign."""
    return f"{100 * share:.3g}"


def _row(column: Compared) -> dict[str, object]:
    name = "".join(letter if letter.isprintable() else " " for letter in title(column))
    was, now = percent(column.missing_was), percent(column.missing)
    return {
        "column": name if len(name) <= WIDEST else f"{name[: WIDEST - 1]}…",
        "PSI": "" if column.psi is None else f"{column.psi:.3f}",
        "missing %": now if was == now else f"{was} -> {now}",
        "new %": "" if column.new is None else percent(column.new),
        "verdict": verdict(column),
    }
