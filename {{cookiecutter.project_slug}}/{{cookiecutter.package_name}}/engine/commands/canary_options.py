"""The options of `canary`: its subcommands, and what each of them needs."""

from argparse import ArgumentParser

from ..registry.registry import CHALLENGER
from .options import address, seconds, whole

PLACES = {  # options, with the help and the default of each
    "haproxy": ("haproxy's socket: a path or host:port", "127.0.0.1:9999"),
    "champion": ("the champion's server", "http://127.0.0.1:8001"),
    "canary": ("the canary's server", "http://127.0.0.1:8002"),
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the subcommands, and what each of them needs."""
    ways = parser.add_subparsers(dest="way", required=True, metavar="start|status|watch|judge|finish|abort")
    start = ways.add_parser("start", description="Give a version the alias @canary, if it passes the gates.")
    start.add_argument("version", nargs="?", default=f"@{CHALLENGER}", help="3 or @challenger (the default)")
    start.add_argument(
        "--share", type=whole(1, 100), metavar="PERCENT", help="the first share (default: the first step)"
    )
    start.add_argument(
        "--if-needed",
        action="store_true",
        help="do nothing if it is @canary or @champion already: for a job that may run again",
    )
    status = ways.add_parser(
        "status", description="Say where the canary is, and what the next step waits for."
    )
    watching = ways.add_parser("watch", description="Watch the canary until it is the champion or taken out.")
    watching.add_argument("--every", type=seconds, default=10.0, metavar="SECONDS", help="between looks (10)")
    watching.add_argument("--once", action="store_true", help="look once, for a timer of your own")
    watching.add_argument(
        "--forever", action="store_true", help="wait for the next canary afterwards: as a service"
    )
    judging = ways.add_parser("judge", description="Compare two servers once; the exit code is the verdict.")
    judging.add_argument("--every", type=seconds, default=10.0, metavar="SECONDS", help="between looks (10)")
    judging.add_argument(
        "--at-most",
        type=seconds,
        default=0.0,
        metavar="SECONDS",
        help="how long to wait for enough requests (default: canary.seconds in params.yaml)",
    )
    finish = ways.add_parser("finish", description="Promote the canary now, through the gates.")
    abort = ways.add_parser("abort", description="Take the canary out now.")
    for way in (start, finish, abort):
        way.add_argument("--reason", required=True, help="for the history")
    for way in (status, watching, judging, finish, abort):
        for name, (what, default) in PLACES.items():
            if (way, name) == (judging, "haproxy"):
                continue
            kind = str if name == "haproxy" else address
            way.add_argument(f"--{name}", type=kind, default=default, help=f"{what} ({default})")
