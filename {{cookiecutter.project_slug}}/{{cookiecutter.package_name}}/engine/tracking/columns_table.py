"""What a model knows about its columns, as a table for people: the description of its version."""

from typing import Any

from ..base.markdown import code, table
from .columns import FILE

DESCRIPTION = 4_500  # characters; MLflow's databases take 5,000
SHOWN, WIDEST = 8, 40  # categories in a description, and characters of a value


def described(known: dict[str, Any], before: str = "") -> str:
    """Format the content of `known_of` as markdown, for a version's description; as much of it as fits.

    Args:
        known: what the model knows; empty if it does not say.
        before: what the description begins with.
    """
    if not known:
        return before
    target, rows = known["target"], known["rows"]
    summary = ", ".join(filter(None, [target["type"], target.get("unit"), _seen(target)]))
    chosen = ""
    if threshold := known.get("threshold"):
        chosen = f", {_short(threshold['label'])} from a probability of {threshold['value']:.4g} on"
    text = f"{before}\n\n" if before else ""
    text += f"Predicts {_short(target['name'])} ({summary}){chosen}; learned from {rows} rows.\n\n"
    lines = [_line(column, rows) for column in known["inputs"]]
    left = DESCRIPTION - len(text)
    shown = 0
    while shown < len(lines) and (left := left - len(" | ".join(lines[shown])) - 5) > 0:
        shown += 1
    more = f"\n\n… and {len(lines) - shown} more: see `extra_files/{FILE}`." if shown < len(lines) else ""
    return text + table(["column", "type", "unit", "seen", "missing", "example"], lines[:shown]) + more


def _line(column: dict[str, Any], rows: int) -> list[str]:
    unit, example = (_short(column[key]) if key in column else "" for key in ("unit", "example"))
    missing = f"{column['missing']} of {rows}" if column["missing"] else "never"
    return [_short(column["name"]), column["type"], unit, _seen(column), missing, example]


def _seen(column: dict[str, Any]) -> str:
    """Format the range or the categories of a column."""
    if "range" in column:
        return " to ".join(map(_short, column["range"]))
    listed = column.get("categories", [])
    more = len(listed[SHOWN:]) + column.get("more_categories", 0)
    return ", ".join(map(_short, listed[:SHOWN])) + (f" and {more} more" if more else "")


def _short(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return code(text if len(text) <= WIDEST else f"{text[:WIDEST]}…")
