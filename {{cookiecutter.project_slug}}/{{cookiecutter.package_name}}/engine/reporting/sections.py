"""The sections of the report, as markdown."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .. import project
from ..base.markdown import code, table
from .revision import Results

GOOD, BAD, NEITHER = "🟢", "🔴", "⚪"  # neither: unchanged, or no direction is better
PASSED, FAILED, UNCLEAR = "✅", "❌", "❔"  # unclear: could not be compared
MARKS = {False: FAILED, None: UNCLEAR, True: PASSED}  # in the order in which they are shown
NONE = "-"
MOST = 50  # rows of a table


def metrics(base: Results, now: Results, primary: str) -> str:
    """Compare each metric; the primary one comes first."""
    names = list(dict.fromkeys([primary, *now.metrics, *base.metrics]))
    rows = []
    for name in names:
        was, is_now = base.metrics.get(name), now.metrics.get(name)
        if was is None and is_now is None:
            continue
        title = f"**{code(name)}**" if name == primary else code(name)
        rows.append([title, _number(was), _number(is_now), change(name, was, is_now)])
    return table(["metric", "base", "now", "change"], rows) if rows else "Nothing has been evaluated yet."


def change(name: str, was: float | None, now: float | None) -> str:
    """Describe how a metric changed: up or down, better or worse, and by how much.

    A time is neither better nor worse, since it may come from another machine.

    Args:
        name: the metric's name.
        was: its value in the base; None if it was not measured.
        now: its current value; None if it was not measured.
    """
    if was is None or now is None:
        return "new" if now is not None else "gone"
    if math.isclose(was, now, rel_tol=1e-9, abs_tol=1e-12):
        return f"{NEITHER} same"
    arrow, greater = ("▲", True) if now > was else ("▼", False)
    better = project.greater_is_better()
    mark = NEITHER if name not in better else GOOD if better[name] == greater else BAD
    return f"{mark} {arrow} {now - was:+.4g}"


def params(base: Results, now: Results) -> str:
    """List the parameters whose values differ."""
    names = sorted({*base.params, *now.params})
    changed = [name for name in names if base.params.get(name) != now.params.get(name)]
    rows = [[code(name), *(_value(side.params.get(name)) for side in (base, now))] for name in changed]
    return _cut(["parameter", "base", "now"], rows, "in params.yaml") if rows else "None."


def data(base: Results, now: Results) -> str:
    """Compare the raw table and the results of its validation."""
    rows = []
    for name in ("path", "md5", "size"):
        rows.append([name, *(_count(side.data[name] or None) for side in (base, now))])
    for name in ("rows", "columns", "expectations", "failed_critical", "failed_warning", "failed_info"):
        sides = [side.validation.get(name) for side in (base, now)]
        rows.append([name.replace("_", ", "), *map(_count, sides)])
    same = all(was == is_now for _, was, is_now in rows)
    unchanged = "The same as in the base.\n\n" if same else ""
    failed = [
        f"- {code(rule.get('column') or 'table')}: {code(rule.get('rule'))} ({code(rule.get('severity'))})"
        for rule in now.validation.get("failed", [])[:MOST]
    ]
    failures = "\n\nExpectations that failed:\n\n" + "\n".join(failed) if failed else ""
    return unchanged + table(["", "base", "now"], rows) + failures


def gates(judged: Sequence[Mapping[str, Any]]) -> str:
    """List every gate with its verdict, failed ones first; explain the verdict `not comparable`."""
    rows = [
        [mark, *(code(gate[name]) for name in ("name", "wanted", "got"))]
        for passed, mark in MARKS.items()
        for gate in judged
        if gate["passed"] is passed
    ]
    if not rows:
        return "params.yaml has none."
    unclear = f"\n\n{UNCLEAR} not comparable: the model is registered; only `promote --force` promotes it."
    return table(["", "gate", "wanted", "got"], rows) + unclear * any(row[0] == UNCLEAR for row in rows)


def groups(base: Results, now: Results, names: Sequence[str]) -> str:
    """Compare the metrics with these names in each group."""
    rows = []
    for key in dict.fromkeys([*now.groups, *base.groups]):
        was, is_now = base.groups.get(key, {}), now.groups.get(key, {})
        cells = [_in_group(name, was, is_now) for name in names]
        rows.append([code(key[0]), code(key[1]), _count(is_now.get("rows")), *cells])
    head = ["column", "group", "rows", *map(code, names)]
    return _cut(head, rows, "in reports/groups.csv") if rows else "params.yaml names no groups to compare."


def _in_group(name: str, was: Mapping[str, str], now: Mapping[str, str]) -> str:
    before, after = (float(side[name]) if side.get(name) else None for side in (was, now))
    if after is None:
        return NONE
    return _number(after) if before is None else f"{_number(after)} {change(name, before, after)}"


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.4g}"


def _count(value: object) -> str:
    return NONE if value is None else str(value) if str(value).isdecimal() else code(value)


def _value(value: str | None) -> str:
    return NONE if value is None else code(value)


def _cut(head: Sequence[str], rows: Sequence[Sequence[str]], where: str) -> str:
    """Format the first rows of a table, and say where the others are."""
    more = f"\n\n… and {len(rows) - MOST} more {where}." if len(rows) > MOST else ""
    return table(head, rows[:MOST]) + more
