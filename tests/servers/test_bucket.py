"""A bucket as DVC's remote: credentials, clones, experiments, a large file, what is lost, what is refused."""

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import Bake, bake_into
from tests.support.baked import Baked, messages
from tests.support.running import commit, edit, reproduce, store
from tests.support.serving import Proxy, tracking_server

pytestmark = [pytest.mark.slow, pytest.mark.servers]

URL = "s3://team/penguins"
LARGE = 200 << 20
DEAD = "http://127.0.0.1:1"
DELETE = """
import botocore.session, sys
client = botocore.session.get_session().create_client("s3")
for key in sys.argv[1:]:
    client.delete_object(Bucket="team", Key="penguins/files/md5/" + key)
"""
SOURCES = """
import sys
from pathlib import Path
from penguins.engine.lineage.sources import why_unavailable
print(why_unavailable(sys.argv[1], Path("data/raw/penguins.csv")))
"""


def give(project: Baked, values: Mapping[str, str]) -> None:
    """Write .env, and let DVC have it."""
    (project.path / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    project.run("python", "-m", "penguins", "remote")


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory,
    environment: Path,
    shims: Path | None,
    object_store: dict[str, str],
) -> Baked:
    """A project that has run, and is in a git remote and, with its cache of runs, in a bucket."""
    folder = tmp_path_factory.mktemp("bucket")
    project = bake_into(folder, {}, True).within(environment, shims)
    said = project.run("python", "-m", "penguins", "remote", URL, env=object_store).stdout
    assert "credentials: the environment" in said
    give(project, object_store)
    assert f"storage: {URL}" in project.run("python", "-m", "penguins", "remote").stdout
    assert "s3cret" not in project.run("git", "status", "--porcelain", "-uall").stdout
    reproduce(project)
    assert "file" in project.run("python", "-m", "penguins", "push", "--run-cache").stdout
    project.run("git", "clone", "--quiet", "--bare", ".", folder / "origin.git")
    project.run("git", "remote", "add", "origin", str(folder / "origin.git"))
    assert project.run("git", "log", "-p", "--all", "-S", "s3cret").stdout == ""
    return project


@pytest.fixture(scope="module")
def clone(project: Baked, object_store: dict[str, str]) -> Baked:
    """The project on another machine: with the same code, and credentials in its .env."""
    path = project.path.with_name("clone")
    project.run("git", "clone", "--quiet", str(project.path.with_name("origin.git")), path)
    other = Baked(path, project.bin, project.shims)
    give(other, object_store)
    other.run("dvc", "pull")  # bare, and with nothing in the environment
    return other


def test_a_clone_gets_everything_and_has_nothing_to_do(clone: Baked) -> None:
    said = clone.run("dvc", "repro", "evaluate").stdout
    for stage in ("validate", "train", "evaluate"):
        assert f"Stage '{stage}' didn't change, skipping" in said


def test_an_experiment_goes_from_one_clone_to_another(project: Baked, clone: Baked) -> None:
    project.run("dvc", "exp", "run", "--name", "flat", "--set-param", "split.seed=7", "evaluate")
    project.run("dvc", "exp", "push", "origin", "flat")
    lock = project.read("dvc.lock")
    project.run("git", "checkout", "--quiet", "--force", ".")
    project.run("dvc", "checkout", "--quiet", "--force")
    clone.run("dvc", "exp", "pull", "origin", "flat")
    clone.run("dvc", "exp", "apply", "flat")
    assert clone.read("dvc.lock") == lock
    assert clone.run("dvc", "data", "status").returncode == 0
    clone.run("git", "checkout", "--quiet", "--force", ".")
    clone.run("dvc", "checkout", "--quiet", "--force")


def test_nobody_repeats_a_run_that_ci_has_made(project: Baked, clone: Baked) -> None:
    edit(project, "params.yaml", "max_iter: 200", "max_iter: 201")
    project.run("dvc", "repro", "evaluate")
    project.run("python", "-m", "penguins", "push", "--run-cache")
    project.run("git", "checkout", "--quiet", "--force", ".")
    project.run("dvc", "checkout", "--quiet", "--force")
    edit(clone, "params.yaml", "max_iter: 200", "max_iter: 201")
    said = clone.run("dvc", "repro", "--pull", "evaluate").stdout
    assert "Stage 'train' is cached - skipping run" in said
    clone.run("git", "checkout", "--quiet", "--force", ".")
    clone.run("dvc", "checkout", "--quiet", "--force")


def test_what_was_deleted_in_the_bucket_is_found_and_sent_again(
    project: Baked, clone: Baked, object_store: dict[str, str]
) -> None:
    plots = list((project.path / "reports/plots").iterdir())
    lost = [hashlib.md5(path.read_bytes()).hexdigest() for path in plots[:2]]
    project.run("python", "-c", DELETE, *(f"{md5[:2]}/{md5[2:]}" for md5 in lost), env=object_store)
    assert "Everything is up to date" in project.run("dvc", "push").stdout
    assert "in sync" in project.run("dvc", "status", "--cloud").stdout
    doctor = ("python", "-m", "penguins", "doctor", "--remote")
    line = project.refused(*doctor)
    assert line.startswith("2 of the 2 can be sent again from here")
    for place in (project, clone):
        for md5 in lost if place is clone else ():
            (place.path / ".dvc/cache/files/md5" / md5[:2] / md5[2:]).unlink()
    assert clone.refused(*doctor, "--repair").startswith("2 are not here: ")
    assert "sent again" in project.run(*doctor, "--repair").stdout
    clone.run("dvc", "pull", "--force")
    assert all((clone.path / path.relative_to(project.path)).exists() for path in plots)


def test_each_thing_that_is_wrong_is_one_line(project: Baked, object_store: dict[str, str]) -> None:
    """For a push, a pull, and the gate that asks for a version's data; lost data are another truth there."""
    md5 = hashlib.md5((project.path / "data/raw/penguins.csv").read_bytes()).hexdigest()
    assert project.run("python", "-c", SOURCES, md5).stdout == "\n"
    assert project.run("python", "-c", SOURCES, "0" * 32).stdout == "0000000 is missing; `dvc push` it\n"
    for change, says in (
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "is refused: the secret key is wrong; check AWS_ACCESS_KEY_ID"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "is refused: "),
        ({"AWS_ENDPOINT_URL_S3": DEAD}, "does not answer: EndpointConnectionError: Could not connect"),
    ):
        line = f"{URL}: DVC's remote {says}"
        for command in ("push", "pull"):
            assert project.refused("python", "-m", "penguins", command, env=change).startswith(line)
        assert project.run("python", "-c", SOURCES, md5, env=change).stdout.startswith(line)
    other = ("python", "-m", "penguins", "remote", "s3://no-such-bucket/x")
    assert "has no bucket 'no-such-bucket': create it" in project.refused(*other, env=object_store)
    assert project.run("git", "status", "--porcelain").stdout == ""
    (project.path / ".env").rename(project.path / "kept")
    try:
        project.run("python", "-m", "penguins", "remote", env=object_store)  # takes them back
        line = project.refused("python", "-m", "penguins", "pull")
        assert "is refused: there are no credentials; set AWS_ACCESS_KEY_ID" in line
    finally:
        (project.path / "kept").rename(project.path / ".env")
        project.run("python", "-m", "penguins", "remote")


def test_a_large_file_survives_an_interrupted_push(
    bake: Bake, environment: Path, object_store: dict[str, str]
) -> None:
    project = bake(accept_hooks=False, dvc_remote_url="s3://team/large").within(environment)
    project.run("git", "init", "--quiet")
    large = project.path / "data/raw/large.bin"
    content = os.urandom(1 << 20) * (LARGE >> 20)
    large.write_bytes(content)
    project.run("dvc", "add", "--quiet", large)
    commit(project, "large")

    way = Proxy(object_store["AWS_ENDPOINT_URL_S3"])
    broken = {**object_store, "AWS_ENDPOINT_URL_S3": way.url}
    way.fatal = b"partNumber=2"
    line = project.refused("python", "-m", "penguins", "push", env=broken)
    assert line.startswith(
        ("DVC's remote did not take everything: ", "s3://team/large: DVC's remote does not")
    )

    way = Proxy(object_store["AWS_ENDPOINT_URL_S3"])
    path = f"{environment}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, **object_store, "AWS_ENDPOINT_URL_S3": way.url, "PATH": path}
    command = [str(environment / "python"), "-m", "penguins", "push"]
    push = subprocess.Popen(
        command, cwd=project.path, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while way.passed < LARGE // 20 and push.poll() is None:
        time.sleep(0.05)
    os.killpg(push.pid, signal.SIGINT)
    said = push.communicate()[1]
    assert messages(said) == ["error: interrupted"] or push.returncode == 0, said

    project.run("python", "-m", "penguins", "push", env=object_store)
    clone = Baked(project.path.with_name("clone"), environment)
    project.run("git", "clone", "--quiet", ".", clone.path)
    clone.run("dvc", "pull", "data/raw/large.bin", env=object_store)
    assert (clone.path / "data/raw/large.bin").read_bytes() == content


def test_a_server_may_leave_the_artifacts_in_the_bucket(
    project: Baked, tmp_path: Path, environment: Path, object_store: dict[str, str]
) -> None:
    """It hands out s3:// addresses; clients get there by boto3, with what .env has."""
    with tracking_server(tmp_path, environment, artifacts="s3://team/mlflow") as url:
        uri = {"MLFLOW_TRACKING_URI": url}
        project.run("dvc", "repro", "--force", "--downstream", "train", env=uri)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in object_store.items():
                patch.setenv(name, value)  # `store` reads no .env
            (run,) = store(project, url).of("penguins")
        assert run["status"] == "FINISHED"
        assert "plots" in run["artifacts"]
        doctor = project.run("python", "-m", "penguins", "doctor", env=uri, check=False).stdout
        assert "ok       artifacts     written and read in s3://team/mlflow/" in doctor
        assert f"ok       store         {url}: MLflow " in doctor
        assert f"ok       remote        {URL} can be read and written" in doctor
        project.run("git", "checkout", "--quiet", "--force", ".")
