"""List every change of an alias, the newest last: when, who, what changed, why, and the verdict of the gates.

An alias that was moved in another way, for example on MLflow's pages, is noticed, and recorded as such.
"""

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
from .options import add_json, print_json


def day(text: str) -> date:
    """Parse a day, as a type of argparse."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day; give one such as {date.today()}") from None


def add_arguments(parser: ArgumentParser) -> None:
    """Add a day, and the form of the output."""
    parser.add_argument(
        "--on",
        metavar="DATE",
        type=day,
        help="list the versions that were champion on a day (UTC), such as 2026-05-31",
    )
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        name = load_params().register_.name
        changes = history_of(client, name).changes()
        if arguments.on:
            rows = champions_on(changes, arguments.on)
            title = f"{name}: @champion on {arguments.on}"
        else:
            rows = [described(number, change) for number, change in enumerate(changes, 1)]
            title = f"{name}: changes of aliases"
        if arguments.json:
            print_json(rows)
        elif not rows:
            print(f"{title}: none")
        else:
            console.table(title, rows if arguments.on else [table_row(row) for row in rows])


def described(number: int, change: Change) -> dict[str, Any]:
    """Describe a record with all its fields."""
    return {
        "number": number,
        **asdict(change),
        "who": change.who,
        "changed": moves(change),
        "verdict": change.verdict,
    }


def table_row(row: dict[str, Any]) -> dict[str, object]:
    """Shorten a record to a row of a table."""
    return {
        "#": row["number"],
        "when": row["at"][:16].replace("T", " "),
        "who": row["who"],
        "what": row["changed"],
        "why": f"{row['command']}: {row['reason']}".removesuffix(": "),
        "verdict": row["verdict"],
    }


def champions_on(changes: list[Change], on: date) -> list[dict[str, Any]]:
    """List the versions that were champion at some time of a day.

    Args:
        changes: the history's records, the oldest first.
        on: a day in UTC.

    Returns:
        For each version, `version`, `since` and `until`, which is empty if it is still the champion.
    """
    start = datetime(on.year, on.month, on.day, tzinfo=UTC).isoformat()
    end = (datetime.fromisoformat(start) + timedelta(days=1)).isoformat()
    moved = [change for change in changes if change.before[CHAMPION] != change.after[CHAMPION]]
    untils = [change.at for change in moved[1:]] + [""]
    return [
        {"version": change.after[CHAMPION], "since": change.at, "until": until}
        for change, until in zip(moved, untils, strict=False)
        if change.after[CHAMPION] and change.at < end and (not until or until > start)
    ]
