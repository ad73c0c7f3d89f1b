"""Give a version a share of the traffic, watch it, and take it out if it is worse than the champion.

`start` gives the version the alias @canary, which the second server follows. `watch` runs beside haproxy:
step by step it gives the version more of the traffic, and takes it out if it is worse by the limits in
params.yaml (`canary`); after the last step it promotes the version through the gates. The history records
each step. `finish` promotes the version now, `abort` takes it out now. SERVE_TOKEN holds the servers' token,
if they need one.

`judge` is for a platform that divides the traffic itself: it compares two servers once, by the same limits,
and moves nothing. Its exit code is 0 if the canary may go on, 3 if it is worse, 4 if there was too little
traffic to say, and 1 if a server does not answer.
"""

import time
from argparse import Namespace
from functools import partial
from typing import TYPE_CHECKING

from ..base import console
from ..base.errors import UserError
from ..judging.checks import load_checked_params
from ..params import Params
from ..project import load_params
from ..registry.changes import aliases_after, moves, one_line
from ..registry.history import history_of
from ..registry.registry import CANARY, CHAMPION, Registry
from ..rollout.comparison import checks
from ..rollout.judge import GOES_ON, TOO_FEW, Fleet, judge
from ..rollout.loop import settle, watch
from ..rollout.proxy import Proxy
from ..rollout.servers import Servers
from ..rollout.source import Source
from ..rollout.step import Step, figures, step_of
from ..rollout.watch import OUT, Look, Watcher
from ..serving.served import Served
from ..serving.settings import token
from ..tracking import store
from .canary_options import add_arguments
from .promote import in_use, promote, put_through_gates

if TYPE_CHECKING:
    from ..registry.changes import Change

__all__ = ["add_arguments", "main"]  # what `dispatch` asks a command for

WORSE = 3  # the exit code if the canary was taken out
CODES = {GOES_ON: 0, OUT: WORSE, TOO_FEW: 4}  # the exit codes of `judge`


def main(arguments: Namespace) -> None:
    """Run the command."""
    look = partial(look_once, arguments)
    if arguments.way == "watch":
        if arguments.once:
            now = look()
            print(now.text)
            outcome = now.outcome
        else:
            outcome = watch(look, arguments.every, arguments.forever)
        raise SystemExit(WORSE if outcome == OUT else 0)
    if arguments.way == "judge":
        raise SystemExit(judged(arguments))
    with store.opened() as client:
        params = load_checked_params() if arguments.way in ("start", "finish") else load_params()
        models = Registry(client, params.register_.name)
        if arguments.way == "start":
            given = (arguments.version, arguments.share, arguments.reason, arguments.if_needed)
            start(models, params, *given)
        elif arguments.way == "status":
            show(models, params, servers(arguments))
        elif arguments.way == "abort":
            step, changes = running(models)
            reason = one_line(arguments.reason)
            print(watcher(models, params, arguments).end(changes, step, reason).text)
        else:
            change = promote(
                models, params, running(models)[0].version, CHAMPION, arguments.reason, force=False
            )
            print(f"{models.name}: {moves(change)} ({change.verdict})")
            print(settle(watcher(models, params, arguments).look))


def judged(arguments: Namespace) -> int:
    """Compare two servers, print what was seen, and return the exit code."""
    served = Served.here()  # an image, or a project
    champion, canary = (Fleet(url, token()) for url in (arguments.champion, arguments.canary))
    sleep = partial(time.sleep, arguments.every)
    judgement = judge(champion, canary, served.canary, served.data.task, arguments.at_most, sleep)
    print(f"{judgement.outcome}: {judgement.text}")
    return CODES[judgement.outcome]


def look_once(arguments: Namespace) -> Look:
    """Look at the canary, with a connection and parameters of its own."""
    with store.opened() as client:
        params = load_params()
        return watcher(Registry(client, params.register_.name), params, arguments).look()


def servers(arguments: Namespace) -> Servers:
    """Return haproxy and the servers that the arguments name."""
    champion, canary = (Source(url, token()) for url in (arguments.champion, arguments.canary))
    return Servers(Proxy(arguments.haproxy), champion, canary)


def watcher(models: Registry, params: Params, arguments: Namespace) -> Watcher:
    """Return the watcher that looks at the canary."""

    def through_the_gates(version: str, reason: str) -> "Change":
        return promote(models, load_checked_params(), version, CHAMPION, reason, force=False)

    return Watcher(models, params, servers(arguments), through_the_gates)


def running(models: Registry) -> "tuple[Step, list[Change]]":
    """Return the canary's step, and the history, for a change of the canary.

    Raises:
        UserError: there is no canary.
    """
    changes = history_of(models.client, models.name).for_a_change()
    if (step := step_of(changes)) is None:
        raise UserError(f"{models.name}: there is no canary; `canary start` begins one")
    return step, changes


def start(
    models: Registry, params: Params, name: str, share: int | None, reason: str, if_needed: bool = False
) -> None:
    """Give a version the alias @canary.

    Args:
        models: the registered model.
        params: the current parameters.
        name: `3` or `@challenger`.
        share: the share to begin with, in percent; None for the first step.
        reason: for the history.
        if_needed: whether to do nothing if the version is @canary or @champion already.

    Raises:
        UserError: there is a canary already, or no champion to compare with; or the version does not pass.
    """
    version = in_use(models, name)
    number = str(version.version)
    if share is not None and share not in params.canary.steps:
        raise UserError(f"--share {share}: the steps in params.yaml are {params.canary.steps}")
    history = history_of(models.client, models.name)
    changes = history.for_a_change()
    aliases = aliases_after(changes)
    if if_needed and number in (aliases[CANARY], aliases[CHAMPION]):
        held = CANARY if number == aliases[CANARY] else CHAMPION
        print(f"{models.name}: version {number} is @{held} already: nothing to do")
        return
    if aliases[CANARY]:
        raise UserError(
            f"version {aliases[CANARY]} is @canary already: `canary finish` or `canary abort` first"
        )
    if aliases[CHAMPION] in ("", number):
        held = f"version {number} is @champion already" if aliases[CHAMPION] else "there is no @champion"
        raise UserError(f"{held}: nothing to compare it with; `promote` makes the first champion")
    gates, failed = put_through_gates(models, version, params, "canary")
    if failed:
        raise UserError(
            f"version {number} gets no traffic: {failed} of {len(gates)} gates not passed, "
            "and `promote` would refuse it at the end"
        )
    first = figures(first=share or params.canary.steps[0])
    record = {"command": "canary", "reason": one_line(reason), "gates": gates}
    change = history.move(changes, {CANARY: number}, **record, share=0, figures=first)
    print(f"{models.name}: {moves(change)}; `canary watch` gives it traffic")


def show(models: Registry, params: Params, servers: Servers) -> None:
    """Print where the canary is, what was counted, and what the next step waits for; change nothing."""
    step = step_of(history_of(models.client, models.name).changes())
    if step is None:
        print(f"{models.name}: there is no canary")
        return
    lines: dict[str, object] = {
        "version": step.version,
        "share": f"{step.share} %, since {step.since:%Y-%m-%d %H:%M:%S} UTC",
        "compared with": f"version {step.champion or 'none'}",
    }
    if step.share == 0:
        lines["next"] = "waits for the canary's server to load it"
    else:
        try:
            seen = servers.traffic(step.version, step.champion).since(step.start)
            compared = checks(seen.attempts(), seen.champion, params.canary, params.data.task)
            lines["requests"] = (
                f"{seen.canary.requests} by the canary, {seen.champion.requests} by the champion"
            )
            lines |= {check.name: check.verdict for check in compared}
            lines["next"] = step.waits_for(seen, params.canary) or "moves on"
        except UserError as error:
            lines["counts"] = error
    console.summary("canary", lines)
