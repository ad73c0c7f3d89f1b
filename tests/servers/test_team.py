"""What a team shares: a clone, a tracking server."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Bake
from tests.support.baked import Baked
from tests.support.running import load, store

pytestmark = pytest.mark.slow


def test_a_clone_gets_everything_back(finished: Baked) -> None:
    """Data and models from the default remote, and the model into an empty store, with no training."""
    finished.run("dvc", "push")
    clone = replace(finished, path=finished.path.with_name("clone"))
    finished.run("git", "clone", "--quiet", ".", clone.path)
    clone.run("dvc", "pull")
    assert clone.run("dvc", "data", "status").stdout.startswith("No changes")

    said = clone.run("dvc", "repro").stdout
    for stage in ("validate", "train", "evaluate"):
        assert f"Stage '{stage}' didn't change, skipping" in said
    original = next(run for run in store(finished).of("penguins") if run["name"].startswith("1-"))
    (restored,) = store(clone).of("penguins")
    assert restored["tags"]["restored.from"] == original["id"]
    assert restored["metrics"] == original["metrics"]
    assert restored["params"] == original["params"]
    (version,) = store(clone).versions
    assert version["run"] == restored["id"]
    assert version["tags"]["model.md5"] == store(finished).versions[0]["tags"]["model.md5"]

    clone.run("dvc", "repro")
    assert len(store(clone).versions) == len(store(clone).runs) == 1


def test_a_tracking_server_keeps_the_record(bake: Bake, environment: Path, tracking_server: str) -> None:
    project = bake(mlflow_tracking_uri=tracking_server).within(environment)
    said = project.run("dvc", "repro").stdout
    assert "judged only: CI registers it once it is merged" in said
    decision = load(project, "reports/registration.json")
    assert (decision["decision"], decision["version"]) == ("skipped", None)
    assert decision["gates"]
    record = store(project, tracking_server)
    assert not record.versions
    assert not record.aliases
    job = {"CI": "true"}
    project.run("dvc", "repro", "--single-item", "register", env=job)
    record = store(project, tracking_server)
    (run,) = record.of("penguins")
    assert run["status"] == "FINISHED"
    assert "plots" in run["artifacts"]
    assert record.aliases == {"penguins": {"challenger": "1"}}
    assert not project.has("mlflow.db")
    assert not project.has("mlruns")
    assert load(project, "reports/registration.json")["decision"] == "registered"

    for env in (job, {}):
        said = project.run("dvc", "repro", env=env).stdout
        assert "already registered: penguins version 1 @challenger" in said
    assert store(project, tracking_server) == record
