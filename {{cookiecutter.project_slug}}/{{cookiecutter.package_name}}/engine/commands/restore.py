"""Restore the tracking store from a backup, into an empty place or over a damaged store.

Stop the server first: it keeps rows in memory. Every byte of the backup is checked before anything is
    restored.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..backup.manifest import Manifest, newest
from ..backup.place import place
from ..backup.restoring import restore
from ..base import console
from .options import add_place


def add_arguments(parser: ArgumentParser) -> None:
    """Add the backup, where it goes, and whether it may replace what is there."""
    parser.add_argument(
        "backup", type=Path, help="a backup, or a folder of backups, of which the newest is taken"
    )
    add_place(parser)
    parser.add_argument(
        "--replace",
        action="store_true",
        help="replace what is there: an sqlite file and a folder are renamed, a PostgreSQL database is "
        "emptied, and an object store keeps what the backup does not have",
    )


def main(arguments: Namespace) -> None:
    """Run the command."""
    backup = newest(arguments.backup)
    manifest = Manifest.read(backup)
    where = place(arguments.database, arguments.artifacts, arguments.accounts)
    with console.working("checking and restoring the backup"):
        kept = restore(backup, manifest, where, arguments.replace)
    console.summary(
        "restore",
        {"backup": backup, "files": len(manifest.files), "artifacts": where.files.uri}
        | ({"replaced": ", ".join(map(str, kept))} if kept else {}),
    )
