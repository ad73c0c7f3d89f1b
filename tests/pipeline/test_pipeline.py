"""Both default projects, baked, installed and run, in a folder whose name has spaces and other letters."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import bake_into
from tests.support.baked import Baked
from tests.support.running import Store, load, reproduce, store

STAGES = ["validate", "train", "evaluate", "register"]

pytestmark = pytest.mark.slow

METRICS = {
    "classification": {
        "accuracy",
        "balanced_accuracy",
        "f1_macro",
        "log_loss",
        "roc_auc",
        "average_precision",
    },
    "regression": {"rmse", "mae", "r2"},
}
BETTER_THAN_NOTHING = {"classification": ("accuracy", 1), "regression": ("rmse", -1)}


class Finished:
    """A project whose pipeline has run once."""

    def __init__(self, task: str, project: Baked) -> None:
        self.task, self.project = task, project
        self.output = reproduce(project)
        self.store: Store = store(project)
        self.lock: Any = YAML(typ="safe").load(project.read("dvc.lock"))["stages"]

    def md5(self, stage: str, kind: str) -> dict[str, str]:
        return {item["path"]: item["md5"] for item in self.lock[stage][kind]}


@pytest.fixture(scope="module", params=["classification", "regression"])
def finished(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    environment: Path,
    shims: Path | None,
) -> Finished:
    folder = tmp_path_factory.mktemp("among pingüinos, 企鹅 & ¢")
    project = bake_into(folder, {"task": request.param}, True).within(environment, shims)
    if request.param == "regression":
        return Finished(request.param, project)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OMP_NUM_THREADS")  # started and with all threads as everybody's first run
        return Finished(request.param, project.cold)


def test_one_run_has_the_parameters_the_metrics_and_the_model(finished: Finished) -> None:
    (run,) = finished.store.of("penguins")
    assert (run["name"], run["status"]) == ("1-hist_gradient_boosting", "FINISHED")
    assert run["params"]["model.hist_gradient_boosting.learning_rate"] == "0.1"
    assert run["params"]["split.seed"] == "42"
    assert not [name for name in run["params"] if "random_forest" in name]
    written = load(finished.project, "reports/metrics.json")
    assert load(finished.project, "reports/evaluation.json")["run_id"] == run["id"]
    for metric in METRICS[finished.task]:
        assert run["metrics"][metric] == written[metric]
    metric, sign = BETTER_THAN_NOTHING[finished.task]
    assert sign * written[metric] > sign * written["baseline"][metric]
    assert {f"within.island.{name}.rows" for name in ("Biscoe", "Dream", "Torgersen")} <= set(run["metrics"])
    assert {"params.yaml", "plots", "groups.csv", "lineage.json"} <= set(run["artifacts"])
    assert len(run["models"]) == 1


def test_a_run_says_what_it_is_made_of(finished: Finished) -> None:
    (run,) = finished.store.of("penguins")
    raw = finished.md5("validate", "deps")["data/raw/penguins.csv"]
    validated = finished.md5("train", "deps")["data/validated.parquet"]
    assert run["digests"] == {"raw": raw, "training": validated}
    md5s = run["lineage"]["dependencies"]
    outs = {name for stage in ("validate", "train", "evaluate") for name in finished.md5(stage, "outs")}
    read = finished.md5("validate", "deps") | finished.md5("evaluate", "deps")
    assert md5s == finished.md5("train", "deps") | {n: md5 for n, md5 in read.items() if n not in outs}
    first = finished.project.run("git", "rev-list", "--max-parents=0", "HEAD").stdout.strip()
    assert run["tags"]["git.commit"] == first
    assert run["tags"]["git.branch"] == "main"
    assert run["tags"]["git.dirty"] == "false"
    assert run["tags"]["data.md5"] == raw
    assert run["lineage"]["versions"]["scikit-learn"] >= "1.9"
    assert run["tags"]["engine.version"]


def test_the_data_have_a_run_of_their_own(finished: Finished) -> None:
    (run,) = finished.store.of("penguins-data")
    assert run["status"] == "FINISHED"
    assert run["metrics"]["rows"] == 344
    assert run["metrics"]["failed_critical"] == 0
    assert run["digests"] == {"validation": finished.md5("validate", "deps")["data/raw/penguins.csv"]}
    assert run["artifacts"] == ["lineage.json", "roles.json", "validation.html"]
    assert finished.store.of("Default") == []


def test_the_model_is_a_version_with_its_lineage(finished: Finished) -> None:
    (run,) = finished.store.of("penguins")
    (version,) = finished.store.versions
    assert finished.store.aliases == {"penguins": {"challenger": "1"}}
    assert version["run"] == run["id"]
    assert version["tags"]["model.md5"] == finished.md5("train", "outs")["models/model.joblib"]
    assert version["tags"]["data.md5"] == run["tags"]["data.md5"]
    decision = load(finished.project, "reports/registration.json")
    assert (decision["decision"], decision["version"], decision["alias"]) == ("registered", "1", "challenger")
    assert decision["gates"]
    assert all(gate["passed"] for gate in decision["gates"])
    assert run["tags"]["registration.decision"] == "registered"


def test_the_reports_need_nothing_else_to_be_read(finished: Finished, tmp_path: Path) -> None:
    page = finished.project.read("reports/validation.html")
    assert "11 of 11 expectations hold" in page
    assert not re.search(r"src=|href=|@import|url\(", page)
    pictures = list((finished.project.path / "reports/plots").glob("*.png"))
    assert len(pictures) == 3
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.with_name("predictions.csv").exists()
    finished.project.run("dvc", "plots", "show", "--out", str(tmp_path))
    shown = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'src="([^"]*)"', shown)) == {
        f"static/workspace_reports_plots_{picture.name}" for picture in pictures
    }
    assert "<script" not in shown  # which would be loaded from the network


def test_a_run_says_little(finished: Finished) -> None:
    noise = [
        line
        for line in finished.output.splitlines()
        if re.search(r"warn|deprecat|\bINFO\b|Traceback|\x1b|it/s", line, re.IGNORECASE)
    ]
    assert noise == []
    lines = finished.output.splitlines()
    assert [line for line in lines if line in STAGES] == STAGES  # a summary of each stage
    assert not set("─│┌") & set(finished.output)


def test_a_second_run_changes_nothing(finished: Finished) -> None:
    said = finished.project.run("dvc", "repro").stdout
    assert said.count("didn't change, skipping") == 4  # the data, and all stages but register
    assert "already registered" in said
    assert finished.project.run("git", "status", "--porcelain").stdout == ""
    assert store(finished.project) == finished.store


ROWS = """
import json, logging, sys
import mlflow, pandas as pd
logging.disable()
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/penguins@challenger")
raw = pd.read_csv(sys.argv[2])
found = {"all": len(model.predict(raw)), "missing": raw.isna().any().any().item()}
raw.iloc[[3]].to_csv("row.csv", index=False)  # a bird of which nearly nothing is known
first, bare = pd.read_csv(sys.argv[2], nrows=1), pd.read_csv("row.csv")
assert (first.dtypes == "int64").any() and bare["sex"].dtype == "float64"
for name, rows in {"first": first, "bare": bare, "unseen": first.assign(island="Mars", sex="?")}.items():
    found[name] = model.predict(rows).tolist()
print(json.dumps(found))
"""


def test_the_registered_model_takes_raw_rows_far_from_the_project(finished: Finished, tmp_path: Path) -> None:
    root = finished.project.path
    elsewhere = Baked(tmp_path, finished.project.bin)
    done = elsewhere.run("python", "-c", ROWS, f"sqlite:///{root}/mlflow.db", root / "data/raw/penguins.csv")
    found = json.loads(done.stdout)
    assert found["all"] == 344
    assert found["missing"]
    for name in ("first", "bare", "unseen"):
        (predicted,) = found[name]
        if finished.task == "classification":
            assert predicted in ("Adelie", "Chinstrap", "Gentoo")
        else:
            assert 2500 < predicted < 6500


def test_the_notebook_runs_and_is_stripped(finished: Finished, tmp_path: Path) -> None:
    name = "notebooks/explore.ipynb"
    finished.project.run("nbstripout", "--verify", name)
    finished.project.run("jupyter", "nbconvert", "--to=html", "--execute", f"--output-dir={tmp_path}", name)
    assert "challenger" in (tmp_path / "explore.html").read_text(encoding="utf-8")
