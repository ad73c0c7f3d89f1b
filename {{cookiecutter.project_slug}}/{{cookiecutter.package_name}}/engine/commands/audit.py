"""Show how much of the tracking store each user or team uses: runs, versions, bytes, compute time, last use.

Looks at every experiment that this account may see, those of other projects included. Changes nothing. A run
belongs to the team in its tag `team` ([tool.engine] team in pyproject.toml) or, if it has none, in its
experiment's tag. The last use is the last run or change of a version: MLflow does not record who loads a
model.
"""

import csv
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime, timedelta
from typing import Any

from ..base import console
from ..base.spreadsheet import inert
from ..base.text import megabytes
from ..overview.audit import BY, archivable, total, usage
from ..overview.contents import contents, sizes_of
from ..tracking import store
from .cleanup import age
from .options import add_json, print_json


def add_arguments(parser: ArgumentParser) -> None:
    """Add how to group, and the form of the output."""
    parser.add_argument("--by", choices=BY, default="user", help="default: user")
    parser.add_argument(
        "--idle",
        type=age,
        default=age("90d"),
        metavar="90d",
        help="list as `could be archived` what nobody has used for this long (default: 90d)",
    )
    parser.add_argument("--no-sizes", action="store_true", help="do not look up sizes, which takes longest")
    forms = parser.add_mutually_exclusive_group()
    add_json(forms)
    forms.add_argument("--csv", action="store_true", help="print CSV, without what could be archived")


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        kept = contents(client)
        known = {} if arguments.no_sizes else sizes_of(kept)
    rows = usage(kept, arguments.by, known)
    old = archivable(kept, timedelta(seconds=arguments.idle), datetime.now(UTC))
    if arguments.json:
        print_json({"by": arguments.by, "usage": rows, "total": total(rows), "could_be_archived": old})
    elif arguments.csv:
        writer = csv.DictWriter(sys.stdout, [arguments.by, *total([])], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, arguments.by: inert(row[arguments.by])} for row in rows)
    else:
        print_tables(rows, old, arguments.by)


def print_tables(rows: list[dict[str, Any]], old: list[dict[str, str]], by: str) -> None:
    """Print the usage with its total, and what could be archived."""
    with_total = [*rows, {by: "total", **total(rows)}]
    table = [{**row, "bytes": megabytes(row["bytes"]) or "not known"} for row in with_total]
    console.table(f"audit: usage by {by}", table)
    if old:
        console.table("audit: could be archived", old)
    else:
        print("audit: nothing could be archived")
