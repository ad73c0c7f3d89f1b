"""What users do to a project that has run: change it, break it, try things; put back after each test."""

import json
from collections.abc import Iterator

import pytest

from tests.baked import Baked
from tests.running import edit, load, restored, store

pytestmark = pytest.mark.slow

DATA = "data/raw/penguins.csv"
ROW = "Adelie,Dream,39.5,17.4,186,{mass},female,2009\n"


@pytest.fixture
def project(finished: Baked) -> Iterator[Baked]:
    with restored(finished):
        yield finished


def made(project: Baked) -> dict[str, bytes]:
    """All that the pipeline made from good data."""
    names = ["data/validated.parquet", "models/model.joblib", "models/run.json", "dvc.lock"]
    reports = [f for f in (project.path / "reports").rglob("*") if f.is_file() and "failed" not in f.name]
    return {str(file): file.read_bytes() for file in [*map(project.path.joinpath, names), *reports]}


def append(project: Baked, mass: object) -> None:
    with (project.path / DATA).open("a", encoding="utf-8", newline="\n") as file:
        file.write(ROW.format(mass=mass))


def test_another_model_is_another_run_and_another_version(project: Baked) -> None:
    before = store(project)
    edit(project, "params.yaml", "  type: hist_gradient_boosting", "  type: logistic_regression")
    said = project.run("dvc", "repro").stdout
    assert "Stage 'validate' didn't change, skipping" in said
    after = store(project)
    run, version = after.runs[-1], after.versions[-1]
    number = len(before.of("penguins")) + 1
    assert run["name"] == f"penguins-logistic_regression-{number}"
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
    edit(project, "params.yaml", "    log_loss: {max: 0.5}\n", "")
    project.run("dvc", "repro")
    run = store(project).runs[-1]
    assert run["params"]["model.sklearn.svm.SVC.C"] == "2.0"
    assert "accuracy" in run["metrics"]
    assert "log_loss" not in run["metrics"]  # it gives no probabilities
    assert run["tags"]["registration.decision"] == "registered"


@pytest.mark.parametrize(
    ("mass", "rule"), [(-1, "expect column values to be between"), ("heavy", "values are numbers")]
)
def test_bad_data_stop_everything_and_harm_nothing(project: Baked, mass: object, rule: str) -> None:
    before, stored = made(project), store(project)
    append(project, mass)
    done = project.run("dvc", "repro", check=False)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in said
    assert f"row 346 ({mass}" in said
    assert "body_mass_g" in said
    assert "stages.train" not in said
    assert made(project) == before
    page = project.read("reports/validation-failed.html")
    for part in ("row 346", "body_mass_g", rule):
        assert part in page
    run = store(project).runs[-1]
    assert (run["experiment"], run["status"]) == ("penguins-data", "FAILED")
    assert "row 346" in run["tags"]["failure"]
    assert store(project).versions == stored.versions


def test_a_warning_is_reported_and_nothing_more(project: Baked) -> None:
    edit(
        project,
        "expectations/penguins.yaml",
        "    mostly: 0.95\n    severity: warning\n\n",
        "    severity: warning\n\n",
    )
    said = project.run("dvc", "repro", "validate").stdout
    assert "10 of 11 hold" in said
    assert "sex: expect column values to not be null: row 5" in said
    assert load(project, "reports/validation.json")["failed_warning"] == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "params.yaml",
            "  type: hist",
            "  typ: hist",
            "params.yaml:44: model: missing; this block needs 'type'",
        ),
        ("params.yaml", "max_iter: 200", "max_itre: 200", "did you mean 'max_iter'?"),
        ("params.yaml", "primary_metric: f1_macro", "primary_metric: f1", "no such metric 'f1'"),
        ("params.yaml", "target: species", "target: specie", "has no column 'specie'"),
        (
            "expectations/penguins.yaml",
            "expect_table_row_count_to_be_between",
            "expect_row_count",
            "no such expectation",
        ),
        ("expectations/penguins.yaml", "min_value: 25", "min_valu: 25", "did you mean 'min_value'?"),
    ],
)
def test_a_mistake_is_a_line_before_any_work(
    project: Baked, file: str, old: str, new: str, says: str
) -> None:
    runs = store(project).runs
    edit(project, file, old, new)
    done = project.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    lines = [line for line in (done.stdout + done.stderr).splitlines() if says in line]
    assert len(lines) == 1
    assert lines[0].startswith(f"error: {file}:")
    assert store(project).runs == runs


@pytest.mark.parametrize("stage", ["validate", "train", "evaluate", "register"])
def test_every_stage_checks_the_parameters(project: Baked, stage: str) -> None:
    edit(project, "params.yaml", "learning_rate: 0.1", "learning_rate: fast")
    done = project.run("python", "-m", f"penguins.stages.{stage}", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: params.yaml:")
    assert "'learning_rate' parameter of HistGradientBoostingClassifier must be a float" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_missed_threshold_registers_nothing(project: Baked) -> None:
    versions = store(project).versions
    edit(project, "params.yaml", "f1_macro: {min: 0.9}", "f1_macro: {min: 0.999}")
    said = project.run("dvc", "repro").stdout
    assert "FAILED" in said
    decision = load(project, "reports/registration.json")
    assert decision["decision"] == "rejected"
    assert "wanted >= 0.999" in decision["reasons"][0]
    after = store(project)
    assert after.versions == versions
    run = next(run for run in after.runs if run["id"] == decision["run_id"])
    assert run["tags"]["registration.decision"] == "rejected"
    assert "wanted >= 0.999" in run["tags"]["registration.reasons"]


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
        edit(project, "params.yaml", "f1_macro: {min: 0.9}", "f1_macro: {min: 0.1}")
        edit(project, "params.yaml", "    log_loss: {max: 0.5}\n", "")
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
    assert (run["name"], run["status"]) == ("penguins-random_forest-keen-idea", "FINISHED")
    assert run["tags"]["dvc.experiment"] == "keen-idea"
    assert run["tags"]["dvc.baseline"] == project.run("git", "rev-parse", "HEAD").stdout.strip()
    assert "accuracy" in run["metrics"]
    assert "plots" in run["artifacts"]  # they are here, not in a folder that is gone
    assert after.versions == before.versions
    assert project.run("git", "status", "--porcelain").stdout == ""
    shown = json.loads(project.run("dvc", "exp", "show", "--json").stdout)
    assert run["id"] in json.dumps(shown)

    project.run("dvc", "exp", "apply", "keen-idea")
    project.run("dvc", "repro")
    decision = load(project, "reports/registration.json")
    assert (decision["decision"], decision["run_id"]) == ("registered", run["id"])
    assert store(project).versions[-1]["run"] == run["id"]


def test_only_the_evaluation_changed(project: Baked) -> None:
    before = store(project)
    trained = load(project, "models/run.json")["run_id"]
    edit(project, "params.yaml", "groups: [island, sex]", "groups: [sex]")
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


def test_a_model_that_cannot_be_fitted_is_a_failed_run(project: Baked) -> None:
    edit(
        project, "params.yaml", "  type: hist_gradient_boosting", "  type: sklearn.naive_bayes.CategoricalNB"
    )
    done = project.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    assert "CategoricalNB cannot be fitted" in done.stderr
    run = store(project).runs[-1]
    assert run["status"] == "FAILED"
    assert "cannot be fitted" in run["tags"]["failure"]


def test_the_wrong_python_is_one_line(project: Baked) -> None:
    bare = Baked(project.path)  # the tests' own environment, which has no MLflow
    done = bare.run("python3", "-m", "penguins.stages.train", check=False)
    assert done.returncode == 1
    assert "activate its environment" in done.stderr
    assert len(done.stderr.splitlines()) == 1
