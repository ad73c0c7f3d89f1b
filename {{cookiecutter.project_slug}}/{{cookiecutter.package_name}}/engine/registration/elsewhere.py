"""What `register` does if only CI makes versions: it judges the model, says so, and writes nothing."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from ..base import job
from ..judging.gate import Gate
from ..params import Params
from ..registry.predecessors import version_numbers, versions_with_alias
from ..registry.registry import Registry
from .decision import REGISTERED, REJECTED, SKIPPED, Decision

if TYPE_CHECKING:
    from mlflow import MlflowClient


def may_register(client: "MlflowClient", params: Params) -> bool:
    """Tell whether this process may make versions: by default, on a server, only a CI job may."""
    by = params.register_.by or ("ci" if client.tracking_uri.startswith("http") else "anybody")
    return by == "anybody" or job.is_job()


def judge(models: Registry, run_id: str, md5: str, gates: list[Gate]) -> Decision:
    """Say what a CI job would do with a model; nothing is written to the store.

    Args:
        models: the registered model's versions.
        run_id: the id of the run with the model and its metrics.
        md5: the md5 of the model file.
        gates: the model's gates with their verdicts.
    """
    failed, shown = [str(gate) for gate in gates if gate.passed is False], [asdict(gate) for gate in gates]
    if failed:
        return Decision(REJECTED, models.name, failed, None, None, shown, run_id, md5)
    if known := models.with_content(md5):
        number = str(known.version)
        aliases = version_numbers(versions_with_alias(models))
        alias = next((alias for alias, version in aliases.items() if version == number), None)
        return Decision(REGISTERED, models.name, [], number, alias, shown, run_id, md5)
    why = "judged only: CI registers it once it is merged (register.by in params.yaml: ci)"
    return Decision(SKIPPED, models.name, [why], None, None, shown, run_id, md5)
