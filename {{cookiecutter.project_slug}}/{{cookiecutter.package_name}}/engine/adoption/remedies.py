"""What an error or a doubt says to write into params.yaml, as values: `adopt` writes it, and says so."""

import re
from typing import Any

from ruamel.yaml import YAML

DECLARED = re.compile(
    r"data\.(format|units|date_formats): (\{[^{}]*\})(?:, or (\{[^{}]*\})| \(or ([^)]*): only)?"
)
WORDS = re.compile(r"add ((?:'[^']*'|\"[^\"]*\")(?: and (?:'[^']*'|\"[^\"]*\"))*) to data\.missing")
NAMELESS = re.compile(r"'(Unnamed: \d+)'")
NESTED = re.compile(r"column '(.*)' holds values of the type (.*), which is no cell")
ENDING = re.compile(r"its name has to end with (\.\w+(?:\.gz)?)")


def declared(text: str) -> tuple[str, dict[str, Any], dict[str, Any] | list[str]] | None:
    """Return which key of the block `data` a text names, its values, and what else they might be."""
    match = DECLARED.search(text)
    if match is None:
        return None
    key, first, second, formats = match.groups()
    others = re.findall(r"'([^']*)'", formats) if formats else _parsed(second or "{}")
    return key, _parsed(first), others


def words(text: str) -> list[str]:
    """Return the words that a text wants among `data.missing`."""
    match = WORDS.search(text)
    return [one or other for one, other in re.findall(r"'([^']*)'|\"([^\"]*)\"", match[1])] if match else []


def _parsed(text: str) -> dict[str, Any]:
    values: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return values
