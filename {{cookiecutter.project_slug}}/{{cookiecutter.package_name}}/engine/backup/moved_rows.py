"""What becomes of the rows of an sqlite file's store on their way into a server's."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ..base.errors import UserError
from ..tracking.moved import COLUMNS
from .files import Files
from .rows import Row, Table, tables_of

PROXIED = "mlflow-artifacts:/"  # before the path of an artifact that a server hands out
REGISTRY = ("registered_model", "model_version")  # the names of its tables begin with these
THEIRS = ("alembic_version", "workspaces")  # tables that the server has filled itself


@dataclass(frozen=True)
class Moved:
    """What becomes of the rows on their way.

    Attributes:
        experiments: their numbers on the server, by those in the file.
        merged: those that the server has already, by their numbers in the file.
        datasets: ids of those that the server has in the same experiment already, by those in the file.
        files: where the artifacts were.
        owners: the owners of each run and model, by the path of its artifacts, its experiment's number on the
            server.
        has_registry: registered models are taken, too.
    """

    experiments: dict[int, int]
    merged: set[int]
    datasets: dict[str, str]
    files: Files
    owners: dict[str, int]
    has_registry: bool

    def path(self, path: str) -> str:
        """Return the path of a file or folder on the server, by that among the artifacts."""
        above = (str(folder) for folder in (PurePosixPath(path), *PurePosixPath(path).parents))
        owner = next((self.owners[folder] for folder in above if folder in self.owners), None)
        return path if owner is None else f"{owner}/{path}"


def moved_tables(dump: Path, moved: Moved) -> Iterator[Table]:
    """Yield the tables with the rows as the server is to have them."""
    for table in tables_of(dump):
        if table.name in THEIRS or (not moved.has_registry and table.name.startswith(REGISTRY)):
            continue
        rows = [new for row in table.rows if (new := _row(table, row, moved))]
        if rows:
            yield replace(table, rows=rows)


def _row(table: Table, row: Row, moved: Moved) -> Row | None:
    """Return a row as it goes into the server; None if the server has it already.

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
    if table.name == "experiments":  # as the server chooses it for a new one
        values["artifact_location"] = f"{PROXIED}{values['experiment_id']}"
    elif (column := COLUMNS.get(table.name)) and values[column]:
        values[column] = _location(values[column], moved)
    if table.name == "model_versions" and values["source"].startswith("file:"):
        values["source"] = _location(values["source"], moved)
    return tuple(values.values())


def _location(location: str, moved: Moved) -> str:
    """Return the location of an artifact on the server.

    Raises:
        UserError: it was not where the others were.
    """
    path = moved.files.at(location)
    if path is None:
        raise UserError(
            f"{location}: the artifact is not in {moved.files.uri}; if the project was moved, `repair-paths` "
            "and `tracking export` again"
        )
    return f"{PROXIED}{moved.path(path)}"
