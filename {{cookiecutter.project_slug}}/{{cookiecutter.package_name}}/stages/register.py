"""Register: a model that passes the gates becomes a version of the registered model."""

import os
from dataclasses import asdict, dataclass, field

import joblib

from .. import console
from ..data.split import train_and_test
from ..data.table import infer_roles, read_validated
from ..files import needed, write_json
from ..modeling.checks import load_checked_params
from ..modeling.features import feature_columns
from ..modeling.gates import Gate
from ..modeling.verdict import judge_evaluation
from ..params import Params
from ..paths import MODEL, REGISTRATION
from ..tracking import records, runs, store
from ..tracking.changes import aliases_after
from ..tracking.history import OvertakenError, history_of
from ..tracking.lineage import file_md5
from ..tracking.registry import ARCHIVED, CHALLENGER, CHAMPION, Registry


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


@store.opened()
def decide(params: Params) -> tuple[Decision, bool]:
    """Put the model through the gates and, if it passes, see to it that it is a version.

    Returns:
        The decision, and whether it is more than a repetition of an earlier one.
    """
    pipeline, md5 = joblib.load(needed(MODEL, "train")), file_md5(MODEL)
    frame = read_validated(params)
    columns = infer_roles(frame, params.data)
    _, test = train_and_test(frame, params.split, columns.id)

    models = Registry(store.connect(), params.register_.name)
    evaluation, gates = judge_evaluation(params, test, models.rival_of(md5))
    failed = [str(gate) for gate in gates if not gate.passed]

    trained, features = runs.ModelRun.read(), feature_columns(columns)
    run = runs.evaluated_run(params, evaluation, trained, pipeline, frame, features)
    known = models.with_content(md5)
    if known and ARCHIVED in known.tags:
        failed.append(f"it is version {known.version}, which is archived: {known.tags[ARCHIVED]}")
    if failed:
        decision = Decision("rejected", models.name, failed, None, None, gates, run.run_id, md5)
    else:
        version = str((known or models.add(run, md5)).version)
        alias = challenge(models, version, gates)
        decision = Decision("registered", models.name, [], version, alias, gates, run.run_id, md5)
    records.log_decision(run.run_id, asdict(decision))
    return decision, bool(failed) or known is None


def challenge(models: Registry, version: str, gates: list[Gate]) -> str:
    """Make a version the challenger, unless it is the champion; returns which of the two it is."""
    history = history_of(models.client, models.name)
    while True:
        known = history.changes()
        aliases = aliases_after(known)
        for alias in (CHAMPION, CHALLENGER):
            if version == aliases[alias]:
                return alias
        try:
            history.move(
                known,
                {CHALLENGER: version},
                command="register",
                reason="it passed the gates",
                gates=[asdict(gate) for gate in gates],
            )
        except OvertakenError:
            continue  # the newest model is the challenger, whatever the others were before


if __name__ == "__main__":
    console.run(main)
