"""One judgement of a canary by the rule of the watcher, from what the servers count meanwhile.

For a platform that divides the traffic itself, such as Argo Rollouts: nothing is moved here, and neither the
registry nor haproxy is asked. A name that stands for several servers, as a headless Service of Kubernetes
does, is looked up at each look, and all of them are asked. A server counts from when it is seen first.
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
    """What a judgement came to.

    Attributes:
        outcome: GOES_ON: it is no worse; OUT: it is worse; TOO_FEW: there was too little traffic to say.
        text: why, in lines.
    """

    outcome: str
    text: str


@dataclass
class Fleet:
    """The servers behind one address, and what they have counted since they were seen first.

    Attributes:
        url: the address; its host may be a name of several.
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
            UserError: nobody has the name.
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
        """Ask each of them; one that does not answer keeps what it had counted before.

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
        champion: its servers.
        canary: its servers.
        limits: the block of params.yaml.
        task: the task of the models.
        at_most: the seconds in which enough requests have to come; at least those of a step.
        sleep: until the next look.
        clock: returns seconds.

    Raises:
        UserError: when the time is over, the servers of one side do not answer.
    """
    start, silent = clock(), ""
    longest = max(at_most, limits.seconds)
    while True:
        try:
            champion.look()
            canary.look()
            silent = ""
        except UserError as error:  # who does not answer now may do so the next time
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
