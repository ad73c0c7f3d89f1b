"""Whether the model becomes a version of the registered model, and which one it is."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..base.files import States, needed
from ..base.hashing import file_md5
from ..base.paths import MODEL
from ..judging.checks import load_checked_params
from ..judging.verdict import judge_evaluation
from ..lineage import snapshot
from ..lineage.trained import Trained
from ..registry.changes import aliases_after
from ..registry.history import OvertakenError, history_of
from ..registry.lost import lost_run
from ..registry.registry import ARCHIVED, CHALLENGER, CHAMPION, Registry, champion_to_beat
from ..split.dataset import Dataset
from ..tracking import records, restored_runs, store
from ..tracking.models import is_stored
from . import receipt
from .decision import REGISTERED, REJECTED, Decision
from .receipt import Receipt

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion


@snapshot.unchanged("register")
def decide() -> tuple[Decision, bool]:
    """Put the model through the gates and, if it passes, see to it that it is a version.

    Returns:
        The decision, and whether it is more than a repetition of an earlier one.

    Raises:
        UserError: an earlier stage has not run, or params.yaml has a mistake.
    """
    with store.opened() as client:
        inputs = receipt.inputs()
        params = load_checked_params()
        md5, trained = file_md5(needed(MODEL, "train")), Trained.read()
        data = Dataset(params)
        models = Registry(client, params.register_.name)
        champion = models.with_alias(CHAMPION)
        evaluation, judged = judge_evaluation(params, data, champion_to_beat(models.client, champion, md5))
        gates, failed = (
            [asdict(gate) for gate in judged],
            [str(gate) for gate in judged if gate.passed is False],
        )

        run = restored_runs.evaluated_run(client, params, evaluation, trained, data)
        known = models.with_content(md5)
        if known and ARCHIVED in known.tags:
            failed.append(f"it is version {known.version}, which is archived: {known.tags[ARCHIVED]}")
        if failed:
            decision = Decision(REJECTED, models.name, failed, None, None, gates, run.id, md5)
        else:
            snapshot.check()
            version = known or models.add(run, md5)
            number = str(version.version)
            alias, why = challenge(models, number, gates)
            notes = [note for note in (why, lost_run(models.client, version)) if note]
            decision = Decision(REGISTERED, models.name, notes, number, alias, gates, run.id, md5)
        records.log_decision(run, asdict(decision))
        _give_receipt(models, decision, run.model_id, champion, inputs)
        return decision, bool(failed) or known is None


def challenge(models: Registry, version: str, gates: list[dict[str, Any]]) -> tuple[str | None, str]:
    """Make a version the challenger, unless it is the champion, or one of these two is newer.

    It is older if the pipeline runs on an old checkout: what awaits approval stays what it is.

    Returns:
        The version's alias, if it has one, and why it has none.
    """
    history = history_of(models.client, models.name)
    while True:
        known = history.changes()
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
            continue  # the newest model is the challenger, whatever the others were before


def _give_receipt(
    models: Registry, decision: Decision, model_id: str, champion: "ModelVersion | None", inputs: States
) -> None:
    """Keep the decision, if it would be the same again: nobody may have changed anything meanwhile.

    Args:
        models: of a local store; no other one's writes can be seen.
        decision: carried out.
        model_id: the logged model's.
        champion: that the model was compared with.
        inputs: the states of the files when they had not yet been read.
    """
    uri = models.client.tracking_uri
    written = receipt.state_of_store(uri)
    # read once more after the state was taken, so that it is the state of what is read here
    now = models.with_alias(CHAMPION)
    same_champion = (now and now.version) == (champion and champion.version)
    aliased = models.with_alias(decision.alias) if decision.alias else None
    same_alias = (aliased and str(aliased.version)) == decision.version
    known = models.with_content(str(decision.model_md5))
    same_version = decision.version is None or (
        known is not None and str(known.version) == decision.version and ARCHIVED not in known.tags
    )
    model_ids = {model_id, *(v.source.removeprefix("models:/") for v in (now, known) if v)}
    kept = [
        receipt.files_under(models.client.get_logged_model(i).artifact_location)
        if is_stored(models.client, i)
        else {}  # a champion that somebody registered by its path, say
        for i in model_ids
    ]
    if same_champion and same_alias and same_version and written and all(kept):
        files = {path: state for states in (inputs, *kept) for path, state in states.items()}
        Receipt(uri, written, files, decision).write()
