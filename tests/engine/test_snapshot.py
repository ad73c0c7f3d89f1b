"""What is edited while a stage runs: it fails, and nothing says that it was made of what it was not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest
from penguins.engine import stage
from penguins.engine.base import paths, started
from penguins.engine.base.errors import UserError
from penguins.engine.lineage import snapshot
from penguins.engine.lineage.trained import Trained
from penguins.engine.registration import decide as registration
from penguins.engine.tracking import store
from penguins.stages import evaluate, train, validate

from tests.engine.conftest import METRIC

DATA = Path("data/raw/table.csv")
# the project's; the tests run other code
CODE = Path("penguins/engine/table/cells.py")


@pytest.fixture(scope="module")
def trained(shared_project: Path) -> Path:
    """Provide a project that was validated and trained."""
    CODE.parent.mkdir(parents=True)
    CODE.write_text("x = 1\n", encoding="utf-8")
    Path("requirements.txt").write_text("numpy\n", encoding="utf-8")
    stage.run("validate")
    stage.run("train")
    return shared_project


@pytest.fixture
def project(trained: Path) -> Iterator[Path]:
    """Provide it, and put its files back afterwards."""
    files = [DATA, CODE, paths.PARAMS, paths.VALIDATED, paths.MODEL, paths.RUN]
    kept = {path: path.read_bytes() for path in files}
    yield trained
    for path, content in kept.items():
        path.write_bytes(content)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def meanwhile(patch: pytest.MonkeyPatch, module: Any, name: str, *changes: Callable[[], object]) -> None:
    """Change something when a function of a stage is called for the first time."""
    original, waiting = getattr(module, name), list(changes)

    def changing(*arguments: Any, **named: Any) -> Any:
        while waiting:
            waiting.pop()()
        return original(*arguments, **named)

    patch.setattr(module, name, changing)


def last_run(experiment: str) -> Any:
    return mlflow.search_runs(experiment_names=[experiment], output_format="list")[0]


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("params.yaml (model)", lambda: replace(paths.PARAMS, "max_iter: 20", "max_iter: 60")),
        (CODE.as_posix(), lambda: CODE.write_text("x = 2\n", encoding="utf-8")),
        (paths.VALIDATED.as_posix(), paths.VALIDATED.touch),  # too large to be compared by its content
        (paths.VALIDATED.as_posix(), paths.VALIDATED.unlink),
    ],
)
def test_training_fails_if_what_it_is_made_of_changes(
    project: Path, monkeypatch: pytest.MonkeyPatch, file: str, change: Callable[[], object]
) -> None:
    monkeypatch.setattr(snapshot, "SMALL", 1000)
    meanwhile(monkeypatch, train, "build", change)
    with pytest.raises(UserError) as error:
        stage.run("train")
    assert str(error.value) == f"{file}: changed while train ran; run it again"
    run = last_run(store.experiment_name())
    assert (run.info.status, run.data.tags["failure"]) == ("FAILED", str(error.value))
    assert run.data.params["model.hist_gradient_boosting.max_iter"] == "20"
    assert not paths.MODEL.exists()
    assert not paths.RUN.exists()


def test_what_training_does_not_depend_on_may_be_edited_meanwhile(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = paths.PARAMS.read_bytes()
    saved = CODE.read_bytes()
    meanwhile(
        monkeypatch,
        train,
        "build",
        lambda: replace(paths.PARAMS, "groups: [colour]", "groups: []  # none"),
        lambda: CODE.write_bytes(saved),
    )
    stage.run("train")
    run = last_run(store.experiment_name())
    logged = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="params.yaml")
    assert Path(logged).read_bytes() == before


def test_a_validation_of_data_that_change_keeps_the_last_good_table(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = paths.VALIDATED.read_bytes()
    meanwhile(monkeypatch, validate, "to_types", lambda: replace(DATA, "001,", "001,1"))
    with pytest.raises(UserError, match=r"^data/raw/table.csv: changed while validate ran"):
        stage.run("validate")
    assert paths.VALIDATED.read_bytes() == good
    assert last_run(store.data_experiment_name()).info.status == "FAILED"


def test_an_evaluation_and_a_registration_of_what_changes_are_none(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        meanwhile(
            patch, evaluate, "evaluate", lambda: replace(paths.PARAMS, "groups: [colour]", "groups: []")
        )
        with pytest.raises(UserError, match=r"params.yaml \(evaluate\): changed while evaluate ran"):
            stage.run("evaluate")
    run = mlflow.get_run(Trained.read().run_id)
    assert (run.info.status, run.data.metrics) == ("FAILED", {})
    assert not paths.METRICS.exists()
    assert not paths.PLOTS.exists()

    stage.run("evaluate")
    edit = f'"{METRIC}": 0, "old"'
    with monkeypatch.context() as patch:
        meanwhile(
            patch, registration, "gates_of_evaluation", lambda: replace(paths.METRICS, f'"{METRIC}"', edit)
        )
        with pytest.raises(UserError, match=r"reports/metrics.json: changed while register ran"):
            stage.run("register")
    assert not mlflow.search_registered_models()


def test_code_that_changed_while_it_was_imported_is_not_known(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started, "FILES", {str(CODE.resolve()): [1, 2, 3]})
    with pytest.raises(UserError, match=r"cells\.py: changed while train ran"):
        stage.run("train")


def test_a_model_of_other_parameters_is_neither_evaluated_nor_registered(project: Path) -> None:
    """However they came to differ: DVC notes the parameters of the moment after a stage has ended."""
    replace(paths.PARAMS, "max_iter: 20", "max_iter: 60")
    for name in ("evaluate", "register"):
        with pytest.raises(UserError, match=r"values of params.yaml \(model\); `dvc repro --force train`"):
            stage.run(name)
    replace(paths.PARAMS, "max_iter: 60", "max_iter: 20")
    replace(paths.PARAMS, "test_fraction: 0.25", "test_fraction: 0.250")
    stage.run("evaluate")
