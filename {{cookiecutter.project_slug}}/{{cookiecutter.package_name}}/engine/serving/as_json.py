"""JSON, read and written by pydantic's core, which is several times as quick as Python's own module.

What it reads otherwise (a name that comes twice, NaN) is left to Python's.
"""

import json
from typing import Any

from pydantic_core import from_json, to_json
from starlette.responses import Response

from ..base.text import repeated


class Json(Response):
    """An answer in JSON; a number that is not finite, which JSON does not have, is null."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Write the content."""
        return to_json(content, inf_nan_mode="null")


def parsed(body: bytes, nan: bool = False) -> Any:
    """Parse JSON as RFC 8259 defines it: in UTF-8, with no name twice in an object.

    Args:
        body: the body of a request.
        nan: whether NaN, which is not JSON, counts as a missing value: MLflow's clients send it.

    Raises:
        ValueError: it is not JSON; the first line says where.
    """
    try:
        content = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:  # or NaN; what is wrong is told below
        return _strictly(body, nan)
    # Each pair has a colon. A pair whose name comes twice is lost in a dict; a colon may be in a text, too.
    return content if body.count(b":") == _pairs(content) else _strictly(body, nan)


def _pairs(content: Any) -> int:
    """Count the pairs of an object, of those in it, and of a list of objects; further inside, count none."""
    if isinstance(content, dict):
        inside = (inner for inner in content.values() if isinstance(inner, list | dict))
        return len(content) + sum(map(_pairs, inside))
    return sum(len(row) for row in content if isinstance(row, dict)) if isinstance(content, list) else 0


def _strictly(body: bytes, nan: bool) -> Any:
    def constant(text: str) -> None:
        if not nan or text != "NaN":
            raise ValueError(f"{text} is not a JSON number; a missing value is null")

    content = json.loads(
        body.decode("utf-8"), object_pairs_hook=_object, parse_constant=constant, parse_int=_whole
    )
    if b"\\ud" in body.lower():  # an escape may be half of a character, from which no text can be made
        try:
            json.dumps(content, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError("an escape is half of a character") from None
    return content


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        twice, *_ = repeated(name for name, _ in pairs)
        raise ValueError(f"the name {twice[:40]!r} is twice in one object")
    return content


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # Python has a limit, since a number takes the square of its length
        raise ValueError(f"a number has {len(text):,} digits") from None
