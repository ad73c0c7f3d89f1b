import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import mlflow
import pytest
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import PERMISSION_DENIED
from penguins.engine.base.errors import UserError
from penguins.engine.commands import archive, audit, check, find, history, models, promote, rollback
from penguins.engine.commands.rollback import roll_back
from penguins.engine.judging.checks import load_checked_params
from penguins.engine.judging.gate import Gate
from penguins.engine.registration.decide import challenge
from penguins.engine.registration.decision import Decision
from penguins.engine.registry import local_versions, lookup
from penguins.engine.registry.changes import Change, champions, moves
from penguins.engine.registry.history import History, OvertakenError, history_of
from penguins.engine.registry.history_run import find_or_start
from penguins.engine.registry.listed import versions
from penguins.engine.registry.loading import load
from penguins.engine.registry.lookup import find_run
from penguins.engine.registry.predictor import Predictor
from penguins.engine.registry.records import Records
from penguins.engine.registry.registry import CONTENT, Registry
from penguins.engine.tracking import cleanup, deletion, records, store
from penguins.engine.tracking.records import EVALUATED
from penguins.engine.tracking.restored_runs import RESTORED
from penguins.engine.tracking.run import Run
from penguins.stages import register

from tests.engine.conftest import METRIC, three_versions


@pytest.fixture
def registry(finished: Path) -> Registry:
    """Provide a model with three versions, which are one, and no alias."""
    return three_versions()


def to(registry: Registry, version: str, **record: Any) -> Change:
    """Make a version the champion, whatever it is like."""
    known = log(registry).for_a_change()
    return log(registry).move(known, {"champion": version}, command="promote", **record)


def log(registry: Registry) -> History:
    return history_of(registry.client, registry.name)


def params(registry: Registry) -> dict[str, str]:
    """Return the parameters of the history's run: its records."""
    return dict(registry.client.get_run(log(registry).run_id).data.params)


def aliases(registry: Registry) -> dict[str, str]:
    found = registry.client.get_registered_model(registry.name).aliases
    return {alias: str(version) for alias, version in found.items()}


def test_a_rollback_goes_back_one_champion_after_the_other(registry: Registry) -> None:
    for version in ("1", "2", "3"):
        to(registry, version)
    assert roll_back(registry, "too slow").reason == "too slow"
    assert aliases(registry) == {"champion": "2"}
    to(registry, "3")
    for version in ("2", "1"):
        roll_back(registry, "")
        assert aliases(registry) == {"champion": version}
    with pytest.raises(UserError, match="no previous champion"):
        roll_back(registry, "")
    assert champions(log(registry).changes()) == ["1"]


def test_a_rollback_passes_over_what_is_archived_or_deleted(registry: Registry) -> None:
    client = registry.client
    client.create_model_version(registry.name, registry.version("1").source)
    for version in ("1", "2", "3", "4"):
        to(registry, version)
    client.delete_model_version(registry.name, "3")
    archive.archive(registry, "2", "it\nis biased")
    assert registry.version("2").tags["archived"].endswith(": it is biased")
    roll_back(registry, "")
    assert aliases(registry) == {"champion": "1"}


def test_a_version_with_an_alias_is_not_archived(registry: Registry) -> None:
    to(registry, "2")
    with pytest.raises(UserError, match="version 2 is @champion"):
        archive.archive(registry, "@champion", "")
    assert "archived" not in registry.version("2").tags


def test_a_version_of_a_model_that_is_made_no_more_is_archived(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    to(registry, "2")
    parser = ArgumentParser()
    archive.add_arguments(parser)
    words = ["2", "--of", registry.name, "--force", "--reason", "another table"]
    archive.main(parser.parse_args(words))
    assert capsys.readouterr().out.startswith(f"{registry.name} version 2: archived")
    assert registry.version("2").tags["archived"].endswith(": another table")
    assert aliases(registry) == {}


def test_a_change_by_other_means_is_noticed(registry: Registry) -> None:
    to(registry, "1", reason="first")
    registry.client.set_registered_model_alias(registry.name, "champion", "3")
    registry.client.set_registered_model_alias(registry.name, "challenger", "2")
    before = params(registry)
    *_, last = log(registry).changes()
    assert (last.command, last.by) == ("outside these commands", "unknown")
    assert moves(last) == "@champion 1 -> 3, @challenger none -> 2"
    assert len(log(registry).changes()) == 2
    assert params(registry) == before  # who only reads writes nothing
    log(registry).move(log(registry).for_a_change(), {"challenger": ""}, command="archive")
    assert [change.command for change in log(registry).changes()] == ["promote", last.command, "archive"]
    registry.client.delete_registered_model_alias(registry.name, "champion")
    roll_back(registry, "")
    assert aliases(registry) == {"champion": "3"}


def test_a_change_by_other_means_is_recorded_once(registry: Registry) -> None:
    to(registry, "1")
    registry.client.set_registered_model_alias(registry.name, "champion", "3")
    late = log(registry).for_a_change()
    to(registry, "2")
    with pytest.raises(OvertakenError, match=r"meanwhile \(outside these commands: @champion 1 -> 3\)"):
        log(registry).move(late, {"champion": "1"}, command="promote")
    assert [change.after["champion"] for change in log(registry).changes()] == ["1", "3", "2"]


def test_a_change_that_was_interrupted_is_completed(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    to(registry, "1")
    interrupted = Change("promote", {"champion": "1", "challenger": ""}, {"champion": "2", "challenger": "3"})
    assert log(registry)._records.append(2, interrupted)
    assert log(registry).changes()[-1] == interrupted
    assert aliases(registry) == {"champion": "1"}  # who only reads moves nothing
    assert log(registry).for_a_change()[-1] == interrupted
    assert aliases(registry) == {"champion": "2", "challenger": "3"}
    assert len(log(registry).changes()) == 2
    assert capsys.readouterr().out == (
        f"an interrupted change by {interrupted.who} is finished now: "
        "@champion 1 -> 2, @challenger none -> 3\n"
    )


def test_a_change_that_the_server_refuses_has_not_happened(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise MlflowException("Permission denied", PERMISSION_DENIED)

    to(registry, "1")
    with monkeypatch.context() as patch:
        patch.setattr(registry.client, "set_registered_model_alias", refuse)
        with pytest.raises(MlflowException):
            to(registry, "2")
    assert log(registry).for_a_change()[-1].verdict == "refused by the server: no alias was moved"
    assert aliases(registry) == {"champion": "1"}
    to(registry, "3")
    assert moves(log(registry).changes()[-1]) == "@champion 1 -> 3"
    roll_back(registry, "")
    assert aliases(registry) == {"champion": "1"}


def test_who_may_not_delete_an_alias_leaves_it_on_the_champion(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise MlflowException("Permission denied", PERMISSION_DENIED)

    assert challenge(registry, "2", []) == ("challenger", "")
    monkeypatch.setattr(registry.client, "delete_registered_model_alias", refuse)
    change = log(registry).move(
        log(registry).for_a_change(), {"champion": "2", "challenger": ""}, command="promote"
    )
    assert aliases(registry) == {"champion": "2", "challenger": "2"}
    assert log(registry).changes()[-1] == change  # not one by other means
    assert challenge(registry, "3", []) == ("challenger", "")
    assert aliases(registry) == {"champion": "2", "challenger": "3"}
    with pytest.raises(MlflowException):  # a version that is no champion would keep it
        archive.archive(registry, "3", "", force=True)
    assert log(registry).changes()[-1].refused
    assert "archived" not in registry.version("3").tags


def test_a_history_that_nobody_has_begun_is_read_without_one(registry: Registry) -> None:
    registry.client.set_registered_model_alias(registry.name, "champion", "2")
    (only,) = log(registry).changes()
    assert moves(only) == "@champion none -> 2"
    assert registry.client.get_experiment_by_name(f"{registry.name}-history") is None
    assert "history.run" not in registry.client.get_registered_model(registry.name).tags


def test_a_record_of_a_newer_engine_is_read(registry: Registry) -> None:
    to(registry, "1")
    newer = {**asdict(Change("promote", {}, {"champion": "2", "challenger": ""})), "invented": 1}
    registry.client.log_param(log(registry).run_id, "000002", json.dumps(newer))
    assert log(registry).changes()[-1].after["champion"] == "2"


def test_who_is_late_is_told_and_changes_nothing(registry: Registry) -> None:
    known = log(registry).changes()
    to(registry, "1")
    with pytest.raises(OvertakenError, match=r"meanwhile \(promote: @champion none -> 1\)"):
        log(registry).move(known, {"champion": "2"}, command="promote")
    assert aliases(registry) == {"champion": "1"}
    assert len(log(registry).changes()) == 1


def test_who_is_overtaken_between_reading_and_writing_changes_nothing(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the other's record comes in between: each number has one record, and it says who won."""
    known, read, late = log(registry).changes(), Records.read, [True]

    def read_and_be_overtaken(self: Records) -> Any:
        result = read(self)
        if late and late.pop():
            to(registry, "1")
        return result

    mine = replace(log(registry), run_id=find_or_start(registry.client, registry.name))
    monkeypatch.setattr(Records, "read", read_and_be_overtaken)
    with pytest.raises(OvertakenError, match=r"meanwhile \(promote: @champion none -> 1\)"):
        mine.move(known, {"champion": "2"}, command="promote")
    assert not late
    assert aliases(registry) == {"champion": "1"}
    assert len(log(registry).changes()) == 1


def test_a_newer_record_wins_over_a_slow_process(registry: Registry) -> None:
    to(registry, "1")
    slow = log(registry).changes()
    to(registry, "2")
    log(registry)._carry_out(slow)
    assert aliases(registry) == {"champion": "2"}


def test_a_record_is_never_rewritten(registry: Registry) -> None:
    to(registry, "1")
    assert not log(registry)._records.append(1, Change("promote", {}, {}))
    assert not log(registry)._records.append(1, Change("promote", {}, {}, reason="x" * 7000))
    assert [change.after["champion"] for change in log(registry).changes()] == ["1"]


def test_a_record_takes_any_number_of_gates(registry: Registry) -> None:
    gates = [asdict(Gate(f"métrique {n} in each île", ">= 0.9", "0.98 (Biscoe)", True)) for n in range(500)]
    known = log(registry).changes()
    assert challenge(registry, "1", gates) == ("challenger", "")
    with pytest.raises(OvertakenError):
        log(registry).move(known, {"champion": "2"}, command="promote", gates=gates[::-1])
    to(registry, "2", reason="why " * 3000, gates=gates)
    first, second = log(registry).changes()
    assert (first.gates, second.gates, second.reason) == (gates, gates, "why " * 3000)
    assert aliases(registry) == {"challenger": "1", "champion": "2"}


def test_a_decision_with_any_number_of_gates_is_on_the_run(registry: Registry, tmp_path: Path) -> None:
    gates = [asdict(Gate(f"metric {number}", ">= 0.9", "0.98", True)) for number in range(500)]
    run_id = str(registry.version("1").run_id)
    records.log_decision(
        Run(registry.client, run_id), Decision("registered", registry.name, gates=gates)._asdict()
    )
    kept = Path(registry.client.download_artifacts(run_id, "registration.json", str(tmp_path)))
    assert json.loads(kept.read_text(encoding="utf-8"))["gates"] == gates


def test_a_renamed_model_takes_its_history_along(registry: Registry) -> None:
    to(registry, "1", reason="first")
    old, new = registry.name, f"{registry.name}-renamed"
    registry.client.rename_registered_model(old, new)
    registry.client.create_registered_model(old)  # another model, which has no history yet
    assert log(Registry(registry.client, old)).changes() == []
    renamed = Registry(registry.client, new)
    assert [change.reason for change in log(renamed).changes()] == ["first"]
    to(renamed, "2", reason="second")
    assert [change.reason for change in log(renamed).changes()] == ["first", "second"]
    assert log(Registry(registry.client, old)).changes() == []
    assert registry.client.get_experiment_by_name(f"{new}-history")


def test_one_content_that_is_registered_twice_at_once_is_one_version(finished: Path) -> None:
    models = Registry(store.connect(), f"things-{uuid4().hex[:8]}")
    (version,) = models.client.search_model_versions("name = 'things' AND version_number = 1")
    run = Run(models.client, version.run_id, version.source.removeprefix("models:/"))
    ready = Barrier(4)

    def register(_: int) -> str:
        assert models.with_content(version.tags[CONTENT]) is None
        ready.wait()
        return str(models.add(run, version.tags[CONTENT]).version)

    with ThreadPoolExecutor(4) as threads:
        registered = list(threads.map(register, range(4)))
    (only,) = models.versions()
    assert registered == [str(only.version)] * 4


def test_who_went_back_by_hand_has_rolled_back(registry: Registry) -> None:
    for version in ("1", "2", "3"):
        to(registry, version)
    registry.client.set_registered_model_alias(registry.name, "champion", "2")  # in MLflow's pages
    roll_back(registry, "")
    assert aliases(registry) == {"champion": "1"}
    registry.client.set_registered_model_alias(registry.name, "champion", "3")  # forward is no rollback
    roll_back(registry, "")
    assert aliases(registry) == {"champion": "1"}


def test_an_old_checkout_moves_no_alias_back(registry: Registry) -> None:
    assert challenge(registry, "3", []) == ("challenger", "")
    alias, why = challenge(registry, "2", [])
    assert alias is None
    assert why.startswith("@challenger stays version 3, which is newer; `promote 2 --to challenger")
    to(registry, "3", reason="")
    log(registry).move(log(registry).changes(), {"challenger": ""}, command="promote")
    assert challenge(registry, "1", [])[1].startswith("@champion stays version 3")
    assert aliases(registry) == {"champion": "3"}


@pytest.fixture
def binned(registry: Registry) -> Iterator[ModelVersion]:
    """Provide a version whose run somebody has deleted in MLflow's pages."""
    version = registry.version("2")
    registry.client.delete_run(version.run_id)
    yield version
    registry.client.restore_run(version.run_id)
    experiment = store.experiment_id(registry.client, store.experiment_name())
    for stand_in in registry.client.search_runs([experiment], "tags.`restored.from` LIKE '%'"):
        registry.client.delete_run(stand_in.info.run_id)


def test_a_version_whose_run_is_deleted_is_reported(
    registry: Registry,
    binned: ModelVersion,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    how = f"`mlflow runs restore --run-id {binned.run_id}` restores it"
    assert all(row["lost"].endswith(how) for row in models.versions(registry, METRIC))
    gate = next(gate for gate in promote.provenance(registry, binned) if gate.name == "run")
    assert (gate.passed, gate.got.endswith(how)) == (False, True)
    with pytest.raises(UserError, match="its run is deleted, and `mlflow gc` would delete"):
        find_run(registry.client, "1")
    monkeypatch.setattr(check, "load_params", lambda: SimpleNamespace(register_=registry))
    monkeypatch.setattr(check, "fetch", lambda: None)
    monkeypatch.setattr(check, "stale", list)
    registry.client.set_registered_model_alias(registry.name, "challenger", "1")
    check.main(Namespace())
    said = f"{registry.name} version 1 is @challenger, but its run is deleted"
    assert capsys.readouterr().out.splitlines()[-1].startswith(said)
    to(registry, "2")
    with pytest.raises(UserError, match="is @champion, but its run is deleted"):
        check.main(Namespace())
    to(registry, "3")
    monkeypatch.setattr(rollback, "load_params", lambda: SimpleNamespace(register_=registry))
    rollback.main(Namespace(reason=""))
    assert capsys.readouterr().out.splitlines()[-1].endswith(how)
    register.main()
    assert how in " ".join(capsys.readouterr().out.replace("│", " ").split())


def test_a_version_whose_experiment_is_deleted_is_told(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = registry.client
    experiment = client.create_experiment(f"{registry.name}-binned")
    run = client.create_run(experiment).info.run_id
    client.create_model_version(registry.name, registry.version("1").source, run)
    to(registry, "4")
    monkeypatch.setattr(check, "load_params", lambda: SimpleNamespace(register_=registry))
    client.delete_experiment(experiment)
    monkeypatch.setattr(lookup, "load_params", lambda: SimpleNamespace(register_=registry))
    how = f"`mlflow experiments restore --experiment-id {experiment}` restores it"
    for _ in range(2):
        newest, *others = models.versions(registry, METRIC)
        assert newest["lost"].endswith(how)
        assert not any(row["lost"] for row in others)
        assert promote.provenance(registry, registry.version("4"))[0].got.endswith(how)
        assert check.lost_runs()["champion"].endswith(how)
        with pytest.raises(UserError, match="its run's experiment is deleted"):
            find_run(client, "4")
        if client.get_run(run).info.lifecycle_stage == "deleted":
            client.restore_run(run)  # which leaves the experiment where it is
    client.restore_experiment(experiment)
    assert check.lost_runs() == {}


def test_a_model_that_was_renamed_in_mlflow_only_is_told(finished: Path) -> None:
    models = Registry(store.connect(), "things")
    (version,) = models.client.search_model_versions("name = 'things' AND version_number = 1")
    run = Run(models.client, version.run_id, version.source.removeprefix("models:/"))
    others = [m.name for m in models.client.search_registered_models("name LIKE 'things-%'")]
    models.client.rename_registered_model("things", "aaa")
    try:
        for command in (models.versions, lambda: models.add(run, version.tags[CONTENT])):
            with pytest.raises(UserError, match=r"was it renamed\? set `register.name: ") as error:
                command()
            assert str(error.value).partition("register.name: ")[2].split("`")[0] in ("aaa", *others)
        assert not models.client.search_registered_models("name = 'things'")
        Registry(models.client, "chosen").add(run, version.tags[CONTENT])  # under a name that is new
    finally:
        for name in ("chosen", "things"):
            if models.client.search_registered_models(f"name = '{name}'"):
                models.client.delete_registered_model(name)
        models.client.rename_registered_model("aaa", "things")


def test_a_version_of_another_experiment_has_its_run(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "load_params", lambda: SimpleNamespace(register_=registry))
    client = registry.client
    other = client.create_run(client.create_experiment(f"{registry.name}-older-name")).info.run_id
    client.create_model_version(registry.name, registry.version("1").source, other)
    assert find_run(client, "4").info.run_id == other
    assert find_run(client, other[:12]).info.run_id == other
    model = client.get_logged_model(registry.version("1").source.removeprefix("models:/"))
    client.create_model_version(registry.name, model.artifact_location)  # by its path
    with pytest.raises(UserError, match="version 5: was registered without a run"):
        find_run(client, "5")


def test_a_run_of_another_store_is_found_by_that_which_stands_for_it(registry: Registry) -> None:
    client, theirs = registry.client, uuid4().hex
    experiment = store.experiment_id(client, store.experiment_name())
    with pytest.raises(UserError, match="no such experiment, commit or run"):
        find.find(client, theirs)
    ours = client.create_run(experiment, tags={RESTORED: theirs, EVALUATED: "true"}).info.run_id
    for name in (theirs, ours):
        (match,) = find.find(client, name)
        assert (match["run"], match["restored_from"]) == (ours, theirs)
        assert match["page"].endswith(f"/runs/{ours}")
    found = lookup.run_or_stand_in(client, theirs)
    assert found
    assert found.info.run_id == ours
    client.delete_run(ours)


def test_a_commit_without_all_of_a_versions_code_is_marked(registry: Registry) -> None:
    newest = registry.versions()[0]
    registry.client.set_model_version_tag(registry.name, newest.version, "git.commit", "abcdef1234")
    for dirty, shown in {"true": "abcdef1 + edits", "false": "abcdef1", "unknown": "abcdef1 + ?"}.items():
        registry.client.set_model_version_tag(registry.name, newest.version, "git.dirty", dirty)
        row = models.versions(registry, METRIC)[0]
        assert (row["commit"], row["dirty"]) == ("abcdef1234", dirty)
        assert models.table_row(row)["commit"] == shown


def test_the_champion_of_a_day(registry: Registry) -> None:
    nobody, first, second = ({"champion": version, "challenger": ""} for version in ("", "1", "2"))
    changes = [
        Change("promote", nobody, first, at="2026-05-01T10:00:00+00:00"),
        Change("promote", first, second, at="2026-05-03T10:00:00+00:00"),
    ]

    def on(day: int) -> list[str]:
        return [found["version"] for found in history.champions_on(changes, date(2026, 5, day))]

    assert [on(day) for day in (1, 2, 3, 4)] == [["1"], ["1"], ["1", "2"], ["2"]]
    assert history.champions_on(changes[:1], date(2026, 4, 30)) == []


def test_the_newest_model_challenges_and_the_champion_does_not(registry: Registry) -> None:
    assert challenge(registry, "1", []) == ("challenger", "")
    assert challenge(registry, "1", []) == ("challenger", "")
    assert challenge(registry, "2", []) == ("challenger", "")
    to(registry, "3")
    assert challenge(registry, "3", []) == ("champion", "")
    assert aliases(registry) == {"champion": "3", "challenger": "2"}
    assert [change.command for change in log(registry).changes()] == ["register", "register", "promote"]


def test_versions_are_listed_with_what_they_are(registry: Registry) -> None:
    to(registry, "2")
    newest, champion, _ = models.versions(registry, METRIC)
    assert (newest["version"], newest["aliases"]) == ("3", "")
    assert (champion["version"], champion["aliases"]) == ("2", "@champion")
    assert champion[METRIC] > 0
    assert len(champion["data_md5"]) == 32
    assert champion["when"] <= f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


def test_unknown_versions_and_models_are_one_line(registry: Registry) -> None:
    for name in ("7", "@champion", "one"):
        with pytest.raises(UserError, match=f"{name}: no version of .* there are: 3, 2, 1"):
            registry.version(name)
    nothing = Registry(registry.client, "nothing")
    for command in (lambda: nothing.version("1"), nothing.versions, lambda: roll_back(nothing, "")):
        with pytest.raises(UserError, match="has no model 'nothing'"):
            command()


def test_promotion(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params, registry = load_checked_params(), Registry(store.connect(), "things")
    with pytest.raises(UserError, match="version 1 is not promoted: 2 of 6 gates not passed"):
        promote.promote(
            registry, params, "@challenger", "champion", "why not", False
        )  # no git, and no remote
    assert aliases(registry) == {"challenger": "1"}

    change = promote.promote(registry, params, "1", "champion", "it is\nurgent", True)
    assert aliases(registry) == {"champion": "1"}
    assert (change.reason, change.forced) == ("it is urgent", True)
    assert change.verdict == "4 of 6 gates passed; forced: code, data"
    with pytest.raises(UserError, match="version 1 is @champion already"):
        promote.promote(registry, params, "1", "challenger", "", False)

    monkeypatch.setattr(promote, "provenance", lambda *_: [])
    version = registry.version("1")
    registry.client.create_model_version("things", version.source, version.run_id)
    assert promote.promote(registry, params, "2", "challenger", "", False).verdict == "3 of 3 gates passed"
    assert aliases(registry) == {"champion": "1", "challenger": "2"}
    *_, gate = log(registry).changes()[-1].gates
    assert (gate["name"], gate["passed"]) == (METRIC, True)


def test_a_registered_model_is_out_of_reach(
    finished: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "committed_run_ids", set)
    monkeypatch.setattr(cleanup, "workspace_run_ids", set)
    client, experiment = registry.client, store.experiment_id(registry.client, store.experiment_name())
    with mlflow.start_run(experiment_id=experiment) as search:
        client.log_text(search.info.run_id, "x" * 100, "plot.txt")
        with mlflow.start_run(experiment_id=experiment, nested=True) as trial:
            pass
    running, ended = (
        client.create_run(experiment, tags={"mlflow.parentRunId": parent.info.run_id}).info.run_id
        for parent in (trial, search)
    )
    client.set_terminated(ended)
    kept = {run.info.run_id for run in client.search_runs([experiment])}
    assert cleanup.find_unneeded(client, 0).runs == []
    # what runs needs the trial, which needs the search, which needs all its trials
    assert cleanup.find_unneeded(client, 9e9).runs == []

    client.set_terminated(running)
    by_path = client.create_model_version(registry.name, f"{search.info.artifact_uri}/model").version
    assert search.info.run_id not in {run.info.run_id for run in cleanup.find_unneeded(client, 9e9).runs}
    client.delete_model_version(registry.name, by_path)
    found = cleanup.find_unneeded(client, 9e9)
    searched = {search.info.run_id, trial.info.run_id, running, ended}
    assert {run.info.run_id for run in found.runs} == searched
    assert deletion.size(found.artifact_uris) == 100
    deletion.delete(client, found)
    left = {run.info.run_id for run in client.search_runs([experiment])}
    assert left == kept - searched
    assert deletion.size(found.artifact_uris) == 0
    assert load(registry.version("1"))
    assert cleanup.find_unneeded(client, 9e9).runs == []


def test_the_store_is_audited(finished: Path, registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    parser = ArgumentParser()
    audit.add_arguments(parser)
    audit.main(parser.parse_args(["--json", "--idle", "0h", "--by", "experiment"]))
    printed = json.loads(capsys.readouterr().out)
    rows = {row["experiment"]: row for row in printed["usage"]}
    files = [path for path in (finished / "mlruns").rglob("*") if path.is_file()]
    assert 1000 < printed["total"]["bytes"] <= sum(path.stat().st_size for path in files)
    name = store.experiment_name()
    assert rows[name]["versions"] >= 4
    old = [(row["what"], row["name"]) for row in printed["could_be_archived"]]
    assert ("version", f"{registry.name} 1") in old
    assert ("version", f"{registry.name} 3") not in old
    audit.main(parser.parse_args(["--csv"]))
    assert capsys.readouterr().out.startswith("user,runs,failed,versions,bytes,hours,last_use\n")
    audit.main(parser.parse_args(["--no-sizes"]))
    assert "not known" in capsys.readouterr().out


def of_database(registry: Registry, metric: str = METRIC) -> list[dict[str, Any]] | None:
    names = (store.experiment_name(), store.data_experiment_name())
    return local_versions.read(Path("mlflow.db"), names, registry.name, metric)


def test_the_database_is_read_as_mlflow_reads_it(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As `status` does; tables of another revision, which might mean something else, are left to MLflow."""
    client, name = registry.client, registry.name
    assert of_database(registry) is not None, "MLflow's tables have another revision: see SCHEMAS"
    to(registry, "3")
    client.set_registered_model_alias(name, "canary", "3")
    client.set_model_version_tag(name, "1", "archived", "old")
    client.delete_model_version(name, "2")
    source = client.get_model_version(name, "1").source
    gone, experiment = (client.create_experiment(f"of {name} {number}") for number in (1, 2))
    for place, deleted in ((gone, False), (experiment, True), (experiment, False)):
        run = client.create_run(place).info.run_id
        client.log_metric(run, "wrong", float("nan"))
        client.create_model_version(name, source, run)
        if deleted:
            client.delete_run(run)
    client.create_model_version(name, source, "f" * 32)
    client.delete_experiment(gone)
    listed = versions(registry, METRIC)
    assert [row["version"] for row in listed] == ["7", "6", "5", "4", "3", "1"]
    assert [bool(row["lost"]) for row in listed] == [True, False, True, True, False, False]
    assert listed[4]["aliases"] == "@canary @champion"
    assert of_database(registry) == listed
    assert str(of_database(registry, "wrong")) == str(versions(registry, "wrong"))
    assert of_database(Registry(client, "no such model")) == []

    monkeypatch.setattr(local_versions, "SCHEMAS", {"of another MLflow"})
    assert of_database(registry) is None
    monkeypatch.undo()
    (tmp_path / "no.db").write_bytes(b"no database at all, though it is a file")
    assert local_versions.read(tmp_path / "no.db", ("a", "b"), name, METRIC) is None
    monkeypatch.setenv("MLFLOW_WORKSPACE", "theirs")
    assert of_database(registry) is None


def test_a_model_whose_files_are_gone_is_named(tmp_path: Path) -> None:
    """It was "the tracking store failed, and what this run has logged is not complete", also in `serve`."""
    with pytest.raises(UserError, match=r"^things version 2: its files are not in the store: .*MLmodel"):
        Predictor(str(tmp_path), "things version 2", {}).known  # noqa: B018
