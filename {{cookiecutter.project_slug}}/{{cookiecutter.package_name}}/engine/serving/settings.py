"""The server's settings; its workers read them from the environment."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from ..base.errors import UserError, kind_and_line

VARIABLE = "SERVE_SETTINGS"  # the settings, for the workers
CLIENTS = "SERVE_TOKEN"  # the variable with the token that clients have to send; empty if they need none
CLIENTS_FILE = "SERVE_TOKEN_FILE"  # the variable with the path of a file that contains the token


@dataclass(frozen=True)
class Settings:
    """How the server answers.

    Attributes:
        name: the registered model's name.
        model: a version's number, or an alias such as `@champion`, which is watched.
        poll: seconds between two checks of the alias.
        max_rows: the most rows in one request.
        max_bytes: the most bytes of a request's body.
        body_seconds: the seconds within which a body has to arrive.
        terse: whether messages leave out the names of columns.
        requests: the folder in which requests are kept; empty if they are not kept.
        sample: the share of the requests that is kept.
        private: columns that are not kept.
    """

    name: str
    model: str
    poll: float = 5.0
    max_rows: int = 10_000
    max_bytes: int = 16_000_000
    body_seconds: float = 30.0
    terse: bool = False
    requests: str = ""
    sample: float = 1.0
    private: Sequence[str] = ()

    def share(self) -> None:
        """Put the settings into the environment, for the workers."""
        os.environ[VARIABLE] = json.dumps(asdict(self))

    @classmethod
    def shared(cls) -> "Settings":
        """Read the settings that `share` put there."""
        return cls(**json.loads(os.environ[VARIABLE]))


def token() -> str:
    """Return the token that clients have to send, without white space around it; empty if they need none.

    Raises:
        UserError: it is in a file that cannot be read, or is empty.
    """
    return os.environ.get(CLIENTS, "").strip() or _in_file(os.environ.get(CLIENTS_FILE, ""))


@lru_cache(maxsize=1)
def _in_file(path: str) -> str:
    """Read a token from a file, once; an empty path means that there is none."""
    if not path:
        return ""
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{CLIENTS_FILE}: {path}: cannot be read: {kind_and_line(error)}") from None
    if not text:
        raise UserError(f"{CLIENTS_FILE}: {path}: is empty: write the token there")
    return text
