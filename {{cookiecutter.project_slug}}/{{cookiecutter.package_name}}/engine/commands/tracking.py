"""Copy the project's own tracking store, such as a laptop's, to a tracking server, keeping every id.

`export` copies it into a folder. `import` adds it from there to the server's database and artifacts, on a
machine that can reach these; the server may be running. Runs, models, versions, aliases and the history keep
their ids. An experiment gets another number if the server has that number already, and its runs go to the
server's experiment of the same name if there is one. The project's own store stays as it is.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..backup.importing import import_store
from ..backup.making import make
from ..backup.manifest import Manifest, newest
from ..backup.place import place
from ..base import console
from ..base.errors import UserError
from .options import add_place


def add_arguments(parser: ArgumentParser) -> None:
    """Add the two subcommands, and what each of them needs."""
    ways = parser.add_subparsers(dest="way", required=True, metavar="export|import")
    out = ways.add_parser("export", description="Copy the project's own store into a folder.")
    out.add_argument("folder", type=Path, help="the folder to write")
    into = ways.add_parser("import", description="Add an exported store to that of a server.")
    into.add_argument("folder", type=Path, help="the folder that `export` or `backup` wrote")
    add_place(into, accounts=False)
    into.add_argument(
        "--without-registry", action="store_true", help="leave out the registered models and their versions"
    )


def main(arguments: Namespace) -> None:
    """Run the command."""
    if arguments.way == "export":
        export_to(arguments.folder)
    else:
        import_from(arguments)


def export_to(folder: Path) -> None:
    """Copy the project's own store into a folder."""
    own = place(None, None)
    if not own.is_embedded:
        raise UserError("the environment names a server's store: `backup` copies it")
    with console.counting("copied {:,} files") as report:
        backup = make(own, folder, report)
    console.summary("tracking export", {"folder": backup, "files": len(Manifest.read(backup).files)})


def import_from(arguments: Namespace) -> None:
    """Add an exported store to that of a server."""
    target = place(arguments.database, arguments.artifacts)
    if target.is_embedded:
        raise UserError("import adds to a server's store: give its --database and --artifacts")
    backup = newest(arguments.folder)
    with console.working("importing"):
        counts = import_store(backup, Manifest.read(backup), target, not arguments.without_registry)
    shown = ("experiments", "runs", "logged_models", "registered_models", "model_versions")
    console.summary("tracking import", {name.replace("_", " "): counts.get(name, 0) for name in shown})
