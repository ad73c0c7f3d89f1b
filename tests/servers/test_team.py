"""What a team shares: a clone, a bucket, a tracking server."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conftest import Bake
from tests.support.baked import TEMPLATE, Baked, run
from tests.support.running import load, store
from tests.support.serving import free_ports

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
    original = next(run for run in store(finished).runs if run["name"].endswith("-1"))
    (restored,) = store(clone).of("penguins")
    assert restored["tags"]["restored.from"] == original["id"]
    assert restored["metrics"] == original["metrics"]
    assert restored["params"] == original["params"]
    (version,) = store(clone).versions
    assert version["run"] == restored["id"]
    assert version["tags"]["model.md5"] == store(finished).versions[0]["tags"]["model.md5"]

    clone.run("dvc", "repro")
    assert len(store(clone).versions) == len(store(clone).runs) == 1


@dataclass(frozen=True)
class ObjectStore:
    env: dict[str, str]


@pytest.fixture(scope="module")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """OpenStack Swift with its S3 interface, which is a real object store."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if shutil.which("swift-proxy-server", path=path) is None and "CI" not in os.environ:
        pytest.skip("there is no OpenStack Swift: `make test-servers` installs it on Linux")
    folder, port = tmp_path_factory.mktemp("swift"), free_ports(4)
    try:
        run(folder, TEMPLATE / "tests/support/swift_up.sh", folder, str(port), env={"PATH": path})
        yield ObjectStore(
            {
                "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": "test:ci",
                "AWS_SECRET_ACCESS_KEY": "s3cret",
                "AWS_DEFAULT_REGION": "us-east-1",
            }
        )
    finally:
        for process in (folder / "pids").read_text().split():
            os.killpg(int(process), signal.SIGTERM)


BUCKET = """
import botocore.session
botocore.session.get_session().create_client("s3").create_bucket(Bucket="team")
"""


def test_data_travel_through_a_bucket(bake: Bake, environment: Path, object_store: ObjectStore) -> None:
    project = bake(dvc_remote_url="s3://team/penguins").within(environment)
    project.run("python", "-c", BUCKET, env=object_store.env)
    project.run("dvc", "push", env=object_store.env)
    clone = Baked(project.path.with_name("clone"), environment)
    project.run("git", "clone", "--quiet", ".", clone.path)
    clone.run("dvc", "pull", "data/raw/penguins.csv", env=object_store.env)
    assert clone.read("data/raw/penguins.csv") == project.read("data/raw/penguins.csv")


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
