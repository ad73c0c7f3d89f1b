"""Copy the tracking store, its database and its artifacts, into a folder of backups.

Without options it is the project's own store, mlflow.db and mlruns. A server's store is backed up where its
database and its artifacts can be reached, while the server runs: MLFLOW_BACKEND_STORE_URI and
MLFLOW_ARTIFACTS_DESTINATION, or the options, name them. Data and models are not part of a backup: DVC keeps
them, and `dvc push` copies them to its remote.
"""

import re
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Any

from ..backup import textfile
from ..backup.making import make, prune
from ..backup.manifest import Manifest, backups_in, time_of
from ..backup.place import place
from ..backup.retention import Retention
from ..base import console
from ..base.errors import UserError
from .options import add_json, add_place, print_json


def retention(text: str) -> Retention:
    """Parse `7,4,12`, which is days, weeks and months, as a type of argparse."""
    if re.fullmatch(r"\d+,\d+,\d+", text):
        return Retention(*map(int, text.split(",")))
    raise ArgumentTypeError(f"{text!r}: give days, weeks and months, such as 7,4,12")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the folder, the store, and how long backups are kept."""
    parser.add_argument("folder", type=Path, help="where backups are kept, each in its own folder")
    add_place(parser)
    parser.add_argument(
        "--keep",
        type=retention,
        metavar="7,4,12",
        help="afterwards delete all but the newest of each of the last 7 days, 4 weeks and 12 months",
    )
    parser.add_argument("--textfile", type=Path, metavar="FILE.prom", help="write metrics for Prometheus")
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    file = arguments.textfile
    if file and file.suffix != ".prom":
        raise UserError(f"{file}: Prometheus's node exporter reads only files whose names end in .prom")
    start = time.time()
    where = place(arguments.database, arguments.artifacts, arguments.accounts)
    with console.counting("copied {:,} files") as report:
        backup = make(where, arguments.folder, report)
    deleted = prune(arguments.folder, arguments.keep) if arguments.keep else []
    result = described(backup, time.time() - start, [path.name for path in deleted])
    if file:
        textfile.write(file, metrics(backup, result))
    if arguments.json:
        print_json(result)
        return
    shown = {name: value for name, value in result.items() if name not in ("bytes", "lost", "deleted")}
    console.summary("backup", {**shown, "size": f"{result['bytes'] / 1e6:.1f} MB", "deleted": len(deleted)})
    for version in result["lost"]:
        print(f"{version}: its model has no files, and had none before the backup")


def described(backup: Path, seconds: float, deleted: list[str]) -> dict[str, Any]:
    """Describe a backup: what it holds, how long it took, and which older ones were deleted."""
    manifest = Manifest.read(backup)
    return {
        "backup": str(backup),
        "files": len(manifest.files),
        "bytes": sum(file.size for file in manifest.files.values()),
        "seconds": round(seconds, 1),
        "lost": manifest.lost,
        "deleted": deleted,
    }


def metrics(backup: Path, result: dict[str, Any]) -> dict[str, float]:
    """Return the metrics of a backup."""
    made = time_of(backup)
    return {
        "mlflow_backup_last_success_timestamp_seconds": made.timestamp() if made else 0,
        "mlflow_backup_duration_seconds": result["seconds"],
        "mlflow_backup_size_bytes": result["bytes"],
        "mlflow_backup_count": len(backups_in(backup.parent)),
        "mlflow_backup_versions_without_files": len(result["lost"]),
    }
