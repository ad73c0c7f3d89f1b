"""The page: the verdict, the columns in a table, and each with both of its distributions."""

from datetime import datetime

from ..pages.charts import key, two_bars
from ..pages.parts import (
    BAD,
    GOOD,
    PLAIN,
    WARN,
    badge,
    code,
    details,
    facts,
    heading,
    join,
    link,
    paragraph,
    table,
)
from ..pages.parts import page as html_page
from .bins import labels, shown
from .column import DRIFT, FEW_ROWS, STABLE, WARNING, Compared
from .result import Result, percent, title, verdict

DRAWN = 300  # columns whose distributions are shown, the most drifted ones
OPEN = 10  # columns whose distributions are not folded up, besides those that have drifted
NAMED = 10  # new categories that are named
TONES = {DRIFT: BAD, WARNING: WARN, FEW_ROWS: WARN, STABLE: GOOD}
HEAD = ("column", "verdict", "PSI", "by chance up to", "missing %", "new %")


def page(result: Result, names: bool, now: datetime) -> str:
    """Render the page: one file that loads nothing, for a light and a dark screen, and for paper.

    Args:
        result: the comparison's result.
        names: whether to show the names of new categories, which are values of the new rows.
        now: when the page is made.
    """
    said = f"{result.path.name}: {result.sentence}"
    values = {
        "new rows": f"{result.rows:,} of {result.path.as_posix()}",
        "reference": f"{result.reference}, {result.reference_rows:,} rows",
        "thresholds": _thresholds(result),
        "made": f"{now:%Y-%m-%d %H:%M}",
        **result.notes,
    }
    rows = [_row(column, place) for place, column in enumerate(result.compared)]
    drawn = enumerate(result.compared[:DRAWN])
    return html_page(
        said,
        heading(said, TONES[result.verdict]),
        facts(values),
        table(HEAD, rows, numbers=range(2, len(HEAD)), style="cards"),
        key("reference", "new rows"),
        *(_column(column, place, names) for place, column in drawn),
    )


def _thresholds(result: Result) -> str:
    rules = result.rules.model_dump(exclude={"ignore"})
    return ", ".join(f"{name} {'off' if value is None else value}" for name, value in rules.items())


def _row(column: Compared, place: int) -> list[str]:
    was, now = percent(column.missing_was), percent(column.missing)
    name = title(column)
    return [
        link(name, f"c{place}") if place < DRAWN else name,
        _badge(column),
        "" if column.psi is None else f"{column.psi:.3f}",
        "" if column.psi is None else f"{column.chance:.3f}",
        now if was == now else f"{was} → {now}",
        "" if column.new is None else percent(column.new),
    ]


def _badge(column: Compared) -> str:
    tone = TONES[column.verdict] if column.decides and not column.before.moves_on else PLAIN
    return badge(verdict(column), tone)


def _column(column: Compared, place: int, names: bool) -> str:
    """Render the part of a column: its distributions side by side."""
    unit = f" in {column.before.unit}" if column.before.unit else ""
    role = "characters" if column.before.role == "text" else column.before.role
    return details(
        title(column),
        paragraph(f"{role}{unit}; {_missing(column)}", _new(column, names)),
        _distributions(column),
        beside=_badge(column),
        anchor=f"c{place}",
        opened=place < OPEN or column.verdict == DRIFT,
    )


def _missing(column: Compared) -> str:
    counts, before = column.counts, column.before
    return (
        f"missing: {counts.missing:,} of {counts.rows:,} ({percent(column.missing)} %), "
        f"before {before.missing:,} of {before.rows:,} ({percent(column.missing_was)} %)"
    )


def _new(column: Compared, names: bool) -> str:
    """Say which categories are new."""
    if not column.counts.new_rows:
        return ""
    new = column.counts.new
    several = f"{len(new):,} new categories" if len(new) > 1 else "a new category"
    text = f"; {several} in {column.counts.new_rows:,} rows"
    if column.expected_new:
        text += f" ({percent(column.expected_new)} % of the rows were to be expected)"
    if not names:
        return text
    listed = [join([code(shown(name)), f" {count:,}"]) for name, count in new.most_common(NAMED)]
    return join([f"{text}: ", join(listed, ", "), ", …" if len(new) > NAMED else ""])


def _distributions(column: Compared) -> str:
    """Draw both distributions, a row for each bin; one that is empty on both sides is left out."""
    reference = column.before.reference
    if reference is None:
        return paragraph("There was no value to compare with.")
    bins = column.counts.bins
    old, new = reference.rows, int(bins.sum())
    rows = [
        (label, was / old, now / new if new else 0.0, int(now))
        for label, was, now in zip(labels(reference), reference.counts, bins, strict=True)
        if was or now
    ]
    widest = max(max(was, now) for _, was, now, _ in rows)
    cells = [
        [label, two_bars(was / widest, now / widest), f"{percent(was)} %", f"{percent(now)} %", f"{count:,}"]
        for label, was, now, count in rows
    ]
    return table(["", "", "was", "is", "rows"], cells, numbers=(2, 3, 4), style="bins")
