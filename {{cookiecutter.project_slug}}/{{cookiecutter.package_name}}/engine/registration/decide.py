"""Decide whether the model becomes a version of the registered model, and carry that out."""

from dataclasses import asdict
from typing import Any

from ..base.files import States, needed
from ..base.hashing import file_md5
from ..base.paths import MODEL
from ..judging.checks import load_checked_params
from ..judging.gate import Gate
from ..judging.verdict import gates_of_evaluation
from ..lineage import snapshot
from ..lineage.trained import Trained
from ..registry.changes import aliases_after
from ..registry.history import OvertakenError, history_of
from ..registry.lost import lost_run
from ..registry.predecessors import Predecessors, version_numbers, versions_with_alias
from ..registry.registry import ARCHIVED, CHALLENGER, CHAMPION, Registry
from ..split.dataset import Dataset
from ..tracking import records, restored_runs, store
from ..tracking.models import is_stored
from ..tracking.notes import describe_run, text_of
from ..tracking.run import Run
from . import receipt
from .decision import REGISTERED, REJECTED, Decision
from .described import judged
from .elsewhere import judge, may_register
from .receipt import Receipt


@snapshot.unchanged("register")
def decide() -> tuple[Decision, bool]:
    """Put the model through the gates and, if none fails, register it as a version, unless it is one already.

    Returns:
        The decision, and whether it is new: False if the model was registered before.

    Raises:
        UserError: an earlier stage has not run, or params.yaml has a mistake.
    """
    with store.opened() as client:
        inputs = receipt.inputs()
        params = load_checked_params()
        md5, trained = file_md5(needed(MODEL, "train")), Trained.read()
        data = Dataset(params, every_column=True)
        models = Registry(client, params.register_.name)
        before = Predecessors.of(models, params, md5)
        evaluation, gates = gates_of_evaluation(params, data, before.champion)
        if not may_register(client, params):
            return judge(models, str(evaluation["run_id"]), md5, [*before.gates, *gates]), False
        run = restored_runs.evaluated_run(client, params, evaluation, trained, data)
        decision, is_new = _carry_out(models, run, md5, [*before.gates, *gates], before)
        records.log_decision(run, decision._asdict())
        describe_run(run, judged(models.client, before, decision.gates, decision.outcome()))
        _give_receipt(models, decision, run.model_id, before, inputs)
        return decision, is_new


def _carry_out(
    models: Registry, run: Run, md5: str, gates: list[Gate], before: Predecessors
) -> tuple[Decision, bool]:
    """Register a model that fails no gate and is not archived.

    Args:
        models: the registered model's versions.
        run: the run that logged the model.
        md5: the md5 of the model file.
        gates: the model's gates with their verdicts.
        before: the versions that had an alias.

    Returns:
        The same as `decide`.
    """
    failed, shown = [str(gate) for gate in gates if gate.passed is False], [asdict(gate) for gate in gates]
    known = models.with_content(md5)
    if known and ARCHIVED in known.tags:
        failed.append(f"it is version {known.version}, which is archived: {known.tags[ARCHIVED]}")
    if failed:
        return Decision(REJECTED, models.name, failed, None, None, shown, run.id, md5), True
    snapshot.check()
    version = known or models.add(run, md5, text_of(run.recorded(), judged(models.client, before, shown)))
    number = str(version.version)
    alias, why = challenge(models, number, shown)
    notes = [note for note in (why, lost_run(models.client, version)) if note]
    return Decision(REGISTERED, models.name, notes, number, alias, shown, run.id, md5), known is None


def challenge(models: Registry, version: str, gates: list[dict[str, Any]]) -> tuple[str | None, str]:
    """Make a version the challenger, unless it is the champion, or the challenger or the champion is newer.

    If the pipeline runs on an old checkout, one of them is newer: the version that awaits approval then
    stays.

    Args:
        models: the registered model's versions.
        version: its number.
        gates: the model's gates with their verdicts, for the history.

    Returns:
        The version's alias, or None and why it has none.
    """
    history = history_of(models.client, models.name)
    while True:
        known = history.for_a_change()
        aliases = aliases_after(known)
        for alias in (CHAMPION, CHALLENGER):
            if version == aliases[alias]:
                return alias, ""
        for alias in (CHALLENGER, CHAMPION):
            if aliases[alias] and int(aliases[alias]) > int(version):
                newer = f"@{alias} stays version {aliases[alias]}, which is newer"
                return None, f"{newer}; `promote {version} --to challenger --reason ...` moves it"
        reason = "it passed the gates" if all(gate["passed"] for gate in gates) else "it failed no gate"
        try:
            history.move(known, {CHALLENGER: version}, command="register", reason=reason, gates=gates)
        except OvertakenError:
            continue  # read the aliases again: the newest version is to be the challenger


def _give_receipt(
    models: Registry, decision: Decision, model_id: str, before: Predecessors, inputs: States
) -> None:
    """Write a receipt of the decision, if nobody has changed anything meanwhile.

    Args:
        models: the registered model's versions; only the writes to a local store can be noticed.
        decision: the decision that was carried out.
        model_id: the logged model's.
        before: the versions that had an alias.
        inputs: the states of the files before they were read.
    """
    uri = models.client.tracking_uri
    written = receipt.state_of_store(uri)
    # read again after taking the state, so that the state belongs to what is read here
    now, known = versions_with_alias(models), models.with_content(str(decision.model_md5))
    moved = {decision.alias: decision.version} if decision.alias else {}
    same_aliases = version_numbers(now) == {**version_numbers(before.versions), **moved}
    same_version = decision.version is None or (
        known is not None and str(known.version) == decision.version and ARCHIVED not in known.tags
    )
    model_ids = {model_id, *(v.source.removeprefix("models:/") for v in (*now.values(), known) if v)}
    kept = [
        receipt.files_under(models.client.get_logged_model(i).artifact_location)
        if is_stored(models.client, i)
        else {}  # for example if somebody registered the champion by its path
        for i in model_ids
    ]
    if same_aliases and same_version and written and all(kept):
        files = {path: state for states in (inputs, *kept) for path, state in states.items()}
        Receipt(uri, written, files, decision).write()
