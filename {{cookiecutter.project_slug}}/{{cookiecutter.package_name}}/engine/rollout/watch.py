"""The watcher of a canary: a look makes haproxy match the registry, compares, and moves the canary on or out.

Nothing is kept here, so a watcher can be killed at any moment, and two watchers do no harm: if both record a
step at the same time, the history takes one record. The canary is judged before haproxy is told, so that a
restarted haproxy never gives traffic to a canary that is worse.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..base.errors import UserError
from ..params import Params
from ..registry.changes import Change, aliases_after
from ..registry.history import OvertakenError, history_of
from ..registry.registry import CANARY, CHAMPION, Registry
from . import proxy
from .comparison import Check, checks
from .servers import Servers
from .step import Step, Traffic, figures, step_of

NONE, WAITS, MOVED, OUT, PROMOTED = "none", "waits", "moved", "out", "promoted"


class NotPromotedError(UserError):
    """The canary is not worse, and yet is not promoted: a person has to decide."""


@dataclass(frozen=True)
class Look:
    """The result of a look.

    Attributes:
        outcome: NONE: there is no canary; WAITS: it stays at its step; MOVED: it now has another share; OUT:
            it was taken out; PROMOTED: it is the champion, and only the champion's server has yet to load it.
        text: why, in a line.
    """

    outcome: str
    text: str


@dataclass(frozen=True)
class Watcher:
    """What a look needs.

    Attributes:
        models: the registered model.
        params: the project's parameters.
        servers: haproxy, and the two servers behind it.
        promote: makes a version the champion through the gates, given its number and a reason.
    """

    models: Registry
    params: Params
    servers: Servers
    promote: Callable[[str, str], Any]

    def look(self) -> Look:
        """Look once.

        Raises:
            NotPromotedError: the canary was at its last step, and `promote` refuses it.
            UserError: the store, haproxy or the champion's server does not answer; nothing was changed.
        """
        changes = history_of(self.models.client, self.models.name).changes()
        step, champion = step_of(changes), aliases_after(changes)[CHAMPION]
        if step is None:
            return self._without_canary(champion)
        if step.share == 0:
            return self._first(changes, step)
        if step.champion != champion:
            reason = f"@champion is version {champion or 'none'} now: compared with it from here on"
            return self._move(changes, step, self.params.canary.steps[0], reason)
        try:
            seen = self.servers.traffic(step.version, champion).since(step.start)
        except UserError as error:
            return self._unseen(changes, step, str(error))
        compared = tuple(checks(seen.attempts(), seen.champion, self.params.canary, self.params.data.task))
        if worse := [str(check) for check in compared if check.is_worse]:
            return self.end(changes, step, "; ".join(worse), seen, compared)
        self.servers.proxy.divide(step.share)
        if waits := step.waits_for(seen, self.params.canary):
            return Look(WAITS, waits)
        reason = f"no worse after {seen.canary.requests} requests"
        if step.share == 100:
            try:
                self.promote(step.version, f"canary: {reason} at the last step")
            except UserError as error:
                raise NotPromotedError(f"the canary has all traffic, and is not promoted: {error}") from None
            return Look(PROMOTED, f"version {step.version} is @champion: {reason}")
        share = step.next_share(self.params.canary.steps)
        return self._move(changes, step, share, reason, seen, compared)

    def end(
        self,
        changes: list[Change],
        step: Step,
        reason: str,
        seen: Traffic | None = None,
        compared: tuple[Check, ...] = (),
    ) -> Look:
        """Take the canary out: of the traffic at once, then of the registry, also if haproxy does not answer.

        Raises:
            UserError: haproxy does not answer; a look ends the traffic when it does.
        """
        record, silent = figures(seen=seen, checks=compared), ""
        try:
            self.servers.proxy.divide(0)
        except UserError as error:
            silent = str(error)
        recorded = self._record(changes, {CANARY: ""}, reason, 0, record)
        if silent:
            raise UserError(f"{silent}; its traffic ends with the next look of `canary watch`")
        if not recorded:
            return Look(WAITS, "another watcher was faster")
        return Look(OUT, f"version {step.version} is taken out: {reason}")

    def _without_canary(self, champion: str) -> Look:
        """Give the champion's server all traffic, as soon as it has the version of the canary's server."""
        if self.servers.proxy.servers()[proxy.CANARY].is_out:
            self.servers.proxy.divide(0)  # the champion's weight
            return Look(NONE, "there is no canary")
        try:
            promoted = self.servers.canary.version() == champion
        except UserError:
            promoted = False
        if promoted and self.servers.champion.version() != champion:
            return Look(PROMOTED, f"the champion's server has not loaded version {champion} yet")
        self.servers.proxy.divide(0)
        return Look(NONE, f"version {champion} has all traffic" if promoted else "the canary is out")

    def _first(self, changes: list[Change], step: Step) -> Look:
        """Begin, as soon as the canary's server has the version."""
        try:
            if self.servers.canary.version() != step.version:
                return Look(WAITS, f"the canary's server has not loaded version {step.version} yet")
        except UserError as error:
            return Look(WAITS, str(error))
        share = step.next_share(self.params.canary.steps)
        return self._move(changes, step, share, "its server is ready")

    def _unseen(self, changes: list[Change], step: Step, why: str) -> Look:
        """Decide about a canary that cannot be asked: haproxy says whether it is alive."""
        server = self.servers.proxy.servers()[proxy.CANARY]
        if server.is_down:
            return self.end(changes, step, f"haproxy has taken it for dead, and {why}")
        return Look(WAITS, why)

    def _move(
        self,
        changes: list[Change],
        step: Step,
        share: int,
        reason: str,
        seen: Traffic | None = None,
        compared: tuple[Check, ...] = (),
    ) -> Look:
        """Record a step, then tell haproxy."""
        start = self.servers.traffic(step.version, aliases_after(changes)[CHAMPION])
        if not self._record(changes, {}, reason, share, figures(start, seen, compared)):
            return Look(WAITS, "another watcher was faster")
        self.servers.proxy.divide(share)
        return Look(MOVED, f"version {step.version} gets {share} %: {reason}")

    def _record(
        self, known: list[Change], to: dict[str, str], reason: str, share: int, record: dict[str, Any]
    ) -> bool:
        """Write a record; returns False if somebody else has written one meanwhile."""
        history = history_of(self.models.client, self.models.name)
        try:
            history.move(known, to, command="canary", reason=reason, share=share, figures=record)
        except OvertakenError:
            return False
        return True
