"""Setting values in the text of params.yaml: every other character stays, including comments and quotes."""

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode

from ..base.errors import UserError
from ..base.files import write
from ..base.paths import PARAMS
from ..base.yaml import read_yaml
from .space import Key, with_values


def write_values(content: dict[str, Any], values: Mapping[Key, Any], dry_run: bool) -> str:
    """Write values into params.yaml, and check that it then has exactly these values.

    Args:
        content: the content of params.yaml when the search began.
        values: the values by their paths of keys.
        dry_run: whether to write nothing.

    Returns:
        The changes, as a unified diff.

    Raises:
        UserError: params.yaml was edited meanwhile, or is written in a way that this module cannot change;
            lists the values to put in by hand.
    """
    by_hand = ", ".join(f"{'.'.join(path)}: {_formatted(value)}" for path, value in values.items())
    if repr(read_yaml(PARAMS)) != repr(content):
        raise UserError(f"{PARAMS}: was edited during the search, so put this in by hand: {by_hand}")
    old = PARAMS.read_bytes().decode("utf-8")  # bytes, to keep the line endings
    changed = {
        path: value for path, value in values.items() if with_values(content, {path: value}) != content
    }
    new = rewritten(old, changed)
    if repr(YAML(typ="safe", pure=True).load(new)) != repr(with_values(content, changed)):
        raise UserError(
            f"{PARAMS}: cannot be changed without changing more, so put this in by hand: {by_hand}"
        )
    if not dry_run:
        write(PARAMS, lambda path: path.write_bytes(new.encode("utf-8")))
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), str(PARAMS), str(PARAMS), lineterm="")
    return "".join(f"{line}\n" for line in lines)


def rewritten(text: str, values: Mapping[Key, Any]) -> str:
    """Set values in the text of a YAML file.

    Args:
        text: the file's text, a mapping.
        values: the values by their paths of keys; a missing key is added at the end of its block.
    """
    for path, value in values.items():
        text = _set(text, path, value)
    return text


def _set(text: str, path: Key, value: Any) -> str:
    """Set one value. The text is parsed again for each value, since setting one moves what comes after it."""
    node: Any = YAML(typ="safe", pure=True).compose(text)
    for depth, part in enumerate(path):
        rest = _nested(path[depth + 1 :], value)
        pair = next((pair for pair in node.value if pair[0].value == part), None)
        if pair is None:
            return _insert(text, node, part, rest)
        key, node = pair
        if depth == len(path) - 1 or not isinstance(node, MappingNode):
            return _replace(text, key, node, rest)
    return text


def _replace(text: str, key: Any, old: Any, value: Any) -> str:
    """Replace a value."""
    if _is_empty(old):
        colon = text.index(":", key.end_mark.index) + 1
        return f"{text[:colon]} {_formatted(value)}{text[colon:]}"
    if not isinstance(old, ScalarNode) and not old.flow_style:
        return _replace_block(text, key, old, value)
    quote = old.style if isinstance(old, ScalarNode) and isinstance(value, str) else None
    return text[: old.start_mark.index] + _formatted(value, quote) + text[_end(text, old) :]


def _replace_block(text: str, key: Any, old: Any, value: Any) -> str:
    """Replace a list or a block of several lines by another one, or by a value that stands in one line."""
    start = text.rindex("\n", 0, old.start_mark.index) + 1
    end = text.find("\n", _end(text, old)) + 1 or len(text)
    colon = text.index(":", key.end_mark.index) + 1
    if not value or not isinstance(value, dict | list):
        return f"{text[:colon]} {_formatted(value)}{text[colon:start]}{text[end:]}"
    indent, newline = " " * old.start_mark.column, "\r\n" if "\r\n" in text else "\n"
    pairs = value.items() if isinstance(value, dict) else ()
    entries = [f"{_formatted(name)}: {_formatted(item)}" for name, item in pairs] or [
        f"- {_formatted(item)}" for item in value
    ]
    return text[:start] + "".join(f"{indent}{entry}{newline}" for entry in entries) + text[end:]


def _insert(text: str, block: Any, name: str, value: Any) -> str:
    """Add a key at the end of a block."""
    entry = f"{_formatted(name)}: {_formatted(value)}"
    if block.flow_style:
        end = (
            _end(text, block.value[-1][1], block.value[-1][0]) if block.value else block.start_mark.index + 1
        )
        return f"{text[:end]}{', ' if block.value else ''}{entry}{text[end:]}"
    newline = "\r\n" if "\r\n" in text else "\n"
    end = _end(text, block)
    if text[end - 1] != "\n":  # the rest of the last line is a comment, if anything
        end = text.find("\n", end) + 1 or len(text)
    start = "" if text[end - 1] == "\n" else newline
    indent = " " * block.value[0][0].start_mark.column
    return f"{text[:end]}{start}{indent}{entry}{newline}{text[end:]}"


def _end(text: str, node: Any, key: Any = None) -> int:
    """Return where a node's own text ends: ruamel's end mark of a block is where the next block begins."""
    if key is not None and _is_empty(node):
        return text.index(":", key.end_mark.index) + 1
    if isinstance(node, ScalarNode) or node.flow_style:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(text, last[1], last[0]) if isinstance(node, MappingNode) else _end(text, last)


def _is_empty(node: Any) -> bool:
    return bool(node.start_mark.index == node.end_mark.index)


def _nested(path: Key, value: Any) -> Any:
    for part in reversed(path):
        value = {part: value}
    return value


def _formatted(value: Any, quote: str | None = None) -> str:
    """Format a value in a line.

    Args:
        value: for params.yaml.
        quote: the quote of the text that it replaces; None: none, or no text.
    """
    if isinstance(value, float):
        return re.sub(r"^(-?\d+)e", r"\1.0e", repr(value))  # 1e-05 is text in YAML 1.1
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{_formatted(name)}: {_formatted(item)}" for name, item in value.items()) + "}"
        )
    if isinstance(value, list):
        return f"[{', '.join(map(_formatted, value))}]"
    if not isinstance(value, str):
        return json.dumps(value)
    if quote == "'":
        return "'" + value.replace("'", "''") + "'"
    is_word = re.fullmatch(r"[A-Za-z_][\w.]*(?:[/-][\w.]+)*", value)
    plain = is_word and YAML(typ="safe", pure=True).load(value) == value
    return value if plain and quote is None else json.dumps(value, ensure_ascii=False)
