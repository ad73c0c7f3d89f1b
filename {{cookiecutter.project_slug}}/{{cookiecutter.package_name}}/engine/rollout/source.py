"""A server of predictions, as the watcher sees it: which version answers, and what it has counted."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass

from ..base.errors import UserError, kind_and_line
from .counts import Counts

SECONDS = 5.0  # that an answer may take
WORKERS = 8  # questions, each on a connection of its own, so that every worker is likely to be asked


@dataclass(frozen=True)
class Source:
    """A server.

    Attributes:
        url: its address.
        token: that it wants; empty: none.
    """

    url: str
    token: str = ""

    def version(self) -> str:
        """Return the number of the version that answers; empty if its workers do not agree yet.

        Raises:
            UserError: it does not answer, or has no version.
        """
        numbers = {str(json.loads(self._ask("/model"))["version"]) for _ in range(WORKERS)}
        return numbers.pop() if len(numbers) == 1 else ""

    def counts(self, version: str) -> Counts:
        """Return what it has counted since its start for a version.

        Raises:
            UserError: it does not answer.
        """
        return Counts.parse(self._ask("/metrics"), version)

    def _ask(self, route: str) -> str:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        request = urllib.request.Request(f"{self.url.rstrip('/')}{route}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return str(answer.read().decode())
        except (OSError, ValueError) as error:
            raise UserError(f"{self.url}: does not answer: {kind_and_line(error)}") from None
