"""What goes into a run: parameters, data, metrics, reports, decisions."""

import csv
import hashlib
import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..base.flat import flat
from ..base.hashing import file_md5
from ..base.paths import GROUPS, PARAMS, PLOTS, REGISTRATION
from ..base.spreadsheet import original
from ..lineage import snapshot
from ..params import Params
from ..table.description import Description
from .run import Run

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

EVALUATED = "evaluated"  # the tag of a run that has its metrics
MAX_BATCH = 100  # parameters that MLflow takes in one call
MAX_TAG = 5000  # characters of a tag's value; MLflow would cut off the rest
LONGEST_PART = 80  # characters of a part of a metric's name


def log_params(run: Run, params: Params) -> None:
    """Log params.yaml: the file, and each value by the name that DVC gives it.

    Of the model types' blocks only that in use, and not what `tune` would search, so that a column of
    `mlflow ui` means something. Units are the model's (`columns`), under names that MLflow may not take.
    """
    from mlflow.entities import Param

    values = params.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude={"tune": True, "data": {"units": True}}
    )
    values["model"] = {"type": params.model.type, params.model.type: params.model.parameters}
    logged = [Param(name, str(value)) for name, value in flat(values).items()]
    for start in range(0, len(logged), MAX_BATCH):
        run.client.log_batch(run.id, params=logged[start : start + MAX_BATCH])
    run.log_file(PARAMS.name, snapshot.params_file())


class Input(NamedTuple):
    """A file of data that a run was made of.

    Attributes:
        context: what it is used for.
        table: what is in it; None if the stage did not read it.
    """

    path: Path
    context: str
    table: Description | None = None


def log_data(run: Run, *inputs: Input) -> None:
    """Name files of data as inputs of a run, with DVC's md5 as their digest.

    `mlflow.search_runs(filter_string="datasets.digest = 'MD5'")` then finds every run on it.
    """
    from mlflow.data.sources import LocalArtifactDatasetSource
    from mlflow.entities import Dataset, DatasetInput, InputTag
    from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

    def dataset(path: Path, table: Description | None) -> Dataset:
        schema = profile = None
        if table:
            columns = [
                {"type": t, "name": n, "required": n in table.complete} for n, t in table.types.items()
            ]
            schema = json.dumps({"mlflow_colspec": columns})
            profile = json.dumps({"num_rows": table.rows, "num_elements": table.rows * len(table.types)})
        source = LocalArtifactDatasetSource(path.as_posix()).to_json()
        return Dataset(path.stem, file_md5(path), "local", source, schema, profile)

    datasets = [
        DatasetInput(dataset(given.path, given.table), [InputTag(MLFLOW_DATASET_CONTEXT, given.context)])
        for given in inputs
    ]
    _log_inputs(run, datasets)


def log_evaluation(run: Run, evaluation: Mapping[str, Any]) -> None:
    """Log what the evaluate stage wrote: metrics on the run and on the model, then the reports.

    Args:
        run: that has the model.
        evaluation: the content of reports/metrics.json.
    """
    from mlflow.entities import Metric, RunTag

    snapshot.check()
    now = int(time.time() * 1000)
    values = {k: v for k, v in flat(evaluation).items() if isinstance(v, int | float)}
    values |= _group_values(GROUPS)
    metrics = [Metric(k, v, now, 0, model_id=run.model_id, run_id=run.id) for k, v in values.items()]
    for start in range(0, len(metrics), MAX_BATCH):
        run.client.log_batch(run.id, metrics=metrics[start : start + MAX_BATCH])
    for report in (PLOTS, GROUPS):
        if report.exists():
            run.client.log_artifact(run.id, str(report))
    run.client.log_batch(run.id, tags=[RunTag(EVALUATED, "true")])


def log_validation(run: Run, found: Mapping[str, Any], page: str) -> None:
    """Log the counts of a validation, and its page."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    counts = {k: v for k, v in found.items() if isinstance(v, int)}
    run.client.log_batch(run.id, metrics=[Metric(k, v, now, 0) for k, v in counts.items()])
    run.client.log_text(run.id, page, "validation.html")


def log_decision(run: Run, decision: Mapping[str, Any]) -> None:
    """Record what the register stage decided, and why, as tags of the model's run."""
    from mlflow.entities import RunTag

    said = {"decision": decision["decision"], "version": decision["version"] or ""}
    said["reasons"] = "\n".join(decision["reasons"])
    said["gates"] = json.dumps(decision["gates"], ensure_ascii=False)
    if too_long := [name for name, value in said.items() if len(value) > MAX_TAG]:
        run.client.log_dict(run.id, dict(decision), REGISTRATION.name)
        said |= dict.fromkeys(too_long, f"see the artifact {REGISTRATION.name}")
    run.client.log_batch(run.id, tags=[RunTag(f"registration.{name}", value) for name, value in said.items()])


def _log_inputs(run: Run, datasets: "list[DatasetInput]") -> None:
    """Log data sets that other runs may be logging, too.

    MLflow looks for a data set and then adds it: of two runs that do so at once one is refused, whole, and
    finds it the next time.
    """
    import mlflow

    for others in reversed(range(len(datasets) + 1)):  # each data set may be another run's to add
        try:
            run.client.log_inputs(run.id, datasets)
        except mlflow.MlflowException as error:
            if not others or error.error_code != "BAD_REQUEST":
                raise
        else:
            break


def _group_values(path: Path) -> dict[str, float]:
    """Read the metrics of each group, named `group/COLUMN/VALUE/METRIC`."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    values: dict[str, float] = {}
    for row in rows:
        named = ("group", *(_name_part(original(row.pop(key))) for key in ("column", "group")))
        values |= {"/".join([*named, _name_part(name)]): float(value) for name, value in row.items() if value}
    return values


def _name_part(text: str) -> str:
    """Write a text as a part of a metric's name: two texts never become one.

    A character that MLflow does not take becomes its code point, and so does an underscore that begins what
    looks like one. What is too long (of a name's 250 characters three parts have 80 each) ends with a hash of
    the whole, after a dot, which no other part has.
    """
    coded = re.sub(r"[^\w \-]|_(?=x[0-9a-f]+_)", lambda match: f"_x{ord(match[0]):x}_", text)
    if len(coded) <= LONGEST_PART:
        return coded
    digest = hashlib.md5(text.encode(errors="surrogatepass")).hexdigest()[:12]
    return f"{coded[: LONGEST_PART - 13]}.{digest}"
