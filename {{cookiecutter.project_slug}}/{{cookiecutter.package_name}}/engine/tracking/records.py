"""What the stages log to a run: parameters, metrics, reports, decisions."""

import time
from collections.abc import Mapping
from typing import Any

from ..base.flat import flat
from ..base.paths import GROUPS, PARAMS, PLOTS, REGISTRATION
from ..lineage import snapshot
from ..params import Params
from .group_metrics import group_metrics
from .notes import describe_run, describe_validation
from .run import Run

EVALUATED = "evaluated"  # the tag of a run that has its metrics
MAX_BATCH = 100  # parameters or metrics that MLflow accepts in one call
MAX_TAG = 5000  # characters of a tag's value; MLflow would cut off the rest


def log_params(run: Run, params: Params) -> None:
    """Log params.yaml: the file, and each value under the name that DVC gives it.

    Of the model types, only the one in use is logged, and the blocks of `tune`, `drift` and `serve` are not,
    so that each column on MLflow's page has a meaning. Units are logged with the model (see `columns`), since
    MLflow does not accept every column name as a parameter's name.
    """
    from mlflow.entities import Param

    values = params.model_dump(
        mode="json",
        by_alias=True,
        exclude_none=True,
        exclude={"tune": True, "drift": True, "serve": True, "data": {"units": True}},
    )
    model = params.model
    chosen = {} if model.threshold is None else {"threshold": model.threshold}
    values["model"] = {"type": model.type, **chosen, model.type: model.parameters}
    logged = [Param(name, str(value)) for name, value in flat(values).items()]
    for start in range(0, len(logged), MAX_BATCH):
        run.client.log_batch(run.id, params=logged[start : start + MAX_BATCH])
    run.log_file(PARAMS.name, snapshot.params_file())


def log_evaluation(run: Run, evaluation: Mapping[str, Any]) -> None:
    """Log what the evaluate stage wrote: metrics on the run and on the model, then the reports.

    Args:
        run: the run with its model.
        evaluation: the content of reports/metrics.json.

    Raises:
        ChangedError: something that the stage depends on has changed.
    """
    from mlflow.entities import Metric, RunTag

    snapshot.check()
    now = int(time.time() * 1000)
    values = {name: value for name, value in flat(evaluation).items() if isinstance(value, int | float)}
    values |= group_metrics(GROUPS)
    metrics = [
        Metric(name, value, now, 0, model_id=run.model_id, run_id=run.id) for name, value in values.items()
    ]
    for start in range(0, len(metrics), MAX_BATCH):
        run.client.log_batch(run.id, metrics=metrics[start : start + MAX_BATCH])
    for report in (PLOTS, GROUPS):
        if report.exists():
            run.client.log_artifact(run.id, str(report))
    run.client.log_batch(run.id, tags=[RunTag(EVALUATED, "true")])
    describe_run(run)


def log_validation(run: Run, counts: Mapping[str, Any], page: str) -> None:
    """Log a validation: the counts as metrics, the roles of columns and the page (HTML) as artifacts."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [Metric(name, count, now, 0) for name, count in counts.items() if isinstance(count, int)]
    run.client.log_batch(run.id, metrics=metrics)
    run.client.log_dict(run.id, counts["roles"], "roles.json")
    run.client.log_text(run.id, page, "validation.html")
    describe_validation(run, counts)


def log_decision(run: Run, decision: Mapping[str, Any]) -> None:
    """Log what the register stage decided, and why: as a file, and in tags that people search by."""
    from mlflow.entities import RunTag

    run.client.log_dict(run.id, dict(decision), REGISTRATION.name)
    values = {"decision": decision["decision"], "version": decision["version"] or ""}
    tags = [RunTag(f"registration.{name}", value) for name, value in values.items()]
    run.client.log_batch(run.id, tags=tags)
