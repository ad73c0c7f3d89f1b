"""The champion: on which rows it is compared, and that one which cannot be compared stops nobody."""

import json
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import mlflow
import numpy as np
import pandas as pd
import pytest
from penguins import metrics
from penguins.engine import stage
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.commands import gate, promote, report
from penguins.engine.judging import champion as champions
from penguins.engine.judging import verdict
from penguins.engine.judging.candidate import Candidate
from penguins.engine.judging.checks import load_checked_params
from penguins.engine.judging.prediction import measure, predict
from penguins.engine.registry.changes import Change
from penguins.engine.registry.history import history_of
from penguins.engine.registry.loading import load
from penguins.engine.registry.registry import Registry
from penguins.engine.reporting import sections
from penguins.engine.split.dataset import Dataset
from penguins.engine.split.identity import Identity, row_keys
from penguins.engine.split.learned import Learned
from penguins.engine.tracking import store
from penguins.engine.tracking.rows import LEARNED, learned_by
from sklearn.base import BaseEstimator, ClassifierMixin

from tests.engine.conftest import METRIC, PARAMS, make_table, set_up

NAME = f"{METRIC} against the champion"


TABLE = make_table(200)


def learned(rows: slice, ids: list[str], table: pd.DataFrame = TABLE) -> Learned:
    identity = Identity(ids or [*table.columns], bool(ids))
    return Learned.of(table, identity, identity.keys(table)[rows])


def test_rows_are_known_again_in_another_order_and_beside_others(tmp_path: Path) -> None:
    learned(slice(40), []).save(tmp_path / LEARNED)
    kept = Learned.load(tmp_path / LEARNED)
    now = TABLE.iloc[::-1]
    keys = row_keys(now, [])
    found = kept.has(keys, learned(slice(0), [], now), keys)
    assert set(now.index[found]) == set(range(40))
    assert kept.digest == learned(slice(40), []).digest != learned(slice(41), []).digest


def test_rows_that_cannot_be_told_apart_are_not_guessed() -> None:
    wider = TABLE.assign(more=1.0)
    keys = row_keys(wider, [])
    with pytest.raises(UserError, match="identified by other columns"):
        learned(slice(40), []).has(keys, learned(slice(0), [], wider), keys)
    ids = row_keys(wider, ["code"])  # with an id another column changes nothing
    assert learned(slice(40), ["code"]).has(ids, learned(slice(0), ["code"], wider), ids).sum() == 40
    edited = TABLE.assign(width=TABLE["width"] + 1)
    keys = row_keys(edited, [])
    with pytest.raises(UserError, match="are gone, or edited"):
        learned(slice(40), []).has(keys, learned(slice(0), [], edited), keys)


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Provide a model whose first version is the champion, in a project after its first run."""
    with pytest.MonkeyPatch.context() as patch:
        set_up(tmp_path_factory.mktemp("champion"), patch)
        paths.PARAMS.write_text(PARAMS + "  min_improvement: 0.0\n", encoding="utf-8")
        for name in ("validate", "train", "evaluate", "register"):
            stage.run(name)
        models = Registry(store.connect(), "things")
        history = history_of(models.client, "things")
        history.move(history.changes(), {"champion": "1", "challenger": ""}, command="promote")
        yield models


@pytest.fixture
def made(champion: Registry, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Provide what trains and evaluates a model with something else in params.yaml."""
    monkeypatch.setattr(gate, "refuse_stale", lambda: None)  # there is no dvc.lock
    text = paths.PARAMS.read_text(encoding="utf-8")

    def make(old: str, new: str) -> None:
        assert old in text
        paths.PARAMS.write_text(text.replace(old, new), encoding="utf-8")
        stage.run("train")
        stage.run("evaluate")

    yield make
    paths.PARAMS.write_text(text, encoding="utf-8")


def decided() -> tuple[dict[str, object], dict[str, object]]:
    """Register, and return the decision and the gate that compares."""
    stage.run("register")
    decision = json.loads(paths.REGISTRATION.read_text(encoding="utf-8"))
    return decision, decision["gates"][-1]


def test_rows_that_the_champion_learned_from_decide_nothing(
    champion: Registry,
    made: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made("seed: 1", "seed: 7")
    params = load_checked_params()
    data, first = Dataset(params), champion.version("1")
    new = data.new_to(learned_by(champion.client, first))
    was = Dataset(params.model_copy(update={"split": params.split.model_copy(update={"seed": 1})}))
    both = set(data.test_rows["code"]) & set(was.test_rows["code"])
    assert set(data.test_rows["code"][new]) == both
    assert 0 < len(both) < len(data.test_rows)

    decision, gate_of_30 = decided()
    assert (decision["decision"], decision["alias"]) == ("registered", "challenger")
    assert (gate_of_30["name"], gate_of_30["passed"]) == (NAME, None)
    assert f"it learned from {30 - len(both)} of the 30 test rows" in str(gate_of_30["got"])
    gate.main(Namespace(json=False))  # exit code 0, as CI wants it in a pull request
    said = capsys.readouterr().out
    assert "gate: passed" in said
    assert "not comparable" in said
    gates = gate.verdict()["gates"]
    assert report.title(gates) == f"{sections.UNCLEAR} 1 of {len(gates)} gates not comparable"
    assert "promote --force" in sections.gates(gates)

    with pytest.raises(UserError, match=r"is not promoted: 3 of . gates not passed"):  # no git, no remote
        promote.promote(champion, params, "@challenger", "champion", "it is better", False)
    history = history_of(champion.client, "things")
    assert "not comparable" in capsys.readouterr().out
    assert history.changes()[-1].verdict.endswith(f"not passed: {NAME}")
    older = Change("promote", {}, {}, gates=[{"name": "code", "passed": False}], forced=True)
    assert older.verdict == "0 of 1 gates passed; forced: code"

    # with rows enough the two are compared on those that neither has learned from
    monkeypatch.setattr(champions, "FEWEST", 1)
    compared = gate.verdict()["gates"][-1]
    rows = data.test_rows[new]
    theirs = measure(predict(load(first), rows.drop(columns=params.data.target), rows[params.data.target]))
    says = f"(the champion has {theirs[METRIC]:.4g} on {len(both)} of 30 rows, new to both)"
    assert says in compared["wanted"]
    assert compared["passed"] in (True, False)

    # nor is a version promoted by the rows that it learned from itself
    monkeypatch.setattr(champions, "FEWEST", 30)
    back = params.model_copy(update={"split": params.split.model_copy(update={"seed": 1})})
    *_, own = promote.quality(champion, champion.version("@challenger"), back)
    assert (own.name, own.passed) == ("test rows", None)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("groups: [colour]", "split: random groups of colour (1 of 4 for the test): "),
        ("time: height", "split: latest by height, from 7 on: "),
    ],
)
def test_what_the_champion_knows_by_groups_or_of_later_judges_nobody(
    made: Callable[[str, str], None], capsys: pytest.CaptureFixture[str], rule: str, says: str
) -> None:
    """It learned from rows of every colour and height, by a split that asked for neither."""
    made("stratify: colour", rule)
    data = Dataset(load_checked_params())
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in printed if line.startswith("split:")] == [f"split: {data.division}"] * 2
    assert f"split: {data.division}".startswith(says)
    run = mlflow.get_run(json.loads(paths.EVALUATION.read_text(encoding="utf-8"))["run_id"])
    assert run.data.tags.items() >= data.division.tags().items()
    decision, compared = decided()
    assert (decision["decision"], compared["name"], compared["passed"]) == ("registered", NAME, None)
    rows = len(data.test_rows)
    assert f"it learned from {rows} of the {rows} test rows, from their groups or" in str(compared["got"])


def test_a_model_is_not_registered_with_the_metrics_of_another(
    made: Callable[[str, str], None], champion: Registry
) -> None:
    """The train stage, run by hand, and then register."""
    made("max_iter: 20", "max_iter: 22")
    paths.PARAMS.write_text(paths.PARAMS.read_text(encoding="utf-8").replace("max_iter: 22", "max_iter: 2"))
    stage.run("train")
    known = len(champion.versions())
    with pytest.raises(UserError, match=r"metrics.json: belongs to another model than models.model.joblib"):
        stage.run("register")
    assert len(champion.versions()) == known


def test_a_champion_that_cannot_be_loaded_stops_nobody(
    champion: Registry, made: Callable[[str, str], None]
) -> None:
    """As after an update of scikit-learn, which brings types that the champion's list does not have."""
    model = champion.client.get_logged_model(champion.version("1").source.removeprefix("models:/"))
    file = Path(url2pathname(urlsplit(model.artifact_location).path)) / "MLmodel"
    kept = file.read_text(encoding="utf-8")
    own = "- penguins_"  # the copies of the project's modules that the model carries
    named = [line for line in kept.splitlines() if not line.strip().startswith(own)]
    assert len(named) < len(kept.splitlines())
    file.write_text("\n".join(named), encoding="utf-8")
    made("max_iter: 20", "max_iter: 21")
    try:
        decision, compared = decided()
    finally:
        file.write_text(kept, encoding="utf-8")
    assert (decision["decision"], compared["passed"]) == ("registered", None)
    assert "version 1, the champion: Untrusted" in str(compared["got"])


def test_a_champion_without_the_metric_or_without_a_record_decides_nothing(
    champion: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = load_checked_params()
    data = Dataset(params)
    first = champion.version("1")
    rows, actual = data.test_rows.drop(columns=params.data.target), data.test_rows[params.data.target]
    predictions = predict(load(first), rows, actual)
    every = np.ones(len(predictions), dtype=bool)
    rival = champions.Champion("1", lambda: load(first), lambda: data.learned)

    def compared(other: champions.Champion) -> tuple[bool | None, str]:
        compare = champions.comparison(other, params, data, every)
        model = Candidate(
            measure(predictions), METRIC, params.register_, lambda: predictions, list, dict, compare
        )
        (found,) = model.against_champion()
        return found.passed, found.got

    assert compared(rival)[0] is True
    run = champion.client.create_run(store.experiment_id(champion.client, store.experiment_name()))
    older = champion.client.create_model_version("things", first.source, run.info.run_id)
    passed, why = compared(replace(rival, learned=lambda: learned_by(champion.client, older)))
    assert passed is None
    assert "does not record which rows it was trained on" in why

    class Mute(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        def predict(self, rows: pd.DataFrame) -> list[object]:
            return list(actual)

    monkeypatch.setattr(metrics, "score", lambda _: {})
    passed, why = compared(replace(rival, load=Mute))
    assert (passed, why) == (None, f"version 1, the champion: it has no {METRIC} on these rows")

    def gone() -> None:
        raise ModuleNotFoundError("No module named 'theirs'")

    assert compared(replace(rival, load=gone)) == (
        None,
        "version 1, the champion: ModuleNotFoundError: No module named 'theirs'",
    )


def test_the_predictions_are_read_once_for_all_gates(
    champion: Registry, made: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made("thresholds:", f"group_thresholds: {{{METRIC}: {{min: 0.0}}}}\n  thresholds:")
    read, times = verdict.read_predictions, list[Path]()

    def counted(path: Path, task: str) -> pd.DataFrame:
        times.append(path)
        return read(path, task)

    monkeypatch.setattr(verdict, "read_predictions", counted)
    params = load_checked_params()
    rival = champions.Champion("1", lambda: load(champion.version("1")), lambda: Dataset(params).learned)
    _, gates = verdict.gates_of_evaluation(params, Dataset(params), rival)
    assert {NAME, f"{METRIC} in each colour"} <= {gate.name for gate in gates}
    assert len(times) == 1
