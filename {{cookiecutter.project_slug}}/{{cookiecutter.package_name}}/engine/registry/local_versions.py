"""The versions of a model in a local store, read from its database, as `listed` asks MLflow for them.

Importing MLflow and opening the store with it would take most of the seconds that `status` takes.
"""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from ..base.paths import project_root
from ..tracking import moved
from .listed import row
from .lost import ACTIVE, why_run_is_lost

SCHEMAS = {"dc11669786a5"}  # the revisions of MLflow's tables that these queries were written for: 3.17's
# if one of these is set, only MLflow knows which rows are meant
WORKSPACES = ("MLFLOW_ENABLE_WORKSPACES", "MLFLOW_WORKSPACE")

EXPERIMENTS = "FROM experiments WHERE workspace = 'default'"
LOCATIONS = f"SELECT artifact_location {EXPERIMENTS} AND name IN (?, ?)"
DELETED = f"SELECT experiment_id {EXPERIMENTS} AND lifecycle_stage != '{ACTIVE}'"
OF_MODEL = "workspace = 'default' AND name = ?"
ALIASES = f"SELECT version, alias FROM registered_model_aliases WHERE {OF_MODEL} ORDER BY alias"
TAGS = f"SELECT version, key, value FROM model_version_tags WHERE {OF_MODEL}"
VERSIONS = f"""
SELECT version, creation_time, run_id, experiment_id, lifecycle_stage, value, is_nan
FROM (SELECT * FROM model_versions WHERE {OF_MODEL} AND current_stage != 'Deleted_Internal')
LEFT JOIN runs ON runs.run_uuid = run_id
LEFT JOIN latest_metrics ON latest_metrics.run_uuid = run_id AND key = ?
ORDER BY version DESC
"""


def read(database: Path, experiments: Iterable[str], model: str, metric: str) -> list[dict[str, Any]] | None:
    """Read what `listed.versions` describes; nothing is written.

    Args:
        database: the store's file.
        experiments: the names of the project's two experiments.
        model: the registered model's name.
        metric: the metric to list.

    Returns:
        The versions, the newest first; an empty list if there is no such model. None if only MLflow can
        tell: the tables are those of another version of MLflow, or must not be read directly.

    Raises:
        UserError: the project was moved, and the store names its old place.
    """
    if any(os.environ.get(name) for name in WORKSPACES):
        return None
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            if not {number for (number,) in connection.execute("SELECT * FROM alembic_version")} <= SCHEMAS:
                return None
            locations = [location for (location,) in connection.execute(LOCATIONS, tuple(experiments))]
            rows = _rows(connection, model, metric)
    except sqlite3.Error:  # MLflow says what is wrong with it
        return None
    moved.check(database, project_root(), locations)
    return rows


def _rows(connection: sqlite3.Connection, model: str, metric: str) -> list[dict[str, Any]]:
    deleted = {str(experiment) for (experiment,) in connection.execute(DELETED)}
    aliases: dict[int, list[str]] = {}
    for number, alias in connection.execute(ALIASES, (model,)):
        aliases.setdefault(number, []).append(alias)
    tags: dict[int, dict[str, str]] = {}
    for number, key, value in connection.execute(TAGS, (model,)):
        tags.setdefault(number, {})[key] = value
    return [
        row(
            str(number),
            aliases.get(number, []),
            created,
            tags.get(number, {}),
            {metric: float("nan") if is_nan else value},
            why_run_is_lost(run, None if stage is None else (str(experiment), stage), deleted),
        )
        for number, created, run, experiment, stage, value, is_nan in connection.execute(
            VERSIONS, (model, metric)
        )
    ]
