"""Options that several commands have."""

import json
from argparse import ArgumentParser, _ActionsContainer
from pathlib import Path

from ..base.paths import REPORT


def add_json(parser: "_ActionsContainer") -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def print_json(result: object) -> None:
    """Print a command's result as `--json` asks for it."""
    print(json.dumps(result, indent=2, ensure_ascii=False))


def add_page(parser: ArgumentParser) -> None:
    """Add the page of markdown that a command takes, by default what `report` wrote."""
    parser.add_argument("page", type=Path, nargs="?", default=REPORT, help=f"default: {REPORT}")


def add_place(parser: ArgumentParser, accounts: bool = True) -> None:
    """Add where a server's store is; without these options it is the project's own."""
    parser.add_argument("--database", metavar="URI", help="a server's: postgresql://... or sqlite:///FILE")
    parser.add_argument("--artifacts", metavar="URI", help="a server's: a folder, or s3://BUCKET/PATH")
    if accounts:
        parser.add_argument("--accounts", metavar="URI", help="a server's: the database of its accounts")
