"""The page: the verdict, the columns in a table, and each with both of its distributions."""

import html
from datetime import datetime

from .bins import labels, shown
from .comparison import DRIFT, FEW_ROWS, STABLE, WARNING, Compared
from .result import Result, percent, title, verdict
from .style import STYLE

DRAWN = 300  # columns whose distributions are shown, the most drifted ones
OPEN = 10  # columns whose distributions are not folded up, besides those that have drifted
NAMED = 10  # new categories
CLASSES = {DRIFT: "bad", WARNING: "warn", FEW_ROWS: "warn", STABLE: "good"}
WIDTH, HEIGHT = 220, 9  # of a bar, in pixels


def page(result: Result, names: bool, now: datetime) -> str:
    """Write the page: one file that loads nothing, for a light and a dark screen, and for paper.

    Args:
        result: of the comparison.
        names: whether those of new categories are shown, which stand in the new rows.
        now: when it is made.
    """
    heading = html.escape(f"{result.path.name}: {result.sentence}")
    facts = {
        "new rows": f"{result.rows:,} of {result.path.as_posix()}",
        "reference": f"{result.reference}, {result.reference_rows:,} rows",
        "thresholds": _thresholds(result),
        "made": f"{now:%Y-%m-%d %H:%M}",
        **result.notes,
    }
    drawn = enumerate(result.compared[:DRAWN])
    columns = "\n".join(_column(column, place, names) for place, column in drawn)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{heading}</title>
<style>{STYLE}</style>
<h1><span class="{CLASSES[result.verdict]}">●</span> {heading}</h1>
<dl>{"".join(f"<dt>{html.escape(key)}<dd>{html.escape(value)}" for key, value in facts.items())}</dl>
<table class="columns">
<thead><tr><th>column<th>verdict<th>PSI<th>by chance up to<th>missing %<th>new %</thead>
<tbody>
{"".join(_row(column, place) for place, column in enumerate(result.compared))}</tbody>
</table>
<p class="key"><span class="was">■</span> reference <span class="now">■</span> new rows</p>
{columns}
</html>
"""


def _thresholds(result: Result) -> str:
    rules = result.rules.model_dump(exclude={"ignore"})
    return ", ".join(f"{name} {'off' if value is None else value}" for name, value in rules.items())


def _row(column: Compared, place: int) -> str:
    was, now = percent(column.missing_was), percent(column.missing)
    cells = [
        "" if column.psi is None else f"{column.psi:.3f}",
        "" if column.psi is None else f"{column.chance:.3f}",
        now if was == now else f"{was} → {now}",
        "" if column.new is None else percent(column.new),
    ]
    link = f' href="#c{place}"' if place < DRAWN else ""
    name, numbers = html.escape(title(column)), "".join(f'<td class="number">{cell}' for cell in cells)
    return f"<tr><td><a{link}>{name}</a><td>{_badge(column)}{numbers}\n"


def _badge(column: Compared) -> str:
    kind = CLASSES[column.verdict] if column.decides and not column.before.moves_on else ""
    return f'<span class="badge {kind}">{html.escape(verdict(column))}</span>'


def _column(column: Compared, place: int, names: bool) -> str:
    """Write the part of a column: its distributions, side by side."""
    unfolded = " open" if place < OPEN or column.verdict == DRIFT else ""
    unit = f" in {html.escape(column.before.unit)}" if column.before.unit else ""
    role = "characters" if column.before.role == "text" else column.before.role
    return f"""<details id="c{place}"{unfolded}>
<summary><h2>{html.escape(title(column))}</h2> {_badge(column)}</summary>
<p>{role}{unit}; {_missing(column)}{_new(column, names)}</p>
{_distributions(column)}
</details>"""


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
    listed = [f"<code>{html.escape(shown(name))}</code> {count:,}" for name, count in new.most_common(NAMED)]
    return f"{text}: {', '.join(listed)}{', …' if len(new) > NAMED else ''}"


def _distributions(column: Compared) -> str:
    """Draw both distributions, a row for each bin; one that is empty on both sides is left out."""
    reference = column.before.reference
    if reference is None:
        return "<p>There was no value to compare with.</p>"
    bins = column.counts.bins
    old, new = reference.rows, int(bins.sum())
    rows = [
        (label, was / old, now / new if new else 0.0, int(was), int(now))
        for label, was, now in zip(labels(reference), reference.counts, bins, strict=True)
        if was or now
    ]
    widest = max(max(was, now) for _, was, now, _, _ in rows)
    lines = [
        f"<tr><td>{html.escape(label)}<td>{_bars(was / widest, now / widest)}"
        f'<td class="number">{percent(was)} %<td class="number">{percent(now)} %<td class="number">{count:,}'
        for label, was, now, _, count in rows
    ]
    head = "<thead><tr><th><th><th>was<th>is<th>rows</thead>"
    return f'<table class="bins">{head}<tbody>\n' + "\n".join(lines) + "</tbody></table>"


def _bars(was: float, now: float) -> str:
    """Draw two bars, one below the other; each of 1 is as wide as there is room."""
    widths = [max(share * WIDTH, 1.0 if share else 0.0) for share in (was, now)]
    bars = "".join(
        f'<rect class="{kind}" y="{at}" height="{HEIGHT}" width="{width:.1f}"/>'
        for kind, at, width in zip(("was", "now"), (0, HEIGHT + 1), widths, strict=True)
    )
    return f'<svg width="{WIDTH}" height="{2 * HEIGHT + 1}" aria-hidden="true">{bars}</svg>'
