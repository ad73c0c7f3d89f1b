"""Answers and the targets that became known later: joined by the request's id, and scored by version."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..judging.prediction import measure
from ..params import Params
from ..registry.described import Described
from ..registry.past import expected_with_target
from ..scoring.cells import typed
from ..scoring.logged import ID, PLACE, PREDICTED, PROBABILITY, TIME, VERSION, Description, files_in
from ..scoring.reading import read, readable
from ..table.parts import as_frame, columns_in

if TYPE_CHECKING:
    import pandas as pd

ACTUAL = "actual"  # the column that the project's metrics expect
AT = [ID, PLACE]  # these two identify a row
TWICE = "twice"  # whether another row has the same id and place: clients may choose the ids


@dataclass(frozen=True)
class Live:
    """How a version did.

    Attributes:
        version: its number.
        rows: how many of its rows have a target.
        metrics: the metrics on these rows.
        since, until: when the first and the last of them were answered.
    """

    version: str
    rows: int
    metrics: dict[str, float]
    since: str
    until: str


@dataclass
class Labels:
    """A file of targets.

    Attributes:
        path: the file's path.
        params: they name the target, and say how the file is written.
        notes: how many rows or requests were left out, by reason.
    """

    path: Path
    params: Params
    notes: dict[str, int] = field(default_factory=dict)
    _all: set[str] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)

    def scored(self, answers: "pd.DataFrame", described: Described) -> Live | None:
        """Score a version; None if no row of it has a target.

        Args:
            answers: the version's answers, from `answers_in`.
            described: the version.

        Raises:
            UserError: the file cannot be read, lacks a column, or has two targets for one row.
        """
        labels = self._read(described)
        known = answers[answers[ID].isin(labels[ID])]
        self._all.update(labels[ID])
        self._known.update(known[ID])
        self._note("rows whose request id several requests had", int(known[TWICE].sum()))
        known = known[~known[TWICE]]
        if PLACE not in labels:
            if (known[PLACE] > 0).any():
                id = known.loc[known[PLACE] > 0, ID].iloc[0]
                raise UserError(f"{self.path}: has no column {PLACE!r}, and request {id} had several rows")
            labels[PLACE] = 0
        self._check_one_each(labels)
        joined = known.merge(labels, on=AT)
        self._note("rows without a target yet", int(joined[ACTUAL].isna().sum()))
        joined = joined[joined[ACTUAL].notna()].reset_index(drop=True)
        if joined.empty:
            return None
        first, last = (f"{time:%Y-%m-%d %H:%M}" for time in (joined[TIME].min(), joined[TIME].max()))
        predictions = joined.drop(columns=[*AT, TIME, TWICE])
        number = str(described.version.version)
        return Live(number, len(joined), measure(predictions), first, last)

    def skip(self, answers: "pd.DataFrame", why: str) -> None:
        """Leave out the answers of a version."""
        self._note(why, len(answers))
        self._known.update(answers[ID])

    def note_others(self) -> None:
        """Count the requests that were not found, when all versions have been scored."""
        self._note("requests that were not kept", len(self._all - self._known))

    def _read(self, described: Described) -> "pd.DataFrame":
        """Read the file; its column `actual` is the target in the form that the version was trained on."""
        import pandas as pd

        target = self.params.data.target
        with readable(self.path):
            names = columns_in(self.params.data.model_copy(update={"path": self.path}))
        roles = {ID: "text", **({PLACE: "numeric"} if PLACE in names else {})}
        expected = expected_with_target(described, roles, target, self.params.data)
        parts = [
            typed(as_frame(part.select([*roles, target]), data), expected)
            for part, data in read(self.path, expected)
        ]
        if not parts:
            raise UserError(f"{self.path}: has no rows")
        table = pd.concat(parts, ignore_index=True).rename(columns={target: ACTUAL})
        return table[table[ID].notna()].drop_duplicates()

    def _check_one_each(self, labels: "pd.DataFrame") -> None:
        twice = labels[labels.duplicated(AT)]
        if not twice.empty:
            id, place = twice.iloc[0][AT]
            raise UserError(f"{self.path}: request {id} has two targets for its row {place:g}")

    def _note(self, why: str, count: int) -> None:
        if count:
            self.notes[why] = self.notes.get(why, 0) + count


def answers_in(folder: Path, model: str) -> "dict[str, pd.DataFrame]":
    """Read the answers of a model's versions: ids, times and predictions, by the version's number.

    Raises:
        UserError: there are no requests, or none to this model.
    """
    import pandas as pd

    parts = [part.assign(**{VERSION: version}) for version, part in _answers(folder, model)]
    if not parts:
        raise UserError(f"{folder}: has no requests to {model}, the model of params.yaml")
    table = pd.concat(parts, ignore_index=True)
    table[TWICE] = table.duplicated(AT, keep=False)
    by_version = dict(iter(table.groupby(VERSION, sort=False)))
    numbers = sorted(map(str, by_version), key=int)
    # another version may have had other classes
    return {number: by_version[number].drop(columns=VERSION).dropna(axis=1, how="all") for number in numbers}


def _answers(folder: Path, model: str) -> "Iterator[tuple[str, pd.DataFrame]]":
    from pyarrow.parquet import ParquetFile

    for path in files_in(folder):
        with readable(path):
            about: Any = Description.of(path)
            if about is None or about.model != model:
                continue
            with ParquetFile(path) as file:
                names = [
                    name
                    for name in file.schema_arrow.names
                    if name in (*AT, TIME, PREDICTED) or name.startswith(PROBABILITY)
                ]
                yield about.version, file.read(names).to_pandas()
