"""What users do to a project that has run: change it and try things; put back after each test."""

import pytest

from tests.support.baked import Baked
from tests.support.running import commit, edit, load, reproduce, store

pytestmark = pytest.mark.slow


def test_another_model_is_another_run_and_another_version(project: Baked) -> None:
    before = store(project)
    edit(project, "params.yaml", "  type: hist_gradient_boosting", "  type: logistic_regression")
    said = project.run("dvc", "repro").stdout
    assert "Stage 'validate' didn't change, skipping" in said
    after = store(project)
    run, version = after.runs[-1], after.versions[-1]
    number = 1 + max(int(one["tags"].get("run.number", 0)) for one in before.runs)  # experiments have none
    assert run["name"] == f"{number}-logistic_regression"
    assert run["params"]["model.logistic_regression.C"] == "1.0"
    assert (version["version"], version["run"]) == (str(len(before.versions) + 1), run["id"])
    assert after.aliases["penguins"]["challenger"] == version["version"]
    assert after.runs[:-1] == before.runs


def test_the_class_of_another_library_is_a_model_type(project: Baked) -> None:
    edit(
        project,
        "params.yaml",
        "  type: hist_gradient_boosting",
        "  type: sklearn.svm.SVC\n  sklearn.svm.SVC: {C: 2.0}",
    )
    project.run("dvc", "repro")
    run = store(project).runs[-1]
    assert run["params"]["model.sklearn.svm.SVC.C"] == "2.0"
    assert "accuracy" in run["metrics"]
    assert "log_loss" not in run["metrics"]  # it gives no probabilities
    assert run["tags"]["registration.decision"] == "registered"


def test_code_that_the_features_import_is_a_dependency_like_any_other(project: Baked) -> None:
    (project.path / "penguins/geo").mkdir()
    (project.path / "penguins/geo/distance.py").write_text("KM = 1\n", encoding="utf-8")
    edit(
        project,
        "penguins/features.py",
        "import numpy as np\n",
        "import numpy as np\nfrom .geo.distance import KM\n",
    )
    failed = project.run("dvc", "repro", check=False)
    (line,) = [line for line in failed.stderr.splitlines() if line.startswith("error: ")]
    assert (
        "add penguins/geo/distance.py, or the folder penguins/geo, to the `deps` of train and evaluate"
        in line
    )
    assert failed.returncode
    text = project.read("dvc.yaml")
    listed = text.replace(
        "      - penguins/features.py\n", "      - penguins/features.py\n      - penguins/geo\n"
    )
    (project.path / "dvc.yaml").write_text(listed, encoding="utf-8")
    reproduce(project)
    assert store(project).runs[-1]["lineage"]["dependencies"]["penguins/geo"].endswith(".dir")
    assert "is up to date" in project.run("python", "-m", "penguins", "check").stdout

    edit(project, "penguins/geo/distance.py", "KM = 1", "KM = 2")
    commit(project, "Edit what the features import")
    stale = project.run("python", "-m", "penguins", "check", check=False)
    assert (stale.returncode, "penguins/geo" in stale.stderr) == (1, True), stale.stderr
    assert "Running stage 'train'" in project.run("dvc", "repro", "train").stdout


def test_a_missed_threshold_registers_nothing(project: Baked) -> None:
    versions = store(project).versions
    edit(project, "params.yaml", "  thresholds: {}", "  thresholds: {f1_macro: {min: 0.999}}")
    said = project.run("dvc", "repro").stdout
    assert "FAILED" in said
    decision = load(project, "reports/registration.json")
    assert decision["decision"] == "rejected"
    assert "wanted >= 0.999" in decision["reasons"][0]
    after = store(project)
    assert after.versions == versions
    run = next(run for run in after.runs if run["id"] == decision["run_id"])
    assert run["tags"]["registration.decision"] == "rejected"
    assert "wanted >= 0.999" in run["decision"]["reasons"][0]
    assert "**Rejected**: `f1_macro: 0.98" in run["tags"]["mlflow.note.content"]


CHAMPION = """
import mlflow, sys
client = mlflow.MlflowClient("sqlite:///mlflow.db")
if sys.argv[1] == "none":
    client.delete_registered_model_alias("penguins", "champion")
else:
    client.set_registered_model_alias("penguins", "champion", sys.argv[1])
"""


def test_a_worse_model_than_the_champion_is_refused_and_a_better_one_taken(project: Baked) -> None:
    project.run("python", "-c", CHAMPION, "1")
    try:
        edit(project, "params.yaml", "max_iter: 200", "max_iter: 1")
        edit(project, "params.yaml", "accuracy: 0.2", "accuracy: 1.0")
        project.run("dvc", "repro")
        decision = load(project, "reports/registration.json")
        assert decision["decision"] == "rejected"
        (reason,) = decision["reasons"]
        assert reason.startswith("f1_macro against the champion: 0.")

        edit(project, "params.yaml", "min_improvement: 0.0", "min_improvement: -1.0")
        project.run("dvc", "repro")
        assert load(project, "reports/registration.json")["decision"] == "registered"
        assert store(project).aliases["penguins"]["champion"] == "1"  # register never moves it
    finally:
        project.run("python", "-c", CHAMPION, "none")


def test_an_experiment_away_from_the_workspace_is_recorded_in_the_one_store(project: Baked) -> None:
    before = store(project)
    model = ("-S", "model.type=random_forest", "-S", "model.random_forest.n_estimators=20")
    project.run("dvc", "exp", "run", "--temp", "--name", "keen-idea", *model)
    after = store(project)
    (run,) = after.runs[len(before.runs) :]
    assert (run["name"], run["status"]) == ("keen-idea-random_forest", "FINISHED")
    assert run["tags"]["dvc.experiment"] == "keen-idea"
    assert run["tags"]["dvc.baseline"] == project.run("git", "rev-parse", "HEAD").stdout.strip()
    assert "accuracy" in run["metrics"]
    assert "plots" in run["artifacts"]  # they are here, not in a folder that is gone
    assert after.versions == before.versions
    assert project.run("git", "status", "--porcelain").stdout == ""
    assert run["id"] in project.run("python", "-m", "penguins", "find", "keen-idea").stdout

    project.run("dvc", "exp", "apply", "keen-idea")
    project.run("dvc", "repro")
    decision = load(project, "reports/registration.json")
    assert (decision["decision"], decision["run_id"]) == ("registered", run["id"])
    assert store(project).versions[-1]["run"] == run["id"]


def test_only_the_evaluation_changed(project: Baked) -> None:
    before = store(project)
    trained = load(project, "models/run.json")["run_id"]
    edit(project, "params.yaml", "  groups:\n  - island\n", "  groups:\n")
    said = project.run("dvc", "repro").stdout
    assert "Stage 'train' didn't change, skipping" in said
    after = store(project)
    run = after.runs[-1]
    assert run["tags"]["forked.from"] == trained
    assert run["params"]["evaluate.groups"] == "['sex']"
    assert run["models"] == next(r["models"] for r in before.runs if r["id"] == trained)
    assert after.versions == before.versions


def test_uncommitted_code_is_recorded(project: Baked) -> None:
    edit(project, "penguins/stages/train.py", '"""Train: fit', '"""Train it: fit')
    project.run("dvc", "repro")
    run = store(project).runs[-1]
    assert run["tags"]["git.dirty"] == "true"
    assert "code.diff" in run["artifacts"]
    assert project.run("git", "status", "--porcelain", "penguins").stdout == " M penguins/stages/train.py\n"
