import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

import mlflow
import pandas as pd
import pytest
from penguins.engine import runs, stage
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.base.files import write_json
from penguins.engine.base.yaml import read_yaml
from penguins.engine.commands import promote
from penguins.engine.judging.prediction import read_predictions
from penguins.engine.judging.verdict import gates_of_evaluation
from penguins.engine.lineage import lineage
from penguins.engine.lineage.run_ids import workspace_run_ids
from penguins.engine.registration import receipt
from penguins.engine.registry.registry import ARCHIVED, Registry
from penguins.engine.reporting import revision
from penguins.engine.split.dataset import Dataset
from penguins.engine.tracking import address, deletion, moved, notes, store
from penguins.engine.tracking.lineage_record import read_record
from penguins.engine.tracking.run import Run
from penguins.engine.tuning.cross_validation import CrossValidation
from penguins.params import load_params
from penguins.stages import train
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline

from tests.engine.conftest import METRIC, ROOT, TARGET, make_table, set_up
from tests.engine.tasks import BOTH, CLASSIFICATION, Task
from tests.support.running import replace_in

RUNS: dict[str, Any] = {
    "validate": runs.validation_run,
    "train": runs.training_run,
    "evaluate": runs.evaluation_run,
}


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def edit_params(old: str, new: str) -> None:
    replace_in(paths.PARAMS, old, new)


def test_one_run_has_parameters_metrics_data_and_model(finished: Path) -> None:
    run = mlflow.get_run(read(paths.EVALUATION)["run_id"])
    assert run.info.status == "FINISHED"
    assert run.data.params["model.hist_gradient_boosting.max_iter"] == "20"
    assert run.data.metrics[METRIC] == read(paths.METRICS)[METRIC]
    assert f"within.colour.red.{METRIC}" in run.data.metrics
    assert min(run.data.metrics[name] for name in ("latency_ms", "batch_latency_ms")) > 0
    digests = {item.dataset.digest for item in run.inputs.dataset_inputs}
    files = (Path("data/raw/table.csv"), paths.VALIDATED)
    assert digests == {hashlib.md5(file.read_bytes()).hexdigest() for file in files}
    assert len(run.outputs.model_outputs) == 1


def test_mlflows_pages_say_what_a_run_is_in_words_and_few_tags(finished: Path) -> None:
    client, metrics = store.connect(), read(paths.METRICS)
    run = mlflow.get_run(read(paths.EVALUATION)["run_id"])
    assert run.info.run_name == "1-hist_gradient_boosting"
    assert client.get_logged_model(run.data.tags["model.id"]).name == run.info.run_name
    assert not [name for name in run.data.tags if name.startswith("md5.") or name == "versions"]
    note = run.data.tags[notes.NOTE]
    assert note.startswith(f"`hist_gradient_boosting` predicts `{TARGET}` from `data/raw/table.csv` (md5 ")
    baseline = metrics["baseline"][METRIC]
    assert f"| `{METRIC}` | {metrics[METRIC]:.4g} | {baseline:.4g} |" in note
    assert f"`{METRIC} against the baseline`" in note
    assert "It is version 1 of `things`, `@challenger` when it was registered." in note
    assert note.endswith(f"`python -m penguins reproduce {run.info.run_id[:12]}`")
    (version,) = client.search_model_versions("name = 'things'")
    assert version.description.startswith(note.split("\n\n")[0])
    assert f"Predicts `{TARGET}`" in version.description
    experiments = client.search_experiments()
    assert all(notes.NOTE in e.tags for e in experiments if e.name != "Default")
    (data,) = client.search_runs([e.experiment_id for e in experiments if e.name.endswith("-data")])
    assert "expectations hold. The artifact `validation.html`" in data.data.tags[notes.NOTE]


def test_a_description_that_a_person_has_written_stays(finished: Path) -> None:
    client, run_id = store.connect(), read(paths.EVALUATION)["run_id"]
    before = mlflow.get_run(run_id).data.tags[notes.NOTE]
    for text, stays in ((f"{before} My words.", True), (f"My words. {before}", True), (before, False)):
        client.set_tag(run_id, notes.NOTE, text)
        notes.describe_run(Run(client, run_id))
        assert (mlflow.get_run(run_id).data.tags[notes.NOTE] == text) is stays
    client.set_tag(run_id, notes.NOTE, before)


def test_the_model_learns_from_the_training_rows_and_is_judged_on_the_others(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Dataset(load_params())
    learned: list[tuple[list[int], list[Any]]] = []

    class Model(BaseEstimator):  # type: ignore[misc]
        def fit(self, features: pd.DataFrame, target: Any) -> None:
            learned.append((list(features.index), list(target)))
            raise ValueError("enough is seen")

    monkeypatch.setattr(train, "build", lambda *_: make_pipeline(Model()))
    with pytest.raises(UserError, match="enough is seen"):
        stage.run("train")
    assert learned == [(list(data.train_rows.index), list(data.train_target))]
    assert not set(data.train_rows.index) & set(data.test_rows.index)
    judged = read_predictions(paths.PREDICTIONS, "classification")["actual"]
    assert judged.tolist() == data.test_rows[TARGET].tolist()


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("validate", "run.save(raw, table, results)"),
        ("train", "run.save_model(model, train)"),
        ("evaluate", "run.save(evaluation, PLOTS)"),
    ],
)
def test_a_stage_that_saves_nothing_has_failed(
    finished: Path, monkeypatch: pytest.MonkeyPatch, name: str, how: str
) -> None:
    """Else DVC would take for new what is there from before."""
    opened: list[Any] = []

    def main() -> None:
        params = load_params()
        data = () if name == "validate" else (Dataset(params),)
        with RUNS[name](params, *data) as run:
            opened.append(run.id)

    monkeypatch.setattr(f"penguins.stages.{name}.main", main)
    with pytest.raises(UserError) as caught:
        stage.run(name)
    assert str(caught.value) == f"penguins/stages/{name}.py: main: nothing was saved; it needs `{how}`"
    assert mlflow.get_run(opened[0]).info.status == "FAILED"


def test_nothing_is_logged_to_the_default_experiment(finished: Path) -> None:
    assert not mlflow.search_runs(["0"], output_format="list")
    assert {e.name for e in mlflow.search_experiments()} == {
        "Default",
        store.experiment_name(),
        store.data_experiment_name(),
        "things-history",
    }


def test_the_registered_model_predicts_a_raw_row(finished: Path) -> None:
    assert read(paths.REGISTRATION)["decision"] == "registered"
    model = mlflow.pyfunc.load_model("models:/things@challenger")
    raw = pd.read_csv("data/raw/table.csv")
    assert len(model.predict(raw)) == len(raw)
    for number in (1, 17, 19):  # whole numbers, then missing cells, which pandas reads as numbers
        row = pd.read_csv("data/raw/table.csv", skiprows=range(1, number), nrows=1)
        assert len(model.predict(row.assign(height=5))) == 1
    assert len(model.predict(row.assign(colour="never seen"))) == 1


def test_registering_again_makes_no_version(finished: Path) -> None:
    before = read(paths.REGISTRATION)
    stage.run("register")
    assert read(paths.REGISTRATION) == before
    assert len(mlflow.MlflowClient().search_model_versions("name = 'things'")) == 1


def test_a_run_is_evaluated_once(finished: Path) -> None:
    old = mlflow.get_run(read(paths.EVALUATION)["run_id"])
    stage.run("evaluate")
    new = mlflow.get_run(read(paths.EVALUATION)["run_id"])
    assert new.data.tags["forked.from"] == read(paths.RUN)["run_id"]
    assert new.info.run_id != old.info.run_id
    assert mlflow.get_run(old.info.run_id).to_dictionary() == old.to_dictionary()


def test_evaluating_again_leaves_the_old_run_alone(finished: Path) -> None:
    old = mlflow.get_run(read(paths.EVALUATION)["run_id"])
    edit_params("groups: [colour]", "groups: []")
    stage.run("evaluate")
    new = mlflow.get_run(read(paths.EVALUATION)["run_id"])
    assert new.info.run_id != old.info.run_id
    assert new.data.tags["forked.from"] == read(paths.RUN)["run_id"]
    assert new.data.params["evaluate.groups"] == "[]"
    assert new.outputs.model_outputs == old.outputs.model_outputs
    assert mlflow.get_run(old.info.run_id).to_dictionary() == old.to_dictionary()


def test_a_pipeline_of_before_1_1_has_the_run_among_the_metrics(finished: Path) -> None:
    """DVC keeps no file that dvc.yaml does not list, and an update may have left that as it was."""
    pipeline = Path("dvc.yaml").read_text(encoding="utf-8")
    Path("dvc.yaml").write_text(re.sub(r".*/evaluation.json.*\n", "", pipeline), encoding="utf-8")
    paths.EVALUATION.unlink()
    stage.run("evaluate")
    assert not paths.EVALUATION.exists()
    run_id = read(paths.METRICS)["run_id"]
    assert (revision.in_workspace().run_id, run_id in workspace_run_ids()) == (run_id, True)
    stage.run("register")
    assert read(paths.REGISTRATION)["run_id"] == run_id
    Path("dvc.yaml").write_text(pipeline, encoding="utf-8")
    stage.run("evaluate")
    stage.run("register")


def test_parameters_mended_after_training_are_not_put_on_the_old_run(project: Path) -> None:
    stage.run("validate")
    stage.run("train")
    trained = read(paths.RUN)["run_id"]
    edit_params("groups: [colour]", "groups: []")
    stage.run("evaluate")
    run = mlflow.get_run(read(paths.EVALUATION)["run_id"])
    assert run.data.tags["forked.from"] == trained
    assert run.data.params["evaluate.groups"] == "[]"
    assert mlflow.get_run(trained).data.metrics == {}
    assert len(run.inputs.dataset_inputs) == 2


def test_a_model_is_logged_without_checks_that_could_only_warn(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = [
        (mlflow.utils.environment, "warn_dependency_requirement_mismatches"),
        (mlflow.models.utils, "_validate_serving_input"),
    ]
    made: list[str] = []
    for module, name in checks:
        monkeypatch.setattr(module, name, lambda *_args, name=name, **_names: made.append(name))
    stage.run("validate")
    stage.run("train")
    assert made == []
    for module, name in checks:
        getattr(module, name)()
    assert made == [name for _, name in checks]


def test_a_version_whose_files_are_gone_is_made_again(finished: Path) -> None:
    assert read(paths.REGISTRATION)["decision"] == "registered"
    rmtree("mlruns")
    stage.run("register")
    version = read(paths.REGISTRATION)["version"]
    model = mlflow.pyfunc.load_model(f"models:/things/{version}")
    assert len(model.predict(make_table())) == 120


@BOTH
def test_a_missed_threshold_registers_nothing(project: Path, task: Task) -> None:
    task.set_up(project)
    edit_params("min: 0.5", "min: 1.1") if task is CLASSIFICATION else replace_in(
        paths.PARAMS, "max: 100.0", "max: 0.0"
    )
    for name in ("validate", "train", "evaluate", "register"):
        task.module("engine.stage").run(name)
    decision = read(paths.REGISTRATION)
    assert decision["decision"] == "rejected"
    assert task.metric in decision["reasons"][0]
    assert not mlflow.search_registered_models()


@BOTH
def test_every_plot_that_dvc_shows_is_drawn(project: Path, task: Task) -> None:
    task.set_up(project)
    for name in ("validate", "train", "evaluate", "register"):
        task.module("engine.stage").run(name)
    decision, run = read(paths.REGISTRATION), mlflow.get_run(read(paths.EVALUATION)["run_id"])
    assert (decision["decision"], decision["version"]) == ("registered", "1")
    assert run.data.metrics[task.metric] == read(paths.METRICS)[task.metric]
    drawn = {path.name for path in paths.PLOTS.iterdir()}
    assert {f"{name}.png" for name in task.module("plots").PLOTS} <= drawn
    shown = {Path(path).name for path in read_yaml(Path("dvc.yaml"))["plots"]}
    assert shown == {name for name in drawn if name.endswith(".png")}
    model = mlflow.pyfunc.load_model("models:/things@challenger")
    raw = pd.read_csv("data/raw/table.csv")
    assert len(model.predict(raw)) == len(raw)


def test_an_archived_version_is_not_registered_again(finished: Path) -> None:
    client, version = store.connect(), str(read(paths.REGISTRATION)["version"])
    client.set_model_version_tag("things", version, ARCHIVED, "it is biased")
    try:
        stage.run("register")
        decision = read(paths.REGISTRATION)
        assert decision["decision"] == "rejected"
        assert "archived: it is biased" in decision["reasons"][0]
    finally:
        client.delete_model_version_tag("things", version, ARCHIVED)
        stage.run("register")


def test_an_experiment_registers_nothing(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    versions = store.connect().search_model_versions("name = 'things'")
    assert versions
    monkeypatch.setenv("DVC_EXP_NAME", "keen-idea")
    stage.run("register")
    said = "skipped: an experiment; `python -m penguins apply keen-idea` registers its model"
    assert capsys.readouterr().out.splitlines()[-1].strip() == said
    assert read(paths.REGISTRATION)["decision"] == "skipped"
    assert len(store.connect().search_model_versions("name = 'things'")) == len(versions)


def test_a_store_without_the_run_gets_it_back(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///another/folder/mlflow.db")
    monkeypatch.setattr(lineage, "installed", lambda: {"scikit-learn": "that of whoever restores"})
    stage.run("register")
    decision = read(paths.REGISTRATION)
    assert (decision["decision"], decision["version"]) == ("registered", "1")
    stage.run("register")
    assert read(paths.REGISTRATION) == decision
    run = mlflow.get_run(decision["run_id"])
    assert run.data.tags["restored.from"] == read(paths.EVALUATION)["run_id"]
    assert run.data.metrics[METRIC] == read(paths.METRICS)[METRIC]
    versions = read_record(store.connect(), run.info.run_id, run.data.tags).versions
    assert versions == read(paths.RUN)["versions"]
    assert "restores" not in versions["scikit-learn"]


def test_a_model_is_not_judged_by_rows_that_it_learned_from(finished: Path) -> None:
    """The evaluate stage, run by hand after another split was asked for."""
    before, text = paths.METRICS.read_bytes(), paths.PARAMS.read_text(encoding="utf-8")
    paths.PARAMS.write_text(text.replace("seed: 1,", "seed: 2,"), encoding="utf-8")
    with pytest.raises(UserError, match=r"trained with other values of params.yaml \(split\)"):
        stage.run("evaluate")
    trained = read(paths.RUN)
    write_json(paths.RUN, {**trained, "params": {}})  # as an older version of the template wrote it
    with pytest.raises(UserError, match=r"model.joblib: was not trained on the current training rows"):
        stage.run("evaluate")
    paths.PARAMS.write_text(text, encoding="utf-8")
    write_json(paths.RUN, trained)
    assert paths.METRICS.read_bytes() == before


def test_a_table_of_other_data_is_used_by_nobody(finished: Path) -> None:
    """A stage or command that is run by hand would take the old rows for those of the new file."""
    raw, text = Path("data/raw/table.csv").read_bytes(), paths.PARAMS.read_text(encoding="utf-8")
    models = Registry(store.connect(), "things")
    used: dict[str, Callable[[], object]] = {
        "train": lambda: stage.run("train"),
        "evaluate": lambda: stage.run("evaluate"),
        "tune": lambda: CrossValidation.prepare({}, load_params()),
        "promote": lambda: promote.quality(models, models.version("@challenger"), load_params()),
    }
    make_table(130).to_csv("data/raw/table.csv", index=False)
    for use in used.values():
        with pytest.raises(
            UserError, match=r"validated.parquet: not made from the current data/raw/table.csv"
        ):
            use()
    Path("data/raw/table.csv").write_bytes(raw)
    assert promote.quality(models, models.version("@challenger"), load_params())
    suite = paths.EXPECTATIONS.read_text(encoding="utf-8")
    paths.EXPECTATIONS.write_text(suite.replace("min_value: 0", "min_value: 9"), encoding="utf-8")
    used["register"] = lambda: gates_of_evaluation(load_params(), Dataset(load_params()), None)
    for use in used.values():
        with pytest.raises(UserError, match=r"not checked by the current expectations/penguins.yaml; run"):
            use()
    table = paths.VALIDATED.read_bytes()
    paths.EXPECTATIONS.write_text(f"# the same rules\n{suite}", encoding="utf-8")
    stage.run("validate")
    assert paths.VALIDATED.read_bytes() == table  # so that DVC does not train again
    assert promote.quality(models, models.version("@challenger"), load_params())
    edit_params("    categorical: [colour]", "    categorical: [colour, height]")
    edit_params("    numeric: [width, height]", "    numeric: [width]")
    with pytest.raises(UserError, match=r"not made from the current block `data` of params.yaml"):
        stage.run("train")
    paths.PARAMS.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("shown", [False, True])
def test_bad_data_stop_the_pipeline_and_leave_the_good(finished: Path, shown: bool) -> None:
    good = paths.VALIDATED.read_bytes(), paths.VALIDATION_PAGE.read_bytes()
    bad = make_table()
    bad.loc[4, "width"] = -3.0
    bad.to_csv("data/raw/table.csv", index=False)
    if shown:
        edit_params("  columns:", "  show_values: true\n  columns:")
    with pytest.raises(UserError, match=r"width: .*row 6( \(-3.0\))?$") as caught:
        stage.run("validate")
    assert (paths.VALIDATED.read_bytes(), paths.VALIDATION_PAGE.read_bytes()) == good
    assert "row 6: <code>-3.0</code>" in paths.VALIDATION_FAILED_PAGE.read_text(encoding="utf-8")
    run = mlflow.search_runs(experiment_names=[store.data_experiment_name()], output_format="list")[0]
    assert run.info.status == "FAILED"
    assert "width" in run.data.tags["failure"]
    logged = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/validation.html")
    for text in (str(caught.value), run.data.tags["failure"], logged):
        assert ("-3.0" in text) is shown
        assert "row 6" in text


def test_a_value_that_breaks_a_rule_is_in_no_file_that_git_keeps(project: Path) -> None:
    odd = make_table().assign(colour=lambda table: table["colour"].replace("red", "Ms Secret"))
    odd.to_csv("data/raw/table.csv", index=False)
    paths.EXPECTATIONS.write_text(
        "expectations: [{type: expect_column_values_to_be_in_set, column: colour, value_set: [blue, green], "
        "severity: warning}]",
        encoding="utf-8",
    )
    for shown in (False, True):
        stage.run("validate")
        (rule,) = read(paths.VALIDATION)["failed"]
        assert len(rule["rows"]) == 20
        assert rule["values"] == (["Ms Secret"] * 20 if shown else [])
        assert ("Ms Secret" in paths.VALIDATION.read_text(encoding="utf-8")) is shown
        assert "Ms Secret" in paths.VALIDATION_PAGE.read_text(encoding="utf-8")
        edit_params("  columns:", "  show_values: true\n  columns:")


@BOTH
def test_a_model_that_cannot_be_fitted_is_a_failed_run(project: Path, task: Task) -> None:
    task.set_up(project)
    if task is CLASSIFICATION:
        replace_in(
            paths.PARAMS, "  type: hist_gradient_boosting", "  type: sklearn.naive_bayes.CategoricalNB"
        )
    else:
        replace_in(
            paths.PARAMS, "  type: hist_gradient_boosting", "  type: sklearn.linear_model.PoissonRegressor"
        )
        negative = task.table().assign(weight=lambda table: -table["weight"])
        negative.to_csv("data/raw/table.csv", index=False)
    task.module("engine.stage").run("validate")
    with pytest.raises(task.module("engine.base.errors").UserError, match="cannot be fitted"):
        task.module("engine.stage").run("train")
    name = task.module("engine.tracking.store").experiment_name()
    run = mlflow.search_runs(experiment_names=[name], output_format="list")[0]
    assert run.info.status == "FAILED"
    assert "cannot be fitted" in run.data.tags["failure"]
    assert not paths.MODEL.exists()


def test_a_store_first_used_by_a_trial_elsewhere_is_in_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = project / ".dvc/tmp/exps/standalone/trial"  # of `dvc exp run --temp`, which deletes it
    trial.mkdir(parents=True)
    monkeypatch.chdir(trial)
    client = store.connect()
    experiment = client.get_experiment(store.experiment_id(client, store.experiment_name()))
    assert experiment.artifact_location == (project / "mlruns").as_uri()
    assert (project / "mlflow.db").is_file()
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("name", ["a#b?c %20d%", "größe; x&y=z"])
def test_the_store_of_a_project_in_a_folder_of_any_name_is_in_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    root = tmp_path / name
    root.mkdir()
    set_up(root, monkeypatch)
    client = store.connect()
    run = client.create_run(store.experiment_id(client, store.experiment_name()))
    client.log_artifact(run.info.run_id, "params.yaml")
    logged = client.download_artifacts(run.info.run_id, "params.yaml", str(root))
    assert Path(logged).read_bytes() == paths.PARAMS.read_bytes()
    assert list(tmp_path.iterdir()) == [root]
    assert (root / "mlflow.db").is_file()
    assert list(root.glob("mlruns/*/artifacts/params.yaml"))
    assert receipt.state_of_store(address.tracking_uri())
    assert receipt.files_under(run.info.artifact_uri)
    moved.check(root / "mlflow.db", root, [(root / "mlruns").as_uri()])
    assert deletion.local_folder(run.info.artifact_uri) == root / "mlruns" / run.info.run_id / "artifacts"


@pytest.mark.parametrize("content", [None, b"", b"PAR1"], ids=["missing", "empty", "damaged"])
def test_a_table_that_cannot_be_read_leaves_no_run(project: Path, content: bytes | None) -> None:
    stage.run("validate")
    paths.VALIDATED.unlink()
    if content is not None:
        paths.VALIDATED.write_bytes(content)
    with pytest.raises(UserError, match=r"^data/validated.parquet: .*`dvc repro validate` makes it"):
        stage.run("train")
    assert not mlflow.search_runs(experiment_names=[store.experiment_name()], output_format="list")


@BOTH
@pytest.mark.parametrize("without", ["features", "relation"])
def test_a_model_without_skill_is_not_registered(project: Path, task: Task, without: str) -> None:
    """Two models that predict the mean, and what was learned of a target that has to do with nothing."""
    task.set_up(project)
    text = paths.PARAMS.read_text(encoding="utf-8")
    text = re.sub(r"  thresholds:\n.*\n", "", text)
    if without == "features":
        dummy = "DummyClassifier" if task is CLASSIFICATION else "DummyRegressor"
        text = text.replace("  type: hist_gradient_boosting", f"  type: sklearn.dummy.{dummy}")
    else:
        table = task.table()
        shuffled = table[task.target].sample(frac=1, random_state=1).to_numpy()
        table.assign(**{task.target: shuffled}).to_csv("data/raw/table.csv", index=False)
    paths.PARAMS.write_text(text, encoding="utf-8")
    for name in ("validate", "train", "evaluate", "register"):
        task.module("engine.stage").run(name)
    decision = read(paths.REGISTRATION)
    assert decision["decision"] == "rejected"
    (reason,) = decision["reasons"]
    assert reason.startswith(f"{task.metric} against the baseline: ")
    assert not mlflow.search_registered_models()


@pytest.mark.parametrize("done", ["sharing.helper", "stage, registration.register, sharing.client"])
def test_what_every_stage_waits_for_imports_no_library(done: str) -> None:
    modules = "".join(f"import penguins.engine.{name}; " for name in done.split(", "))
    program = f"import sys; {modules}print({{'numpy', 'pydantic', 'ruamel', 'mlflow'}} & {{*sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert ran.stdout == "set()\n", ran.stderr
