"""Which model the metrics belong to, and which run has them: evaluate writes both beside the metrics."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..base.files import damaged, read_json, write_json
from ..base.hashing import file_md5
from ..base.paths import EVALUATION, METRICS, MODEL
from .pipeline import outputs

MODEL_MD5 = "model_md5"  # the key with DVC's md5 of the model file


def write_evaluation(metrics: Mapping[str, Any], run_id: str) -> None:
    """Write the metrics, and which model and run they belong to.

    These are two files, since `dvc metrics diff` shows everything in the first. A dvc.yaml from before 1.1
    does not list the second, so that DVC would not keep it; in that case, the first has everything.

    Args:
        metrics: the metrics by name.
        run_id: the id of the MLflow run that has them.
    """
    evaluated = {"run_id": run_id, MODEL_MD5: file_md5(MODEL)}
    if EVALUATION not in outputs("evaluate"):
        write_json(METRICS, {**metrics, **evaluated})
        return
    write_json(METRICS, dict(metrics))
    write_json(EVALUATION, evaluated)


def read_evaluation(project: Path = Path()) -> dict[str, Any]:
    """Read both files of a project as one.

    Raises:
        UserError: the files do not exist, are damaged, or name no run.
    """
    metrics = read_json(project / METRICS, "evaluate")
    if "run_id" in metrics:  # projects from before 1.1 have it there
        return metrics
    evaluation = {**metrics, **read_json(project / EVALUATION, "evaluate")}
    if "run_id" not in evaluation:
        raise damaged(project / EVALUATION, "evaluate", ValueError("it names no run"))
    return evaluation
