"""The versions before a new one: what is of other data is another model, and nothing is registered on it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from penguins.engine import stage
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.commands import archive, gate, promote, report
from penguins.engine.commands.rollback import roll_back
from penguins.engine.params import Data
from penguins.engine.project import load_params
from penguins.engine.registry import predecessors
from penguins.engine.registry.history import history_of
from penguins.engine.registry.predecessors import difference
from penguins.engine.registry.registry import Registry
from penguins.engine.table.kind import TableKind
from penguins.engine.tracking import store

from tests.engine.conftest import METRIC, PARAMS, TARGET, make_table, set_up

LARGE = {"large": "huge"}
CHANGES: dict[str, Any] = {
    "nothing": (lambda table: table, {}, ""),
    "a column more": (lambda table: table.assign(depth=1.0), {}, ""),
    "a class more": (lambda table: table.assign(kind=["medium", *table[TARGET][1:]]), {}, ""),
    "a row without a target": (lambda table: table.assign(kind=[None, *table[TARGET][1:]]), {}, ""),
    "another target": (lambda table: table, {"target": "colour"}, "predicts kind, not colour"),
    "a class that is gone": (
        lambda table: table.replace({TARGET: LARGE}),
        {},
        "knows the classes large, which kind does not have",
    ),
    "columns that are gone": (
        lambda table: table.drop(columns=["note", "width"]),
        {},
        "takes the columns width, note, which the table does not have",
    ),
    "another task": (
        lambda table: table,
        {"task": "regression"},
        "predicts classes, and the task is regression",
    ),
}


def kind_of(table: pd.DataFrame, target: str) -> TableKind:
    """Write a table as the validate stage does, and describe it."""
    table.to_parquet(paths.VALIDATED, index=False)
    return TableKind(target)


@pytest.mark.parametrize("change", CHANGES)
def test_what_makes_another_model(finished: Path, change: str) -> None:
    edit, data, reason = CHANGES[change]
    version = store.connect().get_model_version("things", "1")
    now = load_params().data.model_copy(update=data)
    assert difference(version, now, kind_of(edit(make_table()), now.target)) == reason


@pytest.mark.parametrize(
    ("task", "reason"),
    [("regression", ""), ("classification", "predicts numbers, and the task is classification")],
)
def test_what_makes_another_regression(
    finished: Path, monkeypatch: pytest.MonkeyPatch, task: Any, reason: str
) -> None:
    known = {"inputs": [{"name": "width"}], "target": {"name": "weight", "type": "number"}}
    monkeypatch.setattr(predecessors, "known_of", lambda _: known)
    version = store.connect().get_model_version("things", "1")
    table = kind_of(pd.DataFrame({"width": [1.0], "weight": [2.0]}), "weight")
    assert difference(version, Data(task=task, path="x.csv", target="weight"), table) == reason


def test_a_version_that_says_nothing_is_taken_for_the_same_model(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: str) -> None:
        raise OSError("its files are gone")

    version = store.connect().get_model_version("things", "1")
    other = kind_of(pd.DataFrame({"x": [1.0], "y": ["a"]}), "y")
    data = Data(task="classification", path="x.csv", target="y")
    assert difference(version, data, other)
    monkeypatch.setattr(predecessors, "known_of", gone)
    assert difference(version, data, other) == ""


def test_a_table_that_cannot_be_read_is_one_line(finished: Path) -> None:
    table = kind_of(make_table(), "nothing")
    with pytest.raises(UserError, match=r"^data/validated.parquet: cannot be read as a table: .*repro"):
        _ = table.classes
    paths.VALIDATED.write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"^data/validated.parquet: cannot be read as a table: .*repro"):
        _ = TableKind(TARGET).columns


def run(*names: str) -> Any:
    """Run stages, and return what register decided."""
    for name in names:
        stage.run(name)
    return json.loads(paths.REGISTRATION.read_text(encoding="utf-8"))


OPEN = PARAMS.replace("    f1_macro: {min: 0.5}", "    {}") + "  min_improvement: 0.0\n"


def rewrite(target: str, max_iter: int, name: str = "things") -> None:
    """Write params.yaml for another target, so that another model comes of it."""
    text = OPEN.replace(f"target: {TARGET}", f"target: {target}").replace("name: things", f"name: {name}")
    paths.PARAMS.write_text(text.replace("max_iter: 20", f"max_iter: {max_iter}"), encoding="utf-8")


@pytest.fixture(scope="module")
def exchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Provide a model whose first version is the champion, and a table whose target has another name."""
    with pytest.MonkeyPatch.context() as patch:
        set_up(tmp_path_factory.mktemp("exchanged"), patch)
        patch.setattr(gate, "refuse_stale", lambda: None)  # there is no dvc.lock
        rewrite(TARGET, 20)
        assert run("validate", "train", "evaluate", "register")["decision"] == "registered"
        models = Registry(store.connect(), "things")
        history = history_of(models.client, "things")
        history.move(history.changes(), {"champion": "1", "challenger": ""}, command="promote")
        make_table().rename(columns={TARGET: "sort"}).to_csv("data/raw/table.csv", index=False)
        rewrite("sort", 21)
        run("validate", "train", "evaluate", "register")
        yield models


SAYS = (
    "version 1 predicts kind, not sort, wanted the same model: set another `register.name` in params.yaml, "
    "or `python -m penguins archive 1 --force --reason ...`"
)


def test_nothing_is_registered_on_a_champion_of_other_data(exchanged: Registry) -> None:
    decision = run("register")
    assert (decision["decision"], decision["version"]) == ("rejected", None)
    assert decision["reasons"] == [f"@champion: {SAYS}"]
    assert [found["name"] for found in decision["gates"]] == ["@champion", f"{METRIC} against the baseline"]
    found = gate.verdict()
    assert (found["passed"], found["gates"]) == (False, decision["gates"])
    assert report.title(found["gates"]).endswith("1 of 2 gates failed")


def test_nothing_is_registered_on_a_challenger_of_other_data(exchanged: Registry) -> None:
    history = history_of(exchanged.client, "things")
    history.move(history.changes(), {"champion": "", "challenger": "1"}, command="promote")
    try:
        assert run("register")["reasons"] == [f"@challenger: {SAYS}"]
    finally:
        history.move(history.changes(), {"champion": "1", "challenger": ""}, command="promote")


def test_a_version_of_other_data_is_not_promoted(exchanged: Registry) -> None:
    first, params = exchanged.version("1"), load_params()
    columns, target = promote.quality(exchanged, first, params)
    assert (columns.passed, target.passed) == (True, False)
    assert str(target) == "target: it predicts kind, not sort, wanted that of params.yaml, with its classes"


def test_under_another_name_it_is_registered(exchanged: Registry) -> None:
    rewrite("sort", 21, "sorts")
    try:
        decision = run("register")
    finally:
        rewrite("sort", 21)
    assert (decision["decision"], decision["version"], decision["model"]) == ("registered", "1", "sorts")


def test_after_the_old_version_is_archived_it_is_registered_and_a_class_more_is_compared(
    exchanged: Registry,
) -> None:
    with pytest.raises(UserError, match=r"version 1 is @champion; .* `--force` takes the alias away"):
        archive.archive(exchanged, "1", "of other data")
    archive.archive(exchanged, "1", "of other data", force=True)
    history = history_of(exchanged.client, "things")
    last = history.changes()[-1]
    assert (last.command, last.reason, last.after) == (
        "archive",
        "of other data",
        {"champion": "", "challenger": "", "canary": ""},
    )
    assert exchanged.version("1").tags["archived"].endswith(": of other data")
    decision = run("register")
    assert (decision["decision"], decision["version"], decision["alias"]) == ("registered", "2", "challenger")
    with pytest.raises(UserError, match="no previous champion"):
        roll_back(exchanged, "")

    history.move(history.changes(), {"champion": "2", "challenger": ""}, command="promote")
    table = make_table().rename(columns={TARGET: "sort"})
    table.loc[table["width"] > 8, "sort"] = "huge"
    table.to_csv("data/raw/table.csv", index=False)
    rewrite("sort", 22)
    decision = run("validate", "train", "evaluate", "register")
    *_, compared = decision["gates"]
    assert (compared["name"], compared["passed"]) == (f"{METRIC} against the champion", True)
    assert compared["wanted"].endswith(", and does not know the class huge)")
    assert (decision["decision"], decision["version"]) == ("registered", "3")
