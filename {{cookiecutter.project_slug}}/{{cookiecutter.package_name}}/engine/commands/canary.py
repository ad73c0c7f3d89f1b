"""Let a version meet a part of the traffic, watch it, and take it back by itself.

`start` gives it the alias @canary, which the second server follows. `watch` runs beside haproxy: step by step
it gives the version more of the traffic, and takes it out if it is worse than the champion, by the limits in
params.yaml (`canary`); after the last step it promotes it through the gates. The history keeps each step.
`finish` promotes it now, `abort` takes it out now. SERVE_TOKEN has the servers' token, if they have one.
"""

import time
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..base import console
from ..base.errors import UserError
from ..judging.checks import load_checked_params
from ..params import Params
from ..project import load_params
from ..registration.decision import gates_table
from ..registration.quality import quality
from ..registry.changes import aliases_after, moves, one_line
from ..registry.history import history_of
from ..registry.registry import ARCHIVED, CANARY, CHALLENGER, CHAMPION, Registry
from ..rollout.proxy import Proxy
from ..rollout.source import Source
from ..rollout.step import Step, figures, step_of
from ..rollout.watch import NONE, OUT, Look, Watcher
from ..serving.settings import token
from ..tracking import store
from .promote import promote, provenance

if TYPE_CHECKING:
    from ..registry.changes import Change

WORSE = 3  # the exit code where the canary was taken out


def add_arguments(parser: ArgumentParser) -> None:
    """Add what can be done, and what each needs."""
    ways = parser.add_subparsers(dest="way", required=True, metavar="start|status|watch|finish|abort")
    start = ways.add_parser("start", description="Give a version the alias @canary, if it passes the gates.")
    start.add_argument("version", nargs="?", default=f"@{CHALLENGER}", help="3 or @challenger (the default)")
    start.add_argument("--share", type=int, metavar="PERCENT", help="to begin with (default: the first step)")
    status = ways.add_parser(
        "status", description="Say where the canary is, and what the next step waits for."
    )
    watch = ways.add_parser("watch", description="Watch the canary until it is the champion or taken out.")
    watch.add_argument("--every", type=float, default=10.0, metavar="SECONDS", help="between looks (10)")
    watch.add_argument("--once", action="store_true", help="look once, for a timer of your own")
    watch.add_argument("--forever", action="store_true", help="wait for the next canary, too: as a service")
    finish = ways.add_parser("finish", description="Promote the canary now, through the gates.")
    abort = ways.add_parser("abort", description="Take the canary out now.")
    for way in (start, finish, abort):
        way.add_argument("--reason", required=True, help="for the history")
    for way in (status, watch, finish, abort):
        way.add_argument(
            "--haproxy", default="127.0.0.1:9999", help="its socket: a path or host:port (127.0.0.1:9999)"
        )
        way.add_argument(
            "--champion", default="http://127.0.0.1:8001", help="its server (http://127.0.0.1:8001)"
        )
        way.add_argument(
            "--canary", default="http://127.0.0.1:8002", help="its server (http://127.0.0.1:8002)"
        )


def main(arguments: Namespace) -> None:
    """Run the command."""
    if arguments.way == "watch":
        raise SystemExit(watch(arguments))
    with store.opened() as client:
        params = load_checked_params() if arguments.way in ("start", "finish") else load_params()
        models = Registry(client, params.register_.name)
        if arguments.way == "start":
            start(models, params, arguments.version, arguments.share, arguments.reason)
        elif arguments.way == "status":
            show(models, params, watcher(models, params, arguments))
        elif arguments.way == "finish":
            step, _ = running(models)
            change = promote(models, params, step.version, CHAMPION, arguments.reason, force=False)
            print(f"{models.name}: {moves(change)} ({change.verdict})")
            print(watcher(models, params, arguments).look().text)
        else:
            step, changes = running(models)
            print(watcher(models, params, arguments).end(changes, step, one_line(arguments.reason)).text)


def watcher(models: Registry, params: Params, arguments: Namespace) -> Watcher:
    """Return what looks at the canary, by the command's arguments."""

    def through_the_gates(version: str, reason: str) -> "Change":
        return promote(models, load_checked_params(), version, CHAMPION, reason, force=False)

    sources = Source(arguments.champion, token()), Source(arguments.canary, token())
    return Watcher(models, params, Proxy(arguments.haproxy), *sources, through_the_gates)


def running(models: Registry) -> "tuple[Step, list[Change]]":
    """Return where the canary is, and the history for who is about to change it.

    Raises:
        UserError: there is none.
    """
    changes = history_of(models.client, models.name).for_a_change()
    if (step := step_of(changes)) is None:
        raise UserError(f"{models.name}: there is no canary; `canary start` begins one")
    return step, changes


def start(models: Registry, params: Params, name: str, share: int | None, reason: str) -> None:
    """Give a version the alias @canary.

    Args:
        models: the registered model.
        params: the current ones.
        name: `3` or `@challenger`.
        share: to begin with, in percent; None: the first step.
        reason: for the history.

    Raises:
        UserError: there is a canary already, or no champion to compare with; or the version does not pass.
    """
    version = models.version(name)
    number = str(version.version)
    if ARCHIVED in version.tags:
        raise UserError(f"version {number} is archived: {version.tags[ARCHIVED]}; take another one")
    if share is not None and share not in params.canary.steps:
        raise UserError(f"--share {share}: the steps in params.yaml are {params.canary.steps}")
    history = history_of(models.client, models.name)
    changes = history.for_a_change()
    aliases = aliases_after(changes)
    if aliases[CANARY]:
        raise UserError(
            f"version {aliases[CANARY]} is @canary already: `canary finish` or `canary abort` first"
        )
    if aliases[CHAMPION] in ("", number):
        held = f"version {number} is @champion already" if aliases[CHAMPION] else "there is no @champion"
        raise UserError(f"{held}: nothing to compare it with; `promote` makes the first champion")
    gates = [*provenance(models, version), *quality(models, version, params)]
    record = [asdict(gate) for gate in gates]
    console.table(f"canary: {models.name} version {number}", gates_table(record))
    if failed := [gate for gate in gates if not gate.passed]:
        raise UserError(
            f"version {number} does not meet the traffic: {len(failed)} of {len(gates)} gates not passed, "
            "and `promote` would refuse it at the end"
        )
    change = history.move(
        changes,
        {CANARY: number},
        command="canary",
        reason=one_line(reason),
        gates=record,
        share=0,
        figures=figures(first=share or params.canary.steps[0]),
    )
    print(f"{models.name}: {moves(change)}; `canary watch` gives it traffic")


def show(models: Registry, params: Params, looking: Watcher) -> None:
    """Print where the canary is; nothing is changed."""
    changes = history_of(models.client, models.name).changes()
    step = step_of(changes)
    if step is None:
        print(f"{models.name}: there is no canary")
        return
    lines: dict[str, object] = {
        "version": step.version,
        "share": f"{step.share} %, since {step.since:%Y-%m-%d %H:%M:%S} UTC",
        "compared with": f"version {step.champion or 'none'}",
    }
    try:
        lines |= looking.seen(step)
    except UserError as error:
        lines["counts"] = error
    console.summary("canary", lines)


def watch(arguments: Namespace) -> int:
    """Look again and again; returns the exit code.

    Raises:
        UserError: the canary is at its last step and `promote` refuses it; or, with --once, somebody does not
            answer.
    """
    said = ""
    while True:
        look = _look(arguments)
        if look is not None and look.text != said:
            print(look.text, flush=True)
            said = look.text
        outcome = look.outcome if look else ""
        if outcome == OUT and not arguments.forever:
            return WORSE
        if arguments.once or (outcome == NONE and not arguments.forever):
            return 0
        time.sleep(arguments.every)


def _look(arguments: Namespace) -> Look | None:
    """Look once; print what does not answer now, which may answer the next time."""
    try:
        with store.opened() as client:
            params = load_params()
            return watcher(Registry(client, params.register_.name), params, arguments).look()
    except UserError as error:
        if arguments.once:
            raise
        print(error, flush=True)
        return None
