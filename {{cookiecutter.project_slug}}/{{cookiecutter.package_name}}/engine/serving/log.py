"""The server's log: one object of JSON a line on standard error, never with a value of a row."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from ..base.text import masked


def write(event: str, **facts: Any) -> None:
    """Write a line.

    Args:
        event: what happened, in a word.
        facts: what else there is to say; values that JSON does not have are written as text.
    """
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
    sys.stderr.write(masked(json.dumps(line, ensure_ascii=True, default=str)) + "\n")
    sys.stderr.flush()
