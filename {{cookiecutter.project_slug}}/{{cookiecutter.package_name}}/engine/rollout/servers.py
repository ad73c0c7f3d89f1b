"""haproxy and the two servers behind it, asked together."""

from dataclasses import dataclass

from . import proxy
from .counts import Counts
from .proxy import Proxy
from .source import Source
from .step import Traffic


@dataclass(frozen=True)
class Servers:
    """The parts that are asked.

    Attributes:
        proxy: haproxy.
        champion, canary: the two servers behind it.
    """

    proxy: Proxy
    champion: Source
    canary: Source

    def traffic(self, version: str, champion: str) -> Traffic:
        """Ask all of them for what they have counted since their start.

        Raises:
            UserError: one of them does not answer.
        """
        failed = self.proxy.servers()[proxy.CANARY].failed
        return Traffic(
            self.canary.counts(version),
            self.champion.counts(champion),
            Counts(requests=failed, failed=failed),
        )
