"""List every change of an alias, the newest last: who, when, from what to what, why, and the verdict.

An alias that was moved by other means, such as MLflow's pages, is noticed, and recorded as such.
"""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ..base import console
from ..project import load_params
from ..registry.changes import Change, moves
from ..registry.history import history_of
from ..registry.registry import CHAMPION
from ..tracking import store


def day(text: str) -> date:
    """Read a day as argparse wants it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day, such as {date.today()}") from None


def add_arguments(parser: ArgumentParser) -> None:
    """Take a day and the form of the output."""
    parser.add_argument("--on", metavar="DATE", type=day, help="what was champion on a day (UTC): 2026-05-31")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        name = load_params().register_.name
        changes = history_of(client, name).changes()
        if arguments.on:
            found = champions_on(changes, arguments.on)
            title = f"{name}: @champion on {arguments.on}"
        else:
            found = [described(number, change) for number, change in enumerate(changes, 1)]
            title = f"{name}: changes of aliases"
        if arguments.json:
            print(json.dumps(found, indent=2, ensure_ascii=False))
            return
        if not found:
            print(f"{title}: none")
            return
        console.table(title, found if arguments.on else [shown(row) for row in found])


def described(number: int, change: Change) -> dict[str, Any]:
    """Describe a record with all that it says."""
    return {"number": number, **asdict(change), "changed": moves(change), "verdict": change.verdict}


def shown(row: dict[str, Any]) -> dict[str, object]:
    """Lay a record out as a row of a table."""
    return {
        "#": row["number"],
        "when": row["at"][:16].replace("T", " "),
        "who": row["by"],
        "what": row["changed"],
        "why": f"{row['command']}: {row['reason']}".removesuffix(": "),
        "verdict": row["verdict"],
    }


def champions_on(changes: list[Change], on: date) -> list[dict[str, Any]]:
    """List the versions that were champion at some time of a day, in UTC; `until` is empty if it still is."""
    start = datetime(on.year, on.month, on.day, tzinfo=UTC).isoformat()
    end = (datetime.fromisoformat(start) + timedelta(days=1)).isoformat()
    moved = [change for change in changes if change.before[CHAMPION] != change.after[CHAMPION]]
    untils = [change.at for change in moved[1:]] + [""]
    return [
        {"version": change.after[CHAMPION], "since": change.at, "until": until}
        for change, until in zip(moved, untils, strict=False)
        if change.after[CHAMPION] and change.at < end and (not until or until > start)
    ]
