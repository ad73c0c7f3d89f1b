"""YAML files that people edit: read strictly, with the line of each mistake."""

import difflib
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from .errors import UserError, first_line


def read_yaml(path: Path) -> Any:
    """Read a YAML 1.2 file.

    Raises:
        UserError: it cannot be read, is not valid YAML, or has a key twice; the message names the line.
    """
    try:
        return deepcopy(parsed(path.read_text(encoding="utf-8")))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = str(error.problem).split("\n")[0]
        raise UserError(f"{path}:{line}: not valid YAML: {problem}") from None
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise UserError(f"{path}: cannot be read: {first_line(error)}") from None
    except (ValueError, KeyError) as error:  # such as a date 2026-13-45: ruamel.yaml names no line
        raise UserError(f"{path}: a value cannot be read: {error}; put it in quotes if it is text") from None


def read_block(path: Path) -> dict[str, Any]:
    """Read dvc.yaml or dvc.lock, a block whose `stages` are blocks, too.

    Raises:
        UserError: for the same reasons as `read_yaml` does, or the file holds something else.
    """
    content = read_yaml(path)
    stages = content.get("stages", {}) if isinstance(content, dict) else None
    if not isinstance(stages, dict) or not all(isinstance(stage, dict) for stage in stages.values()):
        raise UserError(f"{path}: is not as DVC writes it; restore it with `git checkout -- {path}`")
    return {**content, "stages": stages}


@lru_cache
def parsed(text: str) -> Any:
    """Parse a text as DVC does, once for each text; the result is shared, so it must not be changed."""
    return YAML(typ="safe").load(text)


def line_of(path: Path, key: tuple[str | int, ...]) -> int:
    """Return the line, counted from 1, of the deepest part of `key` that the file has."""
    node: Any = YAML().load(path.read_text(encoding="utf-8"))
    line = 1
    for part in key:
        try:
            position = node.lc.item if isinstance(part, int) else node.lc.key
            line = position(part)[0] + 1
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line


def nearest(word: str, known: list[str]) -> str:
    """Return a hint which word was probably meant, and which are allowed."""
    close = difflib.get_close_matches(word, known, n=1)
    shown = known[:30] if len(known) <= 30 else [*known[:29], f"and {len(known) - 29} more"]
    return (f"did you mean {close[0]!r}? " if close else "") + f"allowed: {', '.join(shown)}"
