"""The server's log: one JSON object a line on standard error, never with a value of a row."""

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from ..base.text import masked


def write(event: str, **facts: Any) -> None:
    """Write a line.

    Args:
        event: what happened, in a word.
        facts: the details; values that JSON does not have are written as text.
    """
    sys.stderr.write(_line(event, **facts) + "\n")
    sys.stderr.flush()


def warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Log one of Python's warnings: where it comes from, but not its text, which may contain a row's value.

    The parameters are those of `warnings.showwarning`.
    """
    write("warning", category=category.__name__, where=f"{Path(filename).name}:{lineno}")


class Formatter(logging.Formatter):
    """Formats what other libraries log as such lines; an exception is named by its type only."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        kind = record.exc_info[0] if record.exc_info else None
        raised = {"error": kind.__name__} if kind else {}
        text = record.getMessage().partition("\n")[0]
        return _line("server", level=record.levelname.lower(), message=text, **raised)


def settings() -> dict[str, Any]:
    """Return how the web server logs, as `logging.config.dictConfig` takes it."""
    handler = {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": Formatter}},
        "handlers": {"stderr": handler},
        "loggers": {"uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
    }


def _line(event: str, **facts: Any) -> str:
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
    return masked(json.dumps(line, ensure_ascii=True, default=str))
