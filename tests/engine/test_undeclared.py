"""Code that a stage is made of and that dvc.yaml does not name: every stage stops, and says what to add."""

from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from shutil import copy, copytree

import pytest
from penguins.engine import stage
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.base.paths import PACKAGE
from penguins.engine.commands import check, tune
from penguins.engine.lineage import imports, pipeline, snapshot
from penguins.engine.lineage.undeclared import check_declared, undeclared
from penguins.engine.registration.decide import decide

from tests.engine.conftest import ROOT
from tests.support.running import replace_in

DVC = Path("dvc.yaml")
GEO = f"{PACKAGE}/geo/distance.py"
MINE = f"{PACKAGE}/mine.py"
BESIDE = "helpers.py"
ALL = ["train", "evaluate"]  # the stages that the features are a part of, except for one that always runs


@pytest.fixture
def project(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a project whose features import a folder of its own, and a module beside the package."""
    copytree(ROOT / PACKAGE, PACKAGE, ignore=lambda *_: ["__pycache__"])
    Path(GEO).parent.mkdir()
    Path(GEO).write_text("import helpers\n", encoding="utf-8")
    Path(GEO).with_name("__init__.py").write_text('"""Distances."""\n', encoding="utf-8")
    for module in (MINE, BESIDE):
        Path(module).write_text("class Mine: ...\n", encoding="utf-8")
    monkeypatch.setattr(imports, "ROOT", project)
    return project


def declare(stage: str, *files: str) -> None:
    added = "".join(f"      - {file}\n" for file in files)
    own = f"      - {PACKAGE}/stages/{stage}.py\n"
    replace_in(DVC, own, own + added)


def use_geo() -> None:
    replace_in(Path(PACKAGE, "features.py"), "import numpy", "from .geo.distance import km\nimport numpy")


def use_beside(module: str) -> None:
    replace_in(Path(PACKAGE, module), '"""\n\n', '"""\n\nimport helpers\n\n')


def use(type_: str) -> None:
    replace_in(paths.PARAMS, "type: hist_gradient_boosting", f"type: {type_}")


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (lambda: None, {}),
        (use_geo, {GEO: ALL, BESIDE: ALL}),
        (lambda: use(f"{PACKAGE}.mine.Mine"), {MINE: ["train", "evaluate"]}),
        (lambda: use("helpers.Mine"), {BESIDE: ["train", "evaluate"]}),
        (lambda: use("sklearn.svm.SVC"), {}),
        (lambda: use("[1, helpers.Mine]"), {}),  # what is not a name is for others to tell
        (lambda: use_beside("stages/validate.py"), {BESIDE: ["validate"]}),
        (lambda: use_beside("gates.py"), {BESIDE: ["register"]}),  # which the engine finds by name
    ],
)
def test_what_the_users_files_and_the_type_import_is_missed(
    project: Path, change: Callable[[], None], missing: dict[str, list[str]]
) -> None:
    change()
    assert undeclared() == missing


def test_a_file_or_a_folder_that_holds_it_is_enough(project: Path) -> None:
    use_geo()
    declare("train", BESIDE, GEO)
    declare("evaluate", BESIDE, f"./{PACKAGE}/geo/")
    check_declared()


def test_every_stage_and_check_say_what_to_add_before_any_work(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_geo()
    use("helpers.Mine")
    line = 1 + DVC.read_text(encoding="utf-8").splitlines().index("  train:") + 2
    goal = "to the `deps` of train and evaluate, so that a change of it runs these stages"
    said = [
        f"dvc.yaml:{line}: add {BESIDE} {goal}",
        f"dvc.yaml:{line}: add {GEO}, or the folder {PACKAGE}/geo, {goal}",
    ]
    monkeypatch.setattr(check, "fetch", lambda: None)
    starts: list[Callable[[], object]] = [decide, lambda: check.main(Namespace())]
    starts += [partial(stage.run, name) for name in ("validate", "train", "evaluate")]
    for start in starts:
        with pytest.raises(UserError) as caught:
            start()
        assert sorted(str(caught.value).splitlines(), key=len) == sorted(said, key=len)
    assert not Path("mlflow.db").exists()


def test_a_class_that_tune_may_choose_is_missed_by_tune_alone(project: Path) -> None:
    with paths.PARAMS.open("a", encoding="utf-8") as file:
        file.write("tune:\n  space:\n    model:\n      type: {choice: [random_forest, helpers.Mine]}\n")
    check_declared()
    with pytest.raises(UserError, match=r"add helpers.py to the `deps` of train and evaluate"):
        tune.main(Namespace(scheduler=None))


def test_the_metrics_are_missed_by_train_if_one_of_them_chooses_the_threshold(project: Path) -> None:
    written = paths.PARAMS.read_text(encoding="utf-8")
    for threshold, missing in (("0.3", {}), ("f1_macro", {f"{PACKAGE}/metrics.py": ["train"]})):
        text = written.replace("model:\n", f"model:\n  threshold: {threshold}\n")
        paths.PARAMS.write_text(text, encoding="utf-8")
        assert undeclared() == missing
    declare("train", f"{PACKAGE}/metrics.py")
    assert undeclared() == {}
    text = f"{written}tune:\n  space:\n    model:\n      threshold: {{choice: [null, f1_macro]}}\n"
    paths.PARAMS.write_text(text, encoding="utf-8")
    copy(ROOT / "dvc.yaml", DVC)
    assert undeclared() == {}
    assert undeclared(searched=True) == {f"{PACKAGE}/metrics.py": ["train"]}


def test_an_edit_in_a_folder_is_one_of_the_stage(project: Path) -> None:
    """In what a run records, and while it runs; what Python writes beside it is none."""
    declare("train", f"{PACKAGE}/geo")
    assert f"{PACKAGE}/geo" in pipeline.inputs("train")
    assert f"{PACKAGE}/geo" in pipeline.inputs("evaluate")  # whose model is made of it
    for folder, told in (("geo/__pycache__", False), ("geo", True)):
        Path(PACKAGE, folder).mkdir(exist_ok=True)
        taken = snapshot.Snapshot.of("train")
        Path(PACKAGE, folder, "new.py").write_text("", encoding="utf-8")
        changed = [path for path in snapshot.Snapshot.of("train").files if path not in taken.files]
        assert bool(changed) is told
