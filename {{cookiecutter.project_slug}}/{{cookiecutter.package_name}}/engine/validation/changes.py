"""What has changed since the data that was validated before.

What is known about that data is in reports/validation.json, which git tracks. So this file holds no value of
the data: a range, and each category, is replaced by a digest that identifies it.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..pages.parts import cut
from .profile import Profile

DIGITS = 6  # digits of a digest
LONGEST = 40  # characters of a category that are shown
NAMED = 5  # new categories that are named
DESCRIBED, BEFORE = "described", "before"  # keys in validation.json
MISSING = 0.005  # a share of rows: a smaller change of the missing ones is ignored
DISTINCT = 0.1  # a share of the different values: if there are very many, a smaller change is ignored


def last(path: Path) -> dict[str, Any]:
    """Return what the last validation wrote; empty if it is not there or is not JSON."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def to_keep(last: Mapping[str, Any], md5: str, profiles: Mapping[str, Profile]) -> dict[str, Any]:
    """Describe a table for a later comparison, and the one before it: the content of validation.json.

    Args:
        last: the result of `last`.
        md5: the md5 of the table's file.
        profiles: the profiles of its columns.
    """
    rows = next((profile.rows for profile in profiles.values()), 0)
    columns = {name: _line(column) for name, column in profiles.items()}
    now = {"md5": md5, "rows": rows, "columns": columns}
    return {DESCRIBED: now, BEFORE: _before(last, now)}


def _before(last: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return how the columns that differ were in the data before; None if nothing is known about it.

    If the same data is validated again, the answer is the same as then.
    """
    described = last.get(DESCRIBED)
    if not isinstance(described, dict) or not isinstance(described.get("columns"), dict):
        return None
    if described.get("md5") == now["md5"]:
        return last.get(BEFORE)
    was, columns = described["columns"], now["columns"]
    return {
        "md5": described["md5"],
        "rows": described["rows"],
        "columns": {name: line for name, line in was.items() if columns.get(name) != line},
        "new": [name for name in columns if name not in was],
    }


def changes(was: Mapping[str, Any], profiles: Mapping[str, Profile], values: bool) -> dict[str, list[str]]:
    """Say what changed in each column; unchanged columns are not named.

    Args:
        was: what `to_keep` has under `before`.
        profiles: the profiles of the current columns.
        values: whether values may be named.
    """
    said: dict[str, list[str]] = {name: ["is new"] for name in was["new"] if name in profiles}
    for name, line in was["columns"].items():
        found = _compare(line, profiles[name], was["rows"], values) if name in profiles else ["is gone"]
        if found:
            said[name] = found
    return said


def _line(profile: Profile) -> str:
    known = "".join(_digest(value) for value in sorted(profile.categories))
    span = f"{profile.low} to {profile.high}"
    return f"{profile.missing} {profile.distinct} {_digest(span) if profile.low else '-'} {known or '-'}"


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(errors="surrogatepass")).hexdigest()[:DIGITS]


def _compare(line: str, now: Profile, rows: int, values: bool) -> list[str]:
    missing, distinct, span, known = line.split(" ")
    share = int(missing) / rows if rows else 0.0
    said = []
    if abs(share - now.share) >= MISSING or (share == 0) != (now.share == 0):
        said.append(f"missing: {100 * share:.3g} % → {100 * now.share:.3g} %")
    if now.low and span not in ("-", _line(now).split(" ")[2]):
        said.append(f"another range: now {now.low} to {now.high}" if values else "another range")
    if now.categories and known != "-":
        said += _categories({known[i : i + DIGITS] for i in range(0, len(known), DIGITS)}, now, values)
    elif abs(now.distinct - int(distinct)) > DISTINCT * int(distinct) and not now.low:
        said.append(f"different values: {int(distinct):,} → {now.distinct:,}")
    return said


def _categories(known: set[str], now: Profile, values: bool) -> list[str]:
    new = {value: count for value, count in now.categories.items() if _digest(value) not in known}
    gone = len(known - {_digest(value) for value in now.categories})
    said = []
    if new:
        rows, several = sum(new.values()), "a new category" if len(new) == 1 else f"{len(new)} new categories"
        counted = f"{several} in {rows:,} {'row' if rows == 1 else 'rows'}"
        said.append(f"{counted}: {_named([*new])}" if values else counted)
    if gone:
        said.append("a category is gone" if gone == 1 else f"{gone} categories are gone")
    return said


def _named(categories: list[str]) -> str:
    named = ", ".join(cut(value, LONGEST) for value in categories[:NAMED])
    return f"{named}, …" if len(categories) > NAMED else named
