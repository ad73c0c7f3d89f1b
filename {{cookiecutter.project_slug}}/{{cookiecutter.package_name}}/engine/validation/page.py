"""The page of a validation: what was checked, what failed, what each column is, and what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..pages import parts
from ..pages.parts import badge, code, cut, join, paragraph, section, small, table
from ..table.roles import Role, alike
from .changes import changes
from .columns import columns
from .profile import Profile
from .result import MISSING, Result

NAME = 60  # characters of a column's name
TONES = {"critical": parts.BAD, "warning": parts.WARN, "info": parts.PLAIN}


@dataclass(frozen=True)
class Checked:
    """A table, and what came out.

    Attributes:
        path: the table's path.
        md5: its file's md5.
        results: one for each rule.
        roles: one for each column, in the table's order.
        profiles: the profiles of the same columns.
        before: what `changes.to_keep` has under `before`.
        facts: what else there is to say of the table, each by its name.
    """

    path: str
    md5: str
    results: Sequence[Result]
    roles: Sequence[Role] = ()
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    before: Mapping[str, Any] | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return next((profile.rows for profile in self.profiles.values()), 0)

    @property
    def doubts(self) -> list[Role]:
        """The columns that are in doubt."""
        return [role for role in self.roles if role.doubt]


def page(checked: Checked, values: bool, made: Mapping[str, str] | None = None) -> str:
    """Write a page that needs nothing else, neither network nor files.

    Args:
        checked: what is on it.
        values: whether cells are shown; else only their numbers.
        made: when and by which run, each by its name. The page that DVC keeps lacks it: the same data have
            the same page.
    """
    results = [result if values else result.without_values() for result in checked.results]
    failed = sorted((r for r in results if not r.passed), key=lambda result: [*TONES].index(result.severity))
    name = checked.path.rpartition("/")[2]
    text, tone = _verdict(results, len(checked.doubts))
    facts = {
        "table": checked.path,
        "size": f"{checked.rows:,} rows, {len(checked.profiles):,} columns",
        "md5": checked.md5,
        **checked.facts,
        **(made or {}),
    }
    return parts.page(
        f"{name}: validation",
        parts.heading(f"{name}: validation"),
        parts.verdict(text, tone),
        parts.facts(facts),
        *([section("Failed", _failures(failed))] if failed else []),
        *([section("In doubt", _doubts(checked.doubts))] if checked.doubts else []),
        *_changes(checked, values),
        section("Columns", columns(checked.roles, checked.profiles, values)) if checked.profiles else "",
        _passed([result for result in results if result.passed]),
    )


def _verdict(results: Sequence[Result], doubts: int) -> tuple[str, str]:
    """Say in a sentence what came out, and how that is meant."""
    failed = [result.severity for result in results if not result.passed]
    hold = f"{len(results) - len(failed)} of {len(results)} expectations hold"
    doubtful = f"; {_count(doubts, 'column')} in doubt" if doubts else ""
    if critical := failed.count("critical"):
        said = f"This data stops the pipeline: {_count(critical, 'critical rule')} failed. {hold}{doubtful}."
        return said, parts.BAD
    if warnings := failed.count("warning"):
        return f"The pipeline goes on, with {_count(warnings, 'warning')}. {hold}{doubtful}.", parts.WARN
    return f"{hold}{doubtful}.", parts.WARN if doubts else parts.GOOD


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def _failures(failed: Sequence[Result]) -> str:
    rows = [
        [badge(result.severity, TONES[result.severity]), *_names(result), _share(result), _found(result)]
        for result in failed
    ]
    return table(["severity", "column", "rule", "rows that fail", "which"], rows, numbers=[3], style="cards")


def _names(result: Result) -> tuple[str, str]:
    return cut(result.column or "table", NAME), cut(result.rule)


def _share(result: Result) -> str:
    if not result.rows:
        return ""
    return join([f"{result.failed:,} ", small(f"of {result.total:,} ({_percent(result)} %)")])


def _percent(result: Result) -> str:
    share = 100 * result.failed / result.total if result.total else 0.0
    return f"{share:.2g}" if share < 1 else f"{share:.3g}"


def _found(result: Result) -> str:
    """List the rows that fail, each with its value; or say what the table has instead."""
    if not result.rows:
        return cut(result.note or result.observed or "does not hold")
    more = f" and {result.failed - len(result.rows):,} more" if result.failed > len(result.rows) else ""
    if not result.values or set(result.values) == {MISSING}:
        named = (
            f"rows {', '.join(map(str, result.rows))}" if len(result.rows) > 1 else f"row {result.rows[0]}"
        )
        return f"{named}{more}"
    pairs = zip(result.rows, result.values, strict=True)
    return join([join([join([f"row {row}: ", code(value)]) for row, value in pairs], ", "), more])


def _doubts(doubtful: Sequence[Role]) -> str:
    """List the doubts, each with its columns."""
    rows = [[cut(", ".join(names), 1000), role, doubt] for role, doubt, names in alike(doubtful)]
    return table(["column", "taken as", "doubt, and what to do"], rows, style="cards")


def _changes(checked: Checked, values: bool) -> list[str]:
    """Say what changed since the data that were validated before; nothing, if there were none."""
    was = checked.before
    if was is None:
        return []
    rows = checked.rows - int(was["rows"])
    size = "as many rows" if rows == 0 else f"{_count(abs(rows), 'row')} {'more' if rows > 0 else 'fewer'}"
    against = f"Compared with the table of md5 {was['md5'][:8]}, of {was['rows']:,} rows: {size}"
    said = changes(was, checked.profiles, values)
    if not said:
        return [
            section("Changed since the last validated data", paragraph(f"{against}, and no column changed."))
        ]
    lines = [[cut(name, NAME), cut("; ".join(found))] for name, found in said.items()]
    return [
        section(
            "Changed since the last validated data",
            paragraph(f"{against}; {_count(len(said), 'column')} changed."),
            table(["column", "what changed"], lines, style="cards"),
        )
    ]


def _passed(results: Sequence[Result]) -> str:
    if not results:
        return ""
    rows = [[*_names(result), badge(result.severity)] for result in results]
    rules = table(["column", "rule", "severity"], rows, style="cards")
    return parts.details(f"{_count(len(results), 'rule')} that hold", rules)
