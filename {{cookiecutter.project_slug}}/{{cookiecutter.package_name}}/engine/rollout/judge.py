"""A single judgement of a canary by the watcher's rule, from what the servers count meanwhile.

This is for a platform that divides the traffic itself, such as Argo Rollouts: nothing is moved here, and
neither the registry nor haproxy is asked. A host name that stands for several servers, such as a headless
Service of Kubernetes, is resolved at each look, and all servers are asked. A server counts from when it is
first seen.
"""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..base.errors import UserError
from ..blocks.canary import Canary
from .comparison import checks
from .counts import Counts
from .source import Source
from .step import Traffic, waiting
from .watch import OUT

GOES_ON, TOO_FEW = "goes on", "too few"


@dataclass(frozen=True)
class Judgement:
    """The result of a judgement.

    Attributes:
        outcome: GOES_ON: it is not worse; OUT: it is worse; TOO_FEW: there was too little traffic to say.
        text: why, in lines.
    """

    outcome: str
    text: str


@dataclass
class Fleet:
    """The servers behind an address, and what they have counted since they were first seen.

    Attributes:
        url: the address, whose host name may stand for several servers.
        token: the token that they require; empty if they need none.
        total: what they have counted.
    """

    url: str
    token: str = ""
    total: Counts = field(default_factory=Counts)
    _last: dict[tuple[str, str], Counts] = field(default_factory=dict)

    def sources(self) -> list[Source]:
        """Return each server.

        Raises:
            UserError: no server has the name.
        """
        parts = urlsplit(self.url)
        if parts.scheme != "http" or not parts.hostname:  # a certificate is for the name
            return [Source(self.url, self.token)]
        try:
            found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
        except OSError as error:
            raise UserError(f"{self.url}: no server has this name: {error}") from None
        return [
            Source(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}", self.token)
            for host, port in sorted({(str(address[0]), int(address[1])) for *_, address in found})
        ]

    def look(self) -> None:
        """Ask each server; one that does not answer keeps what it had counted before.

        Raises:
            UserError: none of them answers.
        """
        answered, silent = 0, ""
        for source in self.sources():
            try:
                version = source.version()
                counts = source.counts(version)
            except UserError as error:
                silent = str(error)
                continue
            answered += 1
            key = source.url, version
            if key in self._last:
                self.total += counts.since(self._last[key])
            self._last[key] = counts
        if not answered:
            raise UserError(silent)


def judge(
    champion: Fleet,
    canary: Fleet,
    limits: Canary,
    task: str,
    at_most: float,
    sleep: Callable[[], object],
    clock: Callable[[], float] = time.monotonic,
) -> Judgement:
    """Look until the canary is worse, or has answered enough requests in enough time, or the time is over.

    Args:
        champion: the champion's servers.
        canary: the canary's servers.
        limits: the block of params.yaml.
        task: the task of the models.
        at_most: the seconds within which enough requests have to arrive; at least those of a step.
        sleep: waits until the next look.
        clock: returns the time in seconds.

    Raises:
        UserError: at the end of the time, the servers of one side do not answer.
    """
    start, silent = clock(), ""
    longest = max(at_most, limits.seconds)
    while True:
        try:
            champion.look()
            canary.look()
            silent = ""
        except UserError as error:  # a server that does not answer now may do so the next time
            silent = str(error)
        seconds = clock() - start
        seen = Traffic(canary.total, champion.total)
        compared = checks(seen.canary, seen.champion, limits, task)
        if worse := [str(check) for check in compared if check.is_worse]:
            return Judgement(OUT, "\n".join(worse))
        waits = waiting(seen, seconds, limits)
        if seconds >= longest or not waits:
            if silent:
                raise UserError(silent)
            said = [waits or f"no worse after {seen.canary.requests} requests", *map(str, compared)]
            return Judgement(TOO_FEW if waits else GOES_ON, "\n".join(said))
        sleep()
