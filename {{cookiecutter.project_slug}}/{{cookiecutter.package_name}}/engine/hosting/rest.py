"""A client of a REST API: it waits when the rate limit is reached; a refused call is an error of one line."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError

if TYPE_CHECKING:
    import requests

SECONDS = 30  # after which a call times out
ATTEMPTS, LONGEST_WAIT = 4, 60  # seconds; if the host asks for a longer wait, the call fails
PER_PAGE = 100


@dataclass(frozen=True)
class Api:
    """An API.

    Attributes:
        url: the beginning of every address.
        headers: the headers of every call, with the token.
        needs: the permission that the token needs, for the message if it lacks it.
    """

    url: str
    headers: dict[str, str]
    needs: str

    def call(self, method: str, path: str, **json: Any) -> Any:
        """Make a call and return the response's JSON.

        Args:
            method: HTTP's method, such as POST.
            path: the path after the API's `url`.
            json: the request's body.

        Raises:
            UserError: there is no response, or it is an error.
        """
        import requests

        for attempt in range(ATTEMPTS):
            try:
                response = requests.request(
                    method, self.url + path, headers=self.headers, json=json or None, timeout=SECONDS
                )
            except requests.RequestException as error:
                raise UserError(f"{self.url}: cannot be reached: {type(error).__name__}") from None
            wait = response.headers.get("Retry-After", "")
            if response.ok or not wait.isdecimal() or int(wait) > LONGEST_WAIT or attempt == ATTEMPTS - 1:
                break
            time.sleep(int(wait))
        if response.ok:
            return response.json()
        raise UserError(f"{method} {self.url}{path}: {self._problem(response)}")

    def _problem(self, response: "requests.Response") -> str:
        """Explain a response that is an error."""
        status, text = response.status_code, " ".join(response.text.split())[:200]
        wait = response.headers.get("Retry-After")
        if status == 429 or (
            status == 403 and (wait or response.headers.get("X-RateLimit-Remaining") == "0")
        ):
            when = f"in {wait} seconds" if wait else "later"
            return f"the rate limit is reached ({status}); run the job again {when}"
        if status in (401, 403, 404):
            return f"refused ({status}): {self.needs}; {text}"
        return f"failed ({status}): {text}"

    def pages(self, path: str) -> Iterator[Any]:
        """Yield the items of a list, page after page."""
        page = 1
        while True:
            items = self.call("GET", f"{path}{'&' if '?' in path else '?'}per_page={PER_PAGE}&page={page}")
            yield from items
            if len(items) < PER_PAGE:
                return
            page += 1
