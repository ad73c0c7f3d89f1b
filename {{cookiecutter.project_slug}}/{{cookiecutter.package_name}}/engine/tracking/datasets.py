"""The data files that a run used, as MLflow's data sets."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..base.hashing import path_md5
from ..table.description import Description
from .run import Run

if TYPE_CHECKING:
    from mlflow.entities import Dataset, DatasetInput


class Input(NamedTuple):
    """A data file that a run used.

    Attributes:
        path: the file's path.
        context: what it was used for, e.g. "training".
        table: a description of its content; None if the stage did not read it.
    """

    path: Path
    context: str
    table: Description | None = None


def log_data(run: Run, *inputs: Input) -> None:
    """Log data files as inputs of a run, with DVC's md5 as their digest.

    `mlflow.search_runs(filter_string="datasets.digest = 'MD5'")` then finds every run that used one.
    """
    from mlflow.entities import DatasetInput, InputTag
    from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

    datasets = [
        DatasetInput(_dataset(file.path, file.table), [InputTag(MLFLOW_DATASET_CONTEXT, file.context)])
        for file in inputs
    ]
    _log_inputs(run, datasets)


def _dataset(path: Path, table: Description | None) -> "Dataset":
    from mlflow.data.sources import LocalArtifactDatasetSource
    from mlflow.entities import Dataset

    schema = profile = None
    if table:
        columns = [
            {"type": type_, "name": name, "required": name in table.complete}
            for name, type_ in table.types.items()
        ]
        schema = json.dumps({"mlflow_colspec": columns})
        profile = json.dumps({"num_rows": table.rows, "num_elements": table.rows * len(table.types)})
    source = LocalArtifactDatasetSource(path.as_posix()).to_json()
    return Dataset(path.stem, path_md5(path), "local", source, schema, profile)


def _log_inputs(run: Run, datasets: "list[DatasetInput]") -> None:
    """Log data sets that other runs may be logging at the same time.

    MLflow looks for a data set and adds it if it is new. If two runs do so at once, the call of one fails as
    a whole; when it is repeated, it finds the data set.
    """
    import mlflow

    for others in reversed(range(len(datasets) + 1)):  # another run may be adding any of them
        try:
            run.client.log_inputs(run.id, datasets)
        except mlflow.MlflowException as error:
            if not others or error.error_code != "BAD_REQUEST":
                raise
        else:
            break
