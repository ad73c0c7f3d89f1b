"""Options that several commands have."""

import json
from argparse import ArgumentParser
from pathlib import Path

from ..base.paths import REPORT


def add_json(parser: ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def print_json(result: object) -> None:
    """Print a command's result as `--json` asks for it."""
    print(json.dumps(result, indent=2, ensure_ascii=False))


def add_page(parser: ArgumentParser) -> None:
    """Add the page of markdown that a command takes, by default what `report` wrote."""
    parser.add_argument("page", type=Path, nargs="?", default=REPORT, help=f"default: {REPORT}")
