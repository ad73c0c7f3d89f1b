"""List the runs and models that nothing needs any more; with --apply, delete them.

Runs and models are needed if they belong to a version of the registered model, to a DVC experiment, to a
commit on a branch or tag, or to the workspace, or if they are still running; so is what these refer to: a
search's trials, the run that trained a model, the validation of its data. In a store that others use, what
other clones made is left alone. What CI jobs made is not: run `git fetch` first, so that the commits that
need it are known here.
"""

import re
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from typing import Any

from ..base import console
from ..base.paths import project_root
from ..base.text import megabytes
from ..tracking import address, cleanup, deletion, store
from ..tracking.local_store import local_database
from ..tracking.sizes import sizes
from .options import add_json, print_json

SECONDS = {"d": 86400, "h": 3600}


def age(text: str) -> int:
    """Parse an age, `30d` or `12h`, in seconds, as a type of argparse."""
    if match := re.fullmatch(r"(\d+)([dh])", text):
        return int(match[1]) * SECONDS[match[2]]
    raise ArgumentTypeError(f"{text!r} is not an age; give days or hours: 30d, 12h")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the age, and whether to delete."""
    parser.add_argument("--older-than", type=age, required=True, metavar="30d", help="keep what is newer")
    parser.add_argument("--apply", action="store_true", help="delete them")
    parser.add_argument(
        "--anyones",
        action="store_true",
        help="in a store that others use: also delete what other clones made, even if they need it",
    )
    parser.add_argument(
        "--files",
        action="store_true",
        help="on a server: delete the models' files, too, which `mlflow gc` leaves there; a run that is "
        "restored then has no model",
    )
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        is_server = local_database(client.tracking_uri) is None
        unneeded = cleanup.find_unneeded(client, time.time() - arguments.older_than, arguments.anyones)
        rows, before = described(unneeded), space()
        if arguments.apply:
            deletion.delete(client, unneeded, arguments.files)
        result: dict[str, Any] = {"deleted": arguments.apply, "unneeded": rows, "of_others": unneeded.others}
        if not is_server:
            result |= {"space_before": before, "space_after": space()}
        if arguments.json:
            print_json(result)
        else:
            print_result(result)


def print_result(result: dict[str, Any]) -> None:
    """Print what was, or would be, deleted.

    Args:
        result: `unneeded`, from `described`; `deleted`, whether they were deleted; `of_others`, how many runs
            of other clones were left alone; for a local store, `space_before` and `space_after`, in bytes.
    """
    rows, deleted = result["unneeded"], result["deleted"]
    if rows:
        title = f"cleanup: {len(rows)} {'deleted' if deleted else 'would be deleted'}"
        console.table(title, [{**row, "bytes": megabytes(row["bytes"])} for row in rows])
    else:
        print("cleanup: nothing is unneeded")
    if result["of_others"]:
        print(f"{result['of_others']} runs of other clones are left alone: run this there, or see --anyones")
    if "space_before" in result:
        before, after = megabytes(result["space_before"]), megabytes(result["space_after"])
        print(f"space before: {before}, after: {after}")
    elif rows:
        print("the server keeps the files, and can restore the runs, until `mlflow gc` is run there")
    if rows and not deleted:
        print("nothing is deleted yet: --apply does it")


def described(unneeded: cleanup.Unneeded) -> list[dict[str, Any]]:
    """Describe runs and logged models; `began` is in UTC, `bytes` is None if a server does not say."""
    runs = [
        ("run", run.info.run_id, run.info.run_name, run.info.start_time, run.info.artifact_uri)
        for run in unneeded.runs
    ]
    models = [
        (
            "model",
            model.model_id,
            f"of run {model.source_run_id[:8]}",
            model.creation_timestamp,
            model.artifact_location,
        )
        for model in unneeded.logged_models
    ]
    everything = [*runs, *models]
    in_bytes = sizes(place for *_, place in everything)
    return [
        {
            "what": what,
            "id": id,
            "name": name,
            "began": f"{datetime.fromtimestamp(began / 1000, UTC):%Y-%m-%d %H:%M}",
            "bytes": in_bytes[place],
        }
        for what, id, name, began, place in everything
    ]


def space() -> int:
    """Return the size of a local store in bytes."""
    database = local_database(address.tracking_uri())
    files = project_root() / "mlruns"
    return deletion.size([files.as_uri()]) + (database.stat().st_size if database else 0)
