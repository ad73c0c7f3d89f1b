"""Who does something: the account that the server has authenticated, the login, the host and the CI job."""

import socket
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from ..base import job
from ..base.text import as_utf8
from ..lineage.lineage import user
from .rights import account

if TYPE_CHECKING:
    from mlflow import MlflowClient

JOB = "user.job"  # the tag of a run that a CI job made


@dataclass(frozen=True)
class Who:
    """Who does something.

    Attributes:
        by: the account on the tracking server, which takes a password; if it has no accounts, the login.
        login: the user's name on the computer, which anybody can choose; in CI, who started the job.
        host: the computer's name.
        job: the address of the CI job's page; empty if this is not a CI job.
    """

    by: str
    login: str
    host: str
    job: str

    @classmethod
    def of(cls, client: "MlflowClient") -> "Who":
        """Return who is using a store."""
        known, login = account(client), user()
        return cls(known.name if known else login, login, as_utf8(socket.gethostname()), job.url())

    @property
    def tags(self) -> dict[str, str]:
        """The tags of a run, and of the version that is registered from it."""
        tags = {"user" if name == "by" else f"user.{name}": value for name, value in asdict(self).items()}
        return {name: value for name, value in tags.items() if value}
