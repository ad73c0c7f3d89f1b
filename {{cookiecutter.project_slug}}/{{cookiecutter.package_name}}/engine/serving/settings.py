"""What the server is told when it starts; its workers read it from the environment."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

VARIABLE = "SERVE_SETTINGS"  # the settings, for the workers
CLIENTS = "SERVE_TOKEN"  # the variable with what a client has to send; empty: nothing


@dataclass(frozen=True)
class Settings:
    """How the server answers.

    Attributes:
        name: of the registered model.
        model: a version's number, or an alias such as `@champion`, which is watched.
        poll: seconds between two looks at the alias.
        max_rows: in one request.
        max_bytes: of a request's body.
        body_seconds: within which a body has to arrive.
        terse: whether answers to mistakes keep the names of columns to themselves.
        requests: the folder in which requests are kept; empty: they are not.
        sample: the share of them that is kept.
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
        """Put them into the environment, for the workers."""
        os.environ[VARIABLE] = json.dumps(asdict(self))

    @classmethod
    def shared(cls) -> "Settings":
        """Read what `share` has put there."""
        return cls(**json.loads(os.environ[VARIABLE]))


def token() -> str:
    """Return the token that clients have to send, without white space round it; empty if they need none."""
    return os.environ.get(CLIENTS, "").strip()
