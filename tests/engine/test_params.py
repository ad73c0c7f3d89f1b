import hashlib
import json
from pathlib import Path

import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.base.yaml import read_yaml
from penguins.engine.judging import checks
from penguins.engine.judging.checks import load_checked_params
from penguins.params import load_params
from ruamel.yaml import YAML

from tests.engine.conftest import ROOT
from tests.engine.tasks import BOTH, CLASSIFICATION, REGRESSION, Task


def test_yaml_is_read_by_c() -> None:
    """Without the extra that pyproject.toml names, DVC would take five times as long to read such files."""
    assert "clib" in YAML(typ="safe").Parser.__module__


@pytest.mark.parametrize("value", ["2026-13-45", "2026-01-01T25:00:00Z", "!!int x", "!!bool x"])
def test_a_value_that_is_not_what_its_form_says_is_a_mistake(tmp_path: Path, value: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(f"day: {value}\n")
    with pytest.raises(UserError, match=r"params.yaml: a value cannot be read: .*; put it in quotes"):
        read_yaml(path)


def test_the_projects_own_parameters_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert load_checked_params().register_.name


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("  target:", "  targte:", 4, "unknown key; did you mean 'target'?"),
        ("test_fraction: 0.25", "test_fraction: much", 11, "valid number; got 'much'"),
        ("test_fraction: 0.25", "test_fraction: 1.5", 11, "less than 1; got 1.5"),
        ("seed: 1", "seed: 1, seed: 2", 11, "duplicate key"),
        ("features: {}", "features: {impute: magic}", 12, "'mean', 'median' or 'most_frequent'"),
        ("type: hist_gradient_boosting", "type: hist_gradient", 14, "did you mean 'hist_gradient_boosting'?"),
        ("type: hist_gradient_boosting", "typ: hist_gradient_boosting", 13, "needs 'type'"),
        ("type: hist_gradient_boosting", "type: sklearn.svm.NoSuch", 14, "cannot be imported"),
        ("max_iter: 20", "max_itre: 20", 15, "did you mean 'max_iter'?"),
        ("max_iter: 20", "max_iter: -20", 15, "must be an int in the range [1, inf)"),
        ("  random_forest:", "  random_forrest:", 16, "did you mean 'random_forest'?"),
        ("primary_metric: ", "primary_metric: no_", 18, "no such metric"),
        ("drop: [unused]", "drop: [width]", 5, "width: a column has one role"),
        ("groups: [colour]", "groups: [colour, colour]", 17, "listed twice"),
        ("seed: 1", "seed: 99999999999", 11, "less than or equal to 4294967295"),
        ("path: data/raw/table.csv", "path: [a]", 3, "needs a path"),
        ("type: hist_gradient_boosting", "type: sklearn.pipeline.Pipeline", 14, "cannot be used"),
        ("type: hist_gradient_boosting", "type: sklearn.cluster.KMeans", 14, "KMeans is not a classifier"),
        ("task: classification", "task: regression", 2, "bake a project with task=regression"),
        ("type: hist_gradient_boosting", "type: pathlib.Path", 14, "has no fit and predict"),
        ("max_iter: 20", "categorical_features: [0]", 15, "is set from data.columns.categorical"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(
    project: Path, old: str, new: str, line: int, says: str
) -> None:
    text = (project / "params.yaml").read_text(encoding="utf-8")
    assert old in text
    (project / "params.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_checked_params()
    message = next(found for found in str(caught.value).splitlines() if says in found)
    assert message.startswith(f"params.yaml:{line}: ")


@BOTH
def test_a_model_of_the_other_task_is_a_mistake(project: Path, task: Task) -> None:
    task.set_up(project)
    kind = "classifier" if task is CLASSIFICATION else "regressor"
    other = REGRESSION if task is CLASSIFICATION else CLASSIFICATION
    text = (project / "params.yaml").read_text(encoding="utf-8")
    checked = task.module("engine.judging.checks").load_checked_params
    assert checked().data.task == task.name
    (project / "params.yaml").write_text(
        text.replace("type: hist_gradient_boosting", f"type: {other.tree}"), encoding="utf-8"
    )
    with pytest.raises(task.module("engine.base.errors").UserError) as caught:
        checked()
    name = other.tree.rpartition(".")[2]
    assert str(caught.value).startswith(f"params.yaml:14: model.type: {name} is not a {kind}, but a ")


@pytest.mark.parametrize("content", ["", "# nothing", "- a list", "text", "a: [", "a: \x00", "\tdata:"])
def test_what_is_no_params_file_is_one_line(project: Path, content: str) -> None:
    (project / "params.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_checked_params()
    assert str(caught.value).startswith("params.yaml:")
    assert len(str(caught.value).splitlines()) == 1


def test_a_block_whose_lines_are_commented_out_has_its_defaults(project: Path) -> None:
    text = (project / "params.yaml").read_text(encoding="utf-8")
    text = text.replace("features: {}", "features:").replace(" [colour]\nregister", "\nregister")
    (project / "params.yaml").write_text(text + "    # nothing more\n", encoding="utf-8")
    params = load_checked_params()
    assert (params.evaluate.groups, params.features.impute) == ([], "median")


def test_all_mistakes_are_said_at_once(project: Path) -> None:
    text = (project / "params.yaml").read_text(encoding="utf-8")
    (project / "params.yaml").write_text(
        text.replace("seed: 1", "seed: -1").replace("groups:", "group:"), encoding="utf-8"
    )
    with pytest.raises(UserError) as caught:
        load_checked_params()
    assert len(str(caught.value).splitlines()) == 2


def test_a_model_that_was_fitted_needs_no_check(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "check_model", lambda params: called.append(params.model.type))
    called: list[str] = []
    Path("requirements.txt").write_text("a==1\n", encoding="utf-8")
    md5 = hashlib.md5(b"a==1\n").hexdigest()
    model = read_yaml(Path("params.yaml"))["model"]

    def lock(model: object, md5: str) -> None:
        train = {
            "params": {"params.yaml": {"model": model, "data": {"task": "classification"}}},
            "deps": [{"path": "requirements.txt", "md5": md5}],
        }
        Path("dvc.lock").write_text(json.dumps({"stages": {"train": train}}), encoding="utf-8")

    lock(model, md5)
    load_checked_params()
    assert called == []
    for other in ({**model, "type": "random_forest"}, None):
        lock(other, md5)
        load_checked_params()
    lock(model, "another")
    load_checked_params()
    Path("dvc.lock").write_text("stages: {}\n", encoding="utf-8")
    load_checked_params()
    Path("dvc.lock").unlink()
    load_checked_params()
    assert len(called) == 5


def test_a_process_of_its_own_checks_the_model(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def here(params: object) -> None:
        raise UserError("checked by this process")

    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # a stage is started in the folder that has the package
    monkeypatch.setattr(checks, "check_model", here)
    params = load_params()
    checks.begin_to_check(params)
    checks.check(params)
    text = (project / "params.yaml").read_text(encoding="utf-8")
    (project / "params.yaml").write_text(text.replace("max_iter: 20", "max_iter: -20"), encoding="utf-8")
    params = load_params()
    checks.begin_to_check(params)
    with pytest.raises(UserError, match="checked by this process"):
        checks.check(params)
