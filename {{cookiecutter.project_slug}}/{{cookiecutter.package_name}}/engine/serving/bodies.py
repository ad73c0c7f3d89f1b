"""The body of a request, read within limits, and the rows in it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import as_csv, as_json

if TYPE_CHECKING:
    from starlette.requests import Request

Records = Sequence[Mapping[str, Any]]
# how many times too long a body may be and still be read to its end: most clients send all before they listen
THROWN_AWAY = 10
UTF8 = ("utf-8", "utf8", "us-ascii")  # the last is a subset of it
FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")  # of MLflow's `/invocations`


class RefusedError(Exception):
    """A request that cannot be answered.

    Attributes:
        status: the HTTP status.
        mistakes: an object for each, with its `message`, and `row` (from 0) and `column` where they are
        known.
    """

    def __init__(self, status: int, *mistakes: Mapping[str, Any] | str) -> None:
        """Take the mistakes as texts, or as texts with their places."""
        super().__init__(status)
        self.status = status
        self.mistakes = [{"message": m} if isinstance(m, str) else dict(m) for m in mistakes]


def check_encoding(headers: Mapping[str, str]) -> None:
    """Check that a body is sent uncompressed and in UTF-8.

    Raises:
        RefusedError: its headers say otherwise.
    """
    if (encoding := headers.get("content-encoding", "identity").strip().lower()) != "identity":
        raise RefusedError(415, f"Content-Encoding {encoding[:40]!r}: send the body as it is")
    _, _, parameters = headers.get("content-type", "").lower().partition(";")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in UTF8:
            raise RefusedError(415, f"charset {value[:40]!r}: send the body in UTF-8")


async def read(request: "Request", most: int, seconds: float) -> bytes:
    """Return the body of a request.

    Args:
        request: the client's request.
        most: the largest number of bytes allowed.
        seconds: the time within which the body has to arrive.

    Raises:
        RefusedError: it is longer (413), or does not arrive in time (408).
    """
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > most * THROWN_AWAY:
        raise _too_long(most)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > most * THROWN_AWAY:
                    break
                if size <= most:
                    parts.append(part)
    except TimeoutError:
        raise RefusedError(408, f"the body did not arrive within {seconds:g} seconds") from None
    if size > most:
        raise _too_long(most)
    return b"".join(parts)


def rows_of(body: bytes, content_type: str) -> Records:
    """Return the rows of a body: JSON (an object, a list of objects, or `{"rows": [...]}`), or CSV.

    Raises:
        RefusedError: it is neither.
    """
    if content_type.partition(";")[0].strip().lower() == "text/csv":
        return _from_csv(body)
    content = _from_json(body)
    if isinstance(content, dict) and isinstance(content.get("rows"), list) and len(content) == 1:
        content = content["rows"]
    return _objects([content] if isinstance(content, dict) else content)


def rows_of_invocation(body: bytes, content_type: str) -> Records:
    """Return the rows of a body in a form that MLflow's `/invocations` takes.

    Raises:
        RefusedError: it has none of MLflow's forms.
    """
    if content_type.partition(";")[0].strip().lower() == "text/csv":
        return _from_csv(body)
    content = _from_json(body, nan=True)
    form = next((name for name in FORMS if isinstance(content, dict) and name in content), None)
    if form is None:
        raise RefusedError(400, f"the body is not an object with one of the keys {', '.join(FORMS)}")
    rows = content[form]
    if form == "dataframe_split":
        return _split(rows)
    if isinstance(rows, dict):  # columns
        lengths = {len(cells) if isinstance(cells, list) else -1 for cells in rows.values()}
        if len(lengths) != 1 or -1 in lengths:
            raise RefusedError(400, f"{form}: the columns are not lists of one length")
        return [dict(zip(rows, cells, strict=True)) for cells in zip(*rows.values(), strict=True)]
    return _objects(rows)


def _too_long(most: int) -> RefusedError:
    return RefusedError(413, f"the body is longer than {most:,} bytes")


def _split(rows: Any) -> Records:
    columns, data = (rows.get("columns"), rows.get("data")) if isinstance(rows, dict) else (None, None)
    if not isinstance(columns, list) or not isinstance(data, list):
        raise RefusedError(400, "dataframe_split: needs `columns` and `data`, both lists")
    names = [str(name) for name in columns]
    if len(set(names)) < len(names):
        raise RefusedError(400, "dataframe_split: two columns have one name")
    if not all(isinstance(row, list) and len(row) == len(names) for row in data):
        raise RefusedError(400, f"dataframe_split: each row of `data` needs {len(names)} cells")
    return [dict(zip(names, row, strict=True)) for row in data]


def _objects(rows: Any) -> Records:
    if not isinstance(rows, list):
        raise RefusedError(422, "the body is neither an object nor a list of objects")
    for place, row in enumerate(rows):
        if not isinstance(row, dict):
            raise RefusedError(422, {"row": place, "message": "is not an object"})
    return rows


def _from_json(body: bytes, nan: bool = False) -> Any:
    try:
        return as_json.parsed(body, nan)
    except ValueError as error:
        raise RefusedError(422, f"the body is not JSON: {str(error).splitlines()[0][:200]}") from None


def _from_csv(body: bytes) -> Records:
    try:
        return as_csv.parsed(body)
    except as_csv.RowError as error:
        raise RefusedError(422, {"row": error.row, "message": str(error)}) from None
    except ValueError as error:
        raise RefusedError(422, f"the body is not CSV: {str(error).splitlines()[0][:200]}") from None
