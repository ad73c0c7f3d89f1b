"""Moving the store of an sqlite file, such as a laptop's, into a server's, with every id that lineage uses.

Runs, models and versions keep their ids. An experiment gets another number if the server already uses its
number. If the server has an experiment of the same name, the runs go into the server's. The server hands out
artifacts under `mlflow-artifacts:`, so that no path of the laptop is left. A server with accounts finds the
rights to a file by the number of the experiment, with which the file's path begins. In a laptop's store,
paths do not begin with it, so the files are stored under it on the server.
"""

from pathlib import Path

from ..base.errors import UserError
from .database import VERSION, Database, Sqlite
from .files import Files, for_each
from .manifest import ARTIFACTS, Manifest
from .moved_rows import Moved, moved_tables
from .place import Place

KEYS = {"runs": "run_uuid", "logged_models": "model_id"}  # tables whose ids are unique across stores
OWNERS = (
    "SELECT artifact_uri, experiment_id FROM runs",
    "SELECT artifact_location, experiment_id FROM logged_models",
)
EXPERIMENTS = "SELECT experiment_id, name, lifecycle_stage FROM experiments ORDER BY experiment_id"
DATASETS = "SELECT dataset_uuid, experiment_id, name, digest FROM datasets"


def import_store(backup: Path, manifest: Manifest, place: Place, has_registry: bool) -> dict[str, int]:
    """Move the store in a backup into a server's: first the artifacts, then all rows in one transaction.

    Args:
        backup: the backup's folder.
        manifest: the backup's list of its content.
        place: the place of the server's store.
        has_registry: whether to take the registered models, too.

    Returns:
        The number of rows by table.

    Raises:
        UserError: the server's store is of another version of MLflow, or already has a part of this one.
    """
    dump = backup / manifest.databases.get("store", "")
    if dump.suffix != Sqlite.suffix:
        raise UserError(f"{backup}: comes from a PostgreSQL database; `restore` puts it into an empty one")
    source, target = Sqlite(dump), place.databases["store"]
    _check(source, target, manifest, has_registry)
    manifest.check(backup)
    moved = _planned(source, target, Files(manifest.artifacts_uri), has_registry)
    tables = list(moved_tables(dump, moved))  # so that an error is raised before anything is stored
    paths = [path for path in manifest.files if path.startswith(f"{ARTIFACTS}/")]
    for_each(
        paths, lambda path: place.files.put(moved.path(path.removeprefix(f"{ARTIFACTS}/")), backup / path)
    )
    target.insert(tables)
    return {table.name: len(list(table.rows)) for table in tables}


def _check(source: Sqlite, target: Database, manifest: Manifest, has_registry: bool) -> None:
    """Check that both stores are of one version of MLflow, and that the server's has no part of the other.

    Raises:
        UserError: the store cannot be moved.
    """
    if target.is_empty():
        raise UserError("the server's database has no tables yet: start `mlflow server` on it once")
    ((schema, *_), *_) = target.ask(VERSION)
    if schema != manifest.schema:
        raise UserError(
            f"the server's tables are of another version of MLflow ({schema}, these {manifest.schema}): "
            "`mlflow db upgrade URI` with the newer MLflow brings the older one up, here sqlite:///mlflow.db"
        )
    for table, key in KEYS.items():
        query = f"SELECT {key} FROM {table}"
        if both := set(source.ask(query)) & set(target.ask(query)):
            ((first,), *_) = sorted(both)
            raise UserError(f"the server has {len(both)} of these {table} already, such as {first}")
    query = "SELECT name FROM registered_models"
    if has_registry and (both := set(source.ask(query)) & set(target.ask(query))):
        ((first,), *_) = sorted(both)
        raise UserError(
            f"the server has a registered model {first!r} already, with versions and a history of its own: "
            "rename one of the two on MLflow's pages, or leave these behind: --without-registry"
        )


def _planned(source: Sqlite, target: Database, files: Files, has_registry: bool) -> Moved:
    """Find a number for each experiment, and the datasets that the server already has.

    Raises:
        UserError: the server has an experiment of the same name, but it is deleted.
    """
    there = {name: (int(id), state) for id, name, state in target.ask(EXPERIMENTS)}
    used = {number for number, _ in there.values()}
    experiments: dict[int, int] = {}
    merged = set()
    for id, name, _ in source.ask(EXPERIMENTS):
        if name in there:
            number, state = there[name]
            if state == "deleted":
                raise UserError(f"the server's experiment {name!r} is deleted: restore or rename it first")
            experiments[int(id)] = number
            merged.add(int(id))
        else:
            number = int(id) if int(id) not in used else max(used) + 1
            experiments[int(id)] = number
            used.add(number)
    known = {tuple(key): uuid for uuid, *key in target.ask(DATASETS)}
    datasets = {
        uuid: known[key]
        for uuid, experiment, *rest in source.ask(DATASETS)
        if (key := (str(experiments[int(experiment)]), *rest)) in known
    }
    owners = {
        path: experiments[int(experiment)]
        for query in OWNERS
        for location, experiment in source.ask(query)
        if location and (path := files.at(location))
    }
    return Moved(experiments, merged, datasets, files, owners, has_registry)
