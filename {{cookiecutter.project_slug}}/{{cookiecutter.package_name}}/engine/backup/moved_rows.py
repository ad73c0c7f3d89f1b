"""How the rows of an sqlite file's store are changed when they are moved into a server's."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ..base.errors import UserError
from ..tracking.moved import COLUMNS
from .files import Files
from .rows import Row, Table, tables_of

PROXIED = "mlflow-artifacts:/"  # the beginning of the URI of an artifact that a server hands out
REGISTRY = ("registered_model", "model_version")  # the names of its tables begin with these
THEIRS = ("alembic_version", "workspaces")  # tables that the server fills itself


@dataclass(frozen=True)
class Moved:
    """How the rows are changed.

    Attributes:
        experiments: the numbers of the experiments on the server, by their numbers in the file.
        merged: the numbers in the file of the experiments whose names the server already has.
        datasets: the ids of the datasets that the server already has in the same experiment, by their ids in
            the file.
        files: the place where the artifacts were.
        owners: the number on the server of the experiment that a run or model belongs to, by the path of its
            artifacts.
        has_registry: whether the registered models are moved, too.
    """

    experiments: dict[int, int]
    merged: set[int]
    datasets: dict[str, str]
    files: Files
    owners: dict[str, int]
    has_registry: bool

    def path(self, path: str) -> str:
        """Return the path on the server of a file or folder, from its path among the artifacts."""
        above = (str(folder) for folder in (PurePosixPath(path), *PurePosixPath(path).parents))
        owner = next((self.owners[folder] for folder in above if folder in self.owners), None)
        return path if owner is None else f"{owner}/{path}"


def moved_tables(dump: Path, moved: Moved) -> Iterator[Table]:
    """Yield the tables, with their rows changed for the server."""
    for table in tables_of(dump):
        if table.name in THEIRS or (not moved.has_registry and table.name.startswith(REGISTRY)):
            continue
        rows = [new for row in table.rows if (new := _row(table, row, moved))]
        if rows:
            yield replace(table, rows=rows)


def _row(table: Table, row: Row, moved: Moved) -> Row | None:
    """Return a row changed for the server; None if the server already has it.

    Raises:
        UserError: an artifact is not where the others are.
    """
    values = dict(zip(table.columns, row, strict=True))
    experiment = values.get("experiment_id")
    if experiment is not None:
        if experiment in moved.merged and table.name in ("experiments", "experiment_tags"):
            return None
        values["experiment_id"] = moved.experiments[experiment]
    if table.name == "datasets" and values["dataset_uuid"] in moved.datasets:
        return None
    if table.name == "inputs":
        values["source_id"] = moved.datasets.get(values["source_id"], values["source_id"])
    if table.name == "experiments":  # the location that the server chooses for a new experiment
        values["artifact_location"] = f"{PROXIED}{values['experiment_id']}"
    elif (column := COLUMNS.get(table.name)) and values[column]:
        values[column] = _location(values[column], moved)
    if table.name == "model_versions" and values["source"].startswith("file:"):
        values["source"] = _location(values["source"], moved)
    return tuple(values.values())


def _location(location: str, moved: Moved) -> str:
    """Return the location of an artifact on the server.

    Raises:
        UserError: the artifact was not where the others were.
    """
    path = moved.files.at(location)
    if path is None:
        raise UserError(
            f"{location}: the artifact is not in {moved.files.uri}; if the project was moved, `repair-paths` "
            "and `tracking export` again"
        )
    return f"{PROXIED}{moved.path(path)}"
