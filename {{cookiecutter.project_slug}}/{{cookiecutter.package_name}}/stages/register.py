"""Register: a model that passes the gates becomes a version of the registered model."""

import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import joblib

from .. import console
from ..data.split import train_and_test
from ..data.table import infer_roles, read_validated
from ..files import needed, write_json
from ..modeling.checks import load_checked_params
from ..modeling.features import feature_columns
from ..modeling.gates import Gate, improvement_gate, threshold_gates
from ..modeling.metrics import predict, score
from ..params import Params
from ..paths import METRICS, MODEL, REGISTRATION
from ..tracking import records, runs, store
from ..tracking.lineage import file_md5
from ..tracking.registry import CHALLENGER, CHAMPION, CONTENT, Registry, load

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities.model_registry import ModelVersion


@dataclass(frozen=True)
class Decision:
    """What became of the model: the content of reports/registration.json.

    Attributes:
        decision: registered, rejected, or skipped in a DVC experiment.
        reasons: the gates that were not passed, or why it was skipped; none if registered.
        version: the version that the model is.
    """

    decision: str
    model: str
    reasons: list[str] = field(default_factory=list)
    version: str | None = None
    alias: str | None = None
    gates: list[Gate] = field(default_factory=list)
    run_id: str | None = None
    model_md5: str | None = None


def main() -> None:
    """Run the stage."""
    params = load_checked_params()
    name, experiment = params.register_.name, os.environ.get("DVC_EXP_NAME")
    is_new = True
    if experiment:  # a search of a hundred trials is not a hundred versions
        how = f"an experiment; `dvc exp apply {experiment}` and `dvc repro` register its model"
        decision = Decision("skipped", name, [how])
    else:
        decision, is_new = decide(params)
    write_json(REGISTRATION, asdict(decision))

    version = f"version {decision.version} @{decision.alias}" if decision.version else "no version"
    gates = {str(gate): "passed" if gate.passed else "FAILED" for gate in decision.gates}
    skipped = {} if decision.gates else dict.fromkeys(decision.reasons, "")
    verb = decision.decision if is_new else "already registered"
    console.summary("register", {verb: f"{name} {version}", **gates, **skipped})


def decide(params: Params) -> tuple[Decision, bool]:
    """Put the model through the gates and, if it passes, see to it that it is a version.

    Returns:
        The decision, and whether it is more than a repetition of an earlier one.
    """
    evaluation: dict[str, Any] = json.loads(needed(METRICS, "evaluate").read_text(encoding="utf-8"))
    pipeline, md5 = joblib.load(needed(MODEL, "train")), file_md5(MODEL)
    frame = read_validated(params)
    columns = infer_roles(frame, params.data)
    _, test = train_and_test(frame, params.split, columns.id)

    models = Registry(store.connect(), params.register_.name)
    champion = models.with_alias(CHAMPION)
    gates = threshold_gates(evaluation, params.register_.thresholds)
    if champion is not None and champion.tags.get(CONTENT) != md5:
        gates.append(against_champion(champion, evaluation, test, params))
    failed = [str(gate) for gate in gates if not gate.passed]

    trained, features = runs.ModelRun.read(), feature_columns(columns)
    run = runs.evaluated_run(params, evaluation, trained, pipeline, frame, features)
    known = models.with_content(md5)
    if failed:
        decision = Decision("rejected", models.name, failed, None, None, gates, run.run_id, md5)
    else:
        version = known or models.add(run, md5)
        alias = CHAMPION if champion is not None and champion.version == version.version else CHALLENGER
        if alias == CHALLENGER:
            models.set_alias(CHALLENGER, version.version)
        number = str(version.version)
        decision = Decision("registered", models.name, [], number, alias, gates, run.run_id, md5)
    records.log_decision(run.run_id, asdict(decision))
    return decision, bool(failed) or known is None


def against_champion(
    champion: "ModelVersion", evaluation: dict[str, Any], test: "pd.DataFrame", params: Params
) -> Gate:
    """Score the champion on today's test rows and compare the primary metric."""
    metric, target = params.evaluate.primary_metric, params.data.target
    try:
        theirs = score(predict(load(champion), test.drop(columns=target), test[target]))[metric]
    except Exception as error:  # whatever an old model does with today's rows, ours has not beaten it
        reason = f"version {champion.version} cannot be scored on these rows: {type(error).__name__}: {error}"
        return Gate(f"{metric} against the champion", "a champion's", reason.split("\n")[0], False)
    return improvement_gate(metric, evaluation.get(metric), theirs, params.register_.min_improvement)


if __name__ == "__main__":
    console.run(main)
