"""Options that several commands have."""

import json
from argparse import ArgumentParser, ArgumentTypeError, _ActionsContainer
from collections.abc import Callable
from math import inf
from pathlib import Path
from urllib.parse import urlsplit

from ..base.paths import REPORT


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return a type of argparse for whole numbers; its error says which numbers are allowed."""
    wanted = (
        f"from {least} to {most}" if most is not None else "above 0" if least == 1 else f"from {least} on"
    )

    def parsed(text: str) -> int:
        if text.isdecimal() and least <= int(text) <= (inf if most is None else most):
            return int(text)
        raise ArgumentTypeError(f"needs a whole number {wanted}, not {text!r}")

    return parsed


def port(text: str) -> int:
    """Parse the number of a port, as a type of argparse."""
    return whole(1, 65535)(text)


def seconds(text: str) -> float:
    """Parse a time, as a type of argparse."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if 0 < value < inf:
        return value
    raise ArgumentTypeError(f"needs a number of seconds above 0, not {text!r}")


def address(text: str) -> str:
    """Parse the address of a server, as a type of argparse."""
    try:
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return text.rstrip("/")
    except ValueError:  # no number of a port
        pass
    raise ArgumentTypeError(f"needs an address such as http://127.0.0.1:8000, not {text!r}")


def add_json(parser: "_ActionsContainer") -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def print_json(result: object) -> None:
    """Print a command's result as JSON, for `--json`."""
    print(json.dumps(result, indent=2, ensure_ascii=False))


def add_page(parser: ArgumentParser) -> None:
    """Add the page of markdown that a command takes, by default the one that `report` wrote."""
    parser.add_argument("page", type=Path, nargs="?", default=REPORT, help=f"default: {REPORT}")


def add_place(parser: ArgumentParser, accounts: bool = True) -> None:
    """Add where a server's store is; without these options, it is the project's own store."""
    parser.add_argument(
        "--database", metavar="URI", help="a server's database: postgresql://... or sqlite:///FILE"
    )
    parser.add_argument(
        "--artifacts", metavar="URI", help="a server's artifacts: a folder, or s3://BUCKET/PATH"
    )
    if accounts:
        parser.add_argument("--accounts", metavar="URI", help="the database of a server's accounts")
