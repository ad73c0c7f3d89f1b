"""MLflow runs: one for a model's training and evaluation, never written over."""

import csv
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UserError
from ..files import write_json
from ..params import Params
from ..paths import GROUPS, MODEL, PARAMS, PLOTS, RUN
from . import lineage, store
from .models import MODEL_ID, log_model

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from sklearn.pipeline import Pipeline

EVALUATED = "evaluated"  # the tag of a run that has its metrics
FAILURE = "failure"  # the tag with the reason of a failed one
NUMBER = "run.number"
FORKED = "forked.from"  # the run that trained the model
RESTORED = "restored.from"  # the run in another store
MAX_BATCH = 100  # parameters that MLflow takes in one call


@dataclass(frozen=True)
class TrainingRun:
    """Which run trained models/model.joblib, written beside it for the stages that follow.

    Attributes:
        baseline: the commit that the DVC experiment started from; empty outside of one.
        experiment: the DVC experiment's name, unique only together with `baseline`.
    """

    run_id: str
    model_id: str
    baseline: str
    experiment: str

    @classmethod
    def here(cls, run_id: str, model_id: str) -> "TrainingRun":
        """Describe a run of the experiment that this process belongs to."""
        return cls(run_id, model_id, *_experiment())

    @classmethod
    def read(cls) -> "TrainingRun":
        """Read what the train stage wrote.

        Raises:
            UserError: it has not run.
        """
        try:
            return cls(**json.loads(RUN.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise UserError(f"{RUN}: no such file; `dvc repro train` makes it") from None

    def write(self) -> None:
        """Write it beside the model."""
        write_json(RUN, asdict(self))


@dataclass(frozen=True)
class ModelRun:
    """A run that has a model: their ids in MLflow."""

    run_id: str
    model_id: str


@contextmanager
def data_run(md5: str, stage: str) -> Iterator[str]:
    """Record a validation as a run of the data's own experiment; yields the run's id."""
    client = store.connect()
    experiment = store.experiment_id(client, store.DATA_EXPERIMENT)
    name = f"{store.DATA_EXPERIMENT}-{md5[:8]}"
    with _recorded(client, _create(client, experiment, stage, {"mlflow.runName": name})) as run_id:
        yield run_id


@contextmanager
def model_run(params: Params, stage: str, tags: Mapping[str, str] | None = None) -> Iterator[str]:
    """Record a model in a new run, with its lineage and all parameters; yields the run's id."""
    client = store.connect()
    experiment = store.experiment_id(client, store.EXPERIMENT)
    named = {**_name(client, experiment, params.model.type), "model.type": params.model.type}
    with _recorded(client, _create(client, experiment, stage, {**named, **(tags or {})})) as run_id:
        _log_params(client, run_id, params)
        yield run_id


@contextmanager
def evaluation_run(
    params: Params, trained: TrainingRun, pipeline: "Pipeline", features: "pd.DataFrame"
) -> Iterator[ModelRun]:
    """Go on with the run that trained the model, or fork a new one from it.

    The run is gone on with only if it is there, belongs to this very experiment and has no metrics
    yet. Otherwise the model came from DVC's cache, and its old run keeps its old numbers.

    Args:
        params: logged in a new run.
        trained: from the train stage.
        pipeline: logged if this store does not have it.
        features: some rows, to describe the pipeline's input by.
    """
    client = store.connect()
    run = find(client, trained.run_id)
    ours = (trained.baseline, trained.experiment) == _experiment()
    if run is not None and ours and EVALUATED not in run.data.tags:
        with _recorded(client, trained.run_id) as run_id:
            yield ModelRun(run_id, _adopt_model(client, run_id, trained.model_id, pipeline, features))
    else:
        with model_run(params, "evaluate", {FORKED: trained.run_id}) as run_id:
            yield ModelRun(run_id, _adopt_model(client, run_id, trained.model_id, pipeline, features))


def evaluated_run(
    params: Params,
    evaluation: Mapping[str, Any],
    trained: TrainingRun,
    pipeline: "Pipeline",
    features: "pd.DataFrame",
) -> ModelRun:
    """Return the run that has the model and its metrics, restored from DVC's files if it is not there.

    That is so in a fresh clone with a store of its own: DVC brought the results, and no stage ran.
    """
    client = store.connect()
    run = find(client, evaluation["run_id"]) or _restored(client, evaluation["run_id"])
    if run is not None and _has_model(client, run.data.tags.get(MODEL_ID, "")):
        return ModelRun(run.info.run_id, run.data.tags[MODEL_ID])
    with model_run(params, "register", {RESTORED: evaluation["run_id"]}) as run_id:
        model_id = _adopt_model(client, run_id, trained.model_id, pipeline, features)
        log_evaluation(ModelRun(run_id, model_id), evaluation)
    return ModelRun(run_id, model_id)


def find(client: "MlflowClient", run_id: str) -> "Run | None":
    """Return a run; None if this store has never had it or it was deleted."""
    from mlflow.exceptions import MlflowException

    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
    return run if run.info.lifecycle_stage == "active" else None


def _restored(client: "MlflowClient", run_id: str) -> "Run | None":
    """Return the run that was put into this store in place of another store's."""
    experiment = store.experiment_id(client, store.EXPERIMENT)
    found = client.search_runs([experiment], filter_string=f"tags.`{RESTORED}` = '{run_id}'", max_results=1)
    return found[0] if found else None


def log_evaluation(run: ModelRun, evaluation: Mapping[str, Any]) -> None:
    """Log what the evaluate stage wrote: metrics on the run and on the model, then the reports.

    Args:
        run: whose it is.
        evaluation: the content of reports/metrics.json.
    """
    import mlflow
    from mlflow.entities import Metric, RunTag

    client, now = mlflow.MlflowClient(), int(time.time() * 1000)
    values = {k: v for k, v in _flat(evaluation).items() if isinstance(v, int | float)}
    values |= _group_values(GROUPS)
    metrics = [Metric(k, v, now, 0, model_id=run.model_id, run_id=run.run_id) for k, v in values.items()]
    for start in range(0, len(metrics), MAX_BATCH):
        client.log_batch(run.run_id, metrics=metrics[start : start + MAX_BATCH])
    for report in (PLOTS, GROUPS):
        if report.exists():
            client.log_artifact(run.run_id, str(report))
    client.log_batch(run.run_id, tags=[RunTag(EVALUATED, "true")])


def log_validation(run_id: str, found: Mapping[str, Any], page: Path) -> None:
    """Log the counts of a validation, and its page."""
    import mlflow

    client, now = mlflow.MlflowClient(), int(time.time() * 1000)
    counts = {k: v for k, v in found.items() if isinstance(v, int)}
    client.log_batch(run_id, metrics=[mlflow.entities.Metric(k, v, now, 0) for k, v in counts.items()])
    client.log_artifact(run_id, str(page))


def log_decision(run_id: str, decision: Mapping[str, Any]) -> None:
    """Record what the register stage decided, and why, as tags of the model's run."""
    import mlflow
    from mlflow.entities import RunTag

    kept = ("decision", "reasons", "version")
    tags = [RunTag(f"registration.{name}", str(decision[name])) for name in kept if decision[name]]
    mlflow.MlflowClient().log_batch(run_id, tags=tags)


def log_data(path: Path, context: str, frame: "pd.DataFrame | None" = None) -> None:
    """Name a file of data as an input of the active run, with DVC's md5 as its digest.

    `mlflow.search_runs(filter_string="datasets.digest = 'MD5'")` then finds every run on it.

    Args:
        path: the file.
        context: what it is used for.
        frame: its content, for the record of columns and rows; None if the stage did not read it.
    """
    import mlflow
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.data.sources import LocalArtifactDatasetSource

    named = {"name": path.stem, "digest": lineage.file_md5(path)}
    data = (
        MetaDataset(LocalArtifactDatasetSource(path.as_posix()), **named)
        if frame is None
        else mlflow.data.from_pandas(frame, source=path.as_posix(), **named)
    )
    mlflow.log_input(data, context=context)


def _experiment() -> tuple[str, str]:
    """Return the DVC experiment's identity, (baseline, name); two empty strings outside of one."""
    return os.environ.get("DVC_EXP_BASELINE_REV", ""), os.environ.get("DVC_EXP_NAME", "")


def _name(client: "MlflowClient", experiment: str, model_type: str) -> dict[str, str]:
    """Name a run after its model and its DVC experiment, or else the next free number."""
    prefix = f"{store.EXPERIMENT}-{model_type}"
    if name := os.environ.get("DVC_EXP_NAME"):
        return {"mlflow.runName": f"{prefix}-{name}"}
    last = client.search_runs(
        [experiment],
        filter_string=f"tags.`{NUMBER}` LIKE '%'",
        max_results=1,
        order_by=["attributes.start_time DESC"],
    )
    number = int(last[0].data.tags[NUMBER]) + 1 if last else 1
    return {"mlflow.runName": f"{prefix}-{number}", NUMBER: str(number)}


def _create(client: "MlflowClient", experiment: str, stage: str, tags: Mapping[str, str]) -> str:
    """Create a run with its lineage and return its id."""
    diff = lineage.code_diff()
    made_of = lineage.tags(stage, diff)
    mlflows_own = {
        "mlflow.user": made_of["user"],
        "mlflow.source.name": f"dvc.yaml:{stage}",
        "mlflow.source.type": "PROJECT",
        "mlflow.source.git.commit": made_of.get("git.commit", ""),
    }
    run_id = str(client.create_run(experiment, tags={**mlflows_own, **made_of, **tags}).info.run_id)
    if diff:
        client.log_text(run_id, diff, "code.diff")
    return run_id


@contextmanager
def _recorded(client: "MlflowClient", run_id: str) -> Iterator[str]:
    """Make a run the active one, then FINISHED, or, if the block raises, FAILED with the reason."""
    import mlflow

    with mlflow.start_run(run_id=run_id):
        try:
            yield run_id
        except BaseException as error:
            reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
            client.set_tag(run_id, FAILURE, reason[:5000])
            raise


def _log_params(client: "MlflowClient", run_id: str, params: Params) -> None:
    """Log params.yaml: the file, and each value by the name that DVC gives it.

    Of the model types' blocks only that in use, so that a column of `mlflow ui` means something.
    """
    from mlflow.entities import Param

    values = params.model_dump(mode="json", by_alias=True)
    values["model"] = {"type": params.model.type, params.model.type: params.model.parameters}
    logged = [Param(name, str(value)) for name, value in _flat(values).items()]
    for start in range(0, len(logged), MAX_BATCH):
        client.log_batch(run_id, params=logged[start : start + MAX_BATCH])
    client.log_artifact(run_id, str(PARAMS))


def _adopt_model(
    client: "MlflowClient", run_id: str, model_id: str, pipeline: "Pipeline", features: "pd.DataFrame"
) -> str:
    """Make a logged model the output of the active run, logging it if this store does not have it."""
    if not _has_model(client, model_id):
        return log_model(pipeline, features, lineage.file_md5(MODEL))
    run = client.get_run(run_id)
    if run.data.tags.get(MODEL_ID) != model_id:
        from mlflow.entities import LoggedModelOutput

        client.log_outputs(run_id, [LoggedModelOutput(model_id, step=0)])
        client.set_tag(run_id, MODEL_ID, model_id)
    return model_id


def _has_model(client: "MlflowClient", model_id: str) -> bool:
    from mlflow.exceptions import MlflowException

    try:
        return bool(model_id) and client.get_logged_model(model_id) is not None
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return False
        raise


def _group_values(path: Path) -> dict[str, float]:
    """Read the metrics of each group, named `group/COLUMN/VALUE/METRIC` with what MLflow allows."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            re.sub(r"[^\w\-. /]", "_", f"group/{row['column']}/{row['group']}/{name}"): float(value)
            for row in csv.DictReader(file)
            for name, value in row.items()
            if value and name not in ("column", "group")
        }


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Flatten nested mappings as DVC does: `{"a": {"b": 1}}` to `{"a.b": 1}`."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat
