"""A prediction server, as the watcher sees it: which version answers, and what it has counted."""

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from ..base.errors import UserError, kind_and_line
from .counts import Counts

SECONDS = 5.0  # seconds that an answer may take
UNAUTHORIZED = 401
WORKERS = 8  # questions, each on a connection of its own, so that every worker is likely to be asked


@dataclass(frozen=True)
class Source:
    """A server.

    Attributes:
        url: its address.
        token: the token that it requires; empty if it needs none.
    """

    url: str
    token: str = ""

    def version(self) -> str:
        """Return the number of the version that answers; empty if its workers do not agree yet.

        Raises:
            UserError: it does not answer, or has no version.
        """
        numbers = {str(self.model()["version"]) for _ in range(WORKERS)}
        return numbers.pop() if len(numbers) == 1 else ""

    def model(self) -> dict[str, Any]:
        """Return what it says about the version that answers.

        Raises:
            UserError: it does not answer, has no version, or is not a prediction server.
        """
        try:
            about = json.loads(self._ask("/model"))
        except ValueError:
            about = None
        if not isinstance(about, dict) or "version" not in about:
            raise UserError(f"{self.url}: is not a prediction server: its /model names no version")
        return about

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
        except urllib.error.HTTPError as error:
            if error.code == UNAUTHORIZED:
                wrong = "wants another token" if self.token else "wants a token"
                where = "put it into SERVE_TOKEN, or into a file that SERVE_TOKEN_FILE names"
                raise UserError(f"{self.url}: {wrong}: {where}") from None
            raise UserError(f"{self.url}: does not answer: {kind_and_line(error)}") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise UserError(f"{self.url}: does not answer: {kind_and_line(error)}") from None
