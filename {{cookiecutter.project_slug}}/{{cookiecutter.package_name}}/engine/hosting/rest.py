"""A REST API, used politely: a limit is waited for, a refusal is one line that says what is missing."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError

if TYPE_CHECKING:
    import requests

SECONDS = 30  # for an answer
ATTEMPTS, LONGEST_WAIT = 4, 60  # seconds; who is to wait longer is told
PER_PAGE = 100


@dataclass(frozen=True)
class Api:
    """An API.

    Attributes:
        url: that all paths begin with.
        headers: with the token.
        needs: what a token must be allowed, for the message when it is not.
    """

    url: str
    headers: dict[str, str]
    needs: str

    def call(self, method: str, path: str, **json: Any) -> Any:
        """Make a call and return the answer's JSON.

        Raises:
            UserError: no answer, or not the one that was wanted.
        """
        import requests

        for attempt in range(ATTEMPTS):
            try:
                answer = requests.request(
                    method, self.url + path, headers=self.headers, json=json or None, timeout=SECONDS
                )
            except requests.RequestException as error:
                raise UserError(f"{self.url}: cannot be reached: {type(error).__name__}") from None
            wait = answer.headers.get("Retry-After", "")
            if answer.ok or not wait.isdecimal() or int(wait) > LONGEST_WAIT or attempt == ATTEMPTS - 1:
                break
            time.sleep(int(wait))
        if answer.ok:
            return answer.json()
        raise UserError(f"{method} {self.url}{path}: {self._problem(answer)}")

    def _problem(self, answer: "requests.Response") -> str:
        """Say what an answer means."""
        status, said = answer.status_code, " ".join(answer.text.split())[:200]
        wait = answer.headers.get("Retry-After")
        if status == 429 or (status == 403 and (wait or answer.headers.get("X-RateLimit-Remaining") == "0")):
            when = f"in {wait} seconds" if wait else "later"
            return f"the limit of calls is reached ({status}); run the job again {when}"
        if status in (401, 403, 404):
            return f"refused ({status}): {self.needs}; {said}"
        return f"failed ({status}): {said}"

    def pages(self, path: str) -> Iterator[Any]:
        """List what a path has, page by page."""
        page = 1
        while True:
            found = self.call("GET", f"{path}{'&' if '?' in path else '?'}per_page={PER_PAGE}&page={page}")
            yield from found
            if len(found) < PER_PAGE:
                return
            page += 1
