"""Show, and with --apply delete, the runs and models that nothing needs any more.

Needed are those of a registered model's versions, of DVC experiments, of commits on branches and tags, of the
workspace, those that still run, and whatever these refer to: a search's trials, the run that trained a model,
the validation of its data. In a store that others use, too, what other clones made is left alone.
"""

import json
import re
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from typing import Any

from ..base import console
from ..base.paths import project_root
from ..tracking import cleanup, deletion, store
from ..tracking.local_store import local_database

SECONDS = {"d": 86400, "h": 3600}


def age(text: str) -> int:
    """Read `30d` or `12h` as seconds."""
    if match := re.fullmatch(r"(\d+)([dh])", text):
        return int(match[1]) * SECONDS[match[2]]
    raise ArgumentTypeError(f"{text!r} is no age; give days or hours: 30d, 12h")


def add_arguments(parser: ArgumentParser) -> None:
    """Take the age, and whether to delete."""
    parser.add_argument("--older-than", type=age, required=True, metavar="30d", help="keep what is younger")
    parser.add_argument("--apply", action="store_true", help="delete them")
    parser.add_argument(
        "--anyones",
        action="store_true",
        help="in a store that others use: also what other clones made, though theirs may need it",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        server = local_database(client.tracking_uri) is None
        found = cleanup.find_unneeded(client, time.time() - arguments.older_than, arguments.anyones)
        rows, before = listed(found), space()
        if arguments.apply:
            deletion.delete(client, found)
        result: dict[str, Any] = {"deleted": arguments.apply, "unneeded": rows, "of_others": found.others}
        if not server:
            result |= {"space_before": before, "space_after": space()}
        if arguments.json:
            print(json.dumps(result, indent=2, ensure_ascii=False))
            return

        if rows:
            title = f"cleanup: {len(rows)} {'deleted' if arguments.apply else 'would be deleted'}"
            console.table(title, [{**row, "bytes": megabytes(row["bytes"])} for row in rows])
        else:
            print("cleanup: nothing is unneeded")
        if found.others:
            print(f"{found.others} runs of other clones are left alone: run it there, or see --anyones")
        if server and rows:
            print("the server keeps the files, and can restore the runs, until `mlflow gc` is run there")
        if not server:
            print(f"space before: {megabytes(before)}, after: {megabytes(space())}")
        if rows and not arguments.apply:
            print("nothing is deleted yet: --apply does it")


def listed(found: cleanup.Unneeded) -> list[dict[str, Any]]:
    """Describe runs and logged models."""
    runs = [
        ("run", run.info.run_id, run.info.run_name, run.info.start_time, run.info.artifact_uri)
        for run in found.runs
    ]
    models = [
        (
            "model",
            model.model_id,
            f"of run {model.source_run_id[:8]}",
            model.creation_timestamp,
            model.artifact_location,
        )
        for model in found.logged_models
    ]
    return [
        {
            "what": what,
            "id": id,
            "name": name,
            "began": f"{datetime.fromtimestamp(began / 1000, UTC):%Y-%m-%d %H:%M}",
            "bytes": deletion.size([place]) if deletion.local_folder(place) else None,
        }
        for what, id, name, began, place in [*runs, *models]
    ]


def space() -> int:
    """Count the bytes that a local store takes."""
    database = local_database(store.tracking_uri())
    files = project_root() / "mlruns"
    return deletion.size([files.as_uri()]) + (database.stat().st_size if database else 0)


def megabytes(count: int | None) -> str:
    """Write a number of bytes as people read it."""
    return "" if count is None else f"{count / 1e6:.1f} MB"
