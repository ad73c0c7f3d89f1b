"""A tag is delivered: both hosts' jobs, really run, with stand-ins for docker and for the cluster."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import Bake
from tests.support import docker, manifests
from tests.support.baked import Baked
from tests.support.hosts import REPOSITORY, Fake, Outcome
from tests.support.jobs import github, gitlab
from tests.support.running import commit, store
from tests.support.serving import free_ports

IMAGE = "images.test/team/serve-penguins:1"
PATIENT = " --seconds 1 --p99 60"  # of `probe`: how quick it is here is not what is tested


@dataclass
class Delivery:
    """A finished project with the files of a server, whose jobs find a stand-in for docker.

    Attributes:
        project: a clone, as a runner has it.
        docker: the folder of the stand-in.
        server: the address of what it runs.
    """

    project: Baked
    docker: Path
    server: str

    def said(self) -> list[str]:
        return docker.said(self.docker)

    def cleaned(self) -> None:
        """As a runner begins: without what git ignores of an earlier job."""
        shutil.rmtree(self.project.path / "build", ignore_errors=True)


@pytest.fixture
def delivery(
    checkout: Baked, environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Delivery]:
    folder, port = tmp_path / "docker", free_ports(1)
    programs = docker.stand_in(folder, environment / "python", port)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    try:
        yield Delivery(checkout, folder, f"http://127.0.0.1:{port}")
    finally:
        docker.stop(folder)


def with_a_server(delivery: Delivery, baked: Bake, ci: str, file: str) -> None:
    """Bring what the answer `container` brings, and let the jobs ask the stand-in's server."""
    other, project = baked(ci=ci, serving="container"), delivery.project
    shutil.copytree(other.path / "deploy", project.path / "deploy")
    text, changed = other.read(file), 0
    for old, new in {
        "SERVER: http://127.0.0.1:8000": f"SERVER: {delivery.server}",
        "SERVER: http://docker:8000": f"SERVER: {delivery.server}",
        '" --model "$NUMBER"': f'" --model "$NUMBER"{PATIENT}',
        '  services: ["docker:28-dind"]\n': "",  # which a runner starts by docker itself
    }.items():
        changed += text.count(old)
        text = text.replace(old, new)
    assert changed == (4 if ci == "gitlab" else 3)
    (project.path / file).write_text(text, "utf-8")
    commit(project, "A server")


def test_github_a_tag_comes_to_production(
    delivery: Delivery, baked: Bake, api: Fake, installed: Path, tmp_path: Path, tracking_server: str
) -> None:
    project = delivery.project
    with_a_server(delivery, baked, "github", ".github/workflows/deploy.yml")
    first = project.run("git", "rev-list", "--max-parents=0", "HEAD").stdout.strip()
    project.run("git", "tag", "v0.1.0", first)
    project.run("git", "tag", "v1.0.0")
    secrets = {
        "MLFLOW_TRACKING_URI": tracking_server,
        "IMAGES_PASSWORD": "a password",
        "SERVE_TOKEN": "of staging",
    }
    start = 'docker run --detach --name staging --env SERVE_TOKEN "$IMAGE"'
    variables = {"IMAGES": "images.test/team", "STAGING_URL": delivery.server, "DEPLOY_STAGING": start}

    def job(name: str, tag: str = "v1.0.0", workflow: str = "deploy", **contexts: Any) -> Outcome:
        event = {"event_name": "push", "repository": REPOSITORY, "actor": "ada", "ref_name": tag}
        needs = {"release": {"outputs": {"number": "1"}}}
        known = {"github": event, "secrets": secrets, "vars": variables, "needs": needs, **contexts}
        return github(project, workflow, name, api, installed, tmp_path, **known)

    def refusal(tag: str) -> str:
        refused = job("release", tag)
        assert (refused.passed, refused.outputs) == (False, {})
        return refused.said

    assert "has no model 'penguins'; `dvc repro` registers one" in refusal("v1.0.0")
    assert job("register", workflow="ci").passed
    assert "its dvc.lock names no model: tag a commit on main after `dvc repro`" in refusal("v0.1.0")
    done = job("release")
    assert (done.passed, done.outputs) == (True, {"number": "1"}), done.said

    (delivery.docker / docker.DOWN).touch()
    unclear = job("build-image")
    assert not unclear.passed
    assert "i/o timeout" in unclear.said
    assert delivery.said() == ["login", f"buildx imagetools inspect {IMAGE}"]
    (delivery.docker / docker.DOWN).unlink()

    done = job("build-image")
    assert done.passed, done.said
    assert (delivery.docker / "password").read_text() == "a password"
    asked = ["login", f"buildx imagetools inspect {IMAGE}"]
    assert delivery.said() == [*asked, "build", "run", "rm", f"push {IMAGE}"]
    assert "penguins version 1" in done.said
    delivery.cleaned()
    done = job("build-image")
    assert done.passed, done.said
    assert delivery.said() == [*asked, f"pull {IMAGE}", "run", "rm"], "the same tag again"

    done = job("staging")
    assert done.passed, done.said
    assert delivery.said() == ["run"]
    assert "WRONG" not in done.said
    docker.stop(delivery.docker)
    done = job("staging", vars={**variables, "DEPLOY_STAGING": ""})
    assert not done.passed
    assert "DEPLOY_STAGING: set this variable to the command that starts $IMAGE" in done.said

    (file,) = (delivery.docker / docker.REGISTRY).rglob("image.json")
    inside = json.loads(file.read_text())
    inside["inside"]["identity"]["version"] = "7"
    file.write_text(json.dumps(inside))
    delivery.cleaned()
    wrong = job("build-image")
    assert not wrong.passed
    assert "WRONG: version is 7, and not 1" in wrong.said
    assert delivery.said()[-1] == "logs served", "nothing is pushed"
    docker.stop(delivery.docker)

    refused = job("production")
    assert not refused.passed
    assert "there is no @champion: nothing to compare it with; `promote` makes the first" in refused.said
    asked_for = {"version": "1", "reason": "the first"}
    assert job("promote", workflow="promote", inputs=asked_for).passed
    before = store(project, tracking_server)
    done = job("production")
    assert done.passed, done.said
    assert "penguins: version 1 is @champion already: nothing to do" in done.said
    assert store(project, tracking_server) == before


def test_gitlab_a_tag_becomes_an_image(
    delivery: Delivery, baked: Bake, gitlab_ci_local: list[str], installed: Path, tracking_server: str
) -> None:
    project = delivery.project
    shutil.rmtree(project.path / ".github")
    with_a_server(delivery, baked, "gitlab", ".gitlab-ci.yml")
    (project.path / ".git/info/exclude").write_text(".gitlab-ci-local\n")
    tracking = {"MLFLOW_TRACKING_URI": tracking_server}
    merged = {"CI_PIPELINE_SOURCE": "push", **tracking}
    done = gitlab(project, gitlab_ci_local, installed, "register", **merged)
    assert done.returncode == 0, done.stdout + done.stderr
    project.run("git", "tag", "v1.0.0")
    apt = delivery.docker / "bin/apt-get"
    apt.write_text("#!/bin/sh\n")
    apt.chmod(0o755)
    of_tag = {
        "CI_PIPELINE_SOURCE": "push",
        "CI_COMMIT_TAG": "v1.0.0",
        "IMAGES": "images.test/team",
        **tracking,
    }

    listed = gitlab(project, gitlab_ci_local, installed, "--list-csv", **of_tag).stdout
    names = [line.split(";")[0] for line in listed.split("needs\n")[-1].splitlines()]
    assert {*names} == {"release", "build-image", "staging", "staging-load-test", "production"}, listed

    for push in ([f"push {IMAGE}"], []):
        done = gitlab(project, gitlab_ci_local, installed, "build-image", "--needs", **of_tag)
        assert done.returncode == 0, done.stdout + done.stderr
        calls = delivery.said()
        assert [call for call in calls if call.startswith("push")] == push
        assert ("build" in calls) == bool(push)
        assert "penguins version 1" in done.stdout
        delivery.cleaned()


KUBECTL = """#!/bin/sh
echo "$@" >> "{folder}/calls"
test "$1" != apply || exec "{kubectl}" kustomize "$3"
"""


@pytest.mark.parametrize("ci", ["github", "gitlab"])
@pytest.mark.parametrize("environment_of_it", ["staging", "production"])
def test_a_cluster_is_given_the_image_of_the_version(
    baked: Bake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ci: str, environment_of_it: str
) -> None:
    """The jobs' own commands up to `probe`; what is applied is built by the real kubectl."""
    made = baked(ci=ci, serving="kubernetes").path
    project = Baked(shutil.copytree(made, tmp_path / "project"))
    folder = tmp_path / "programs"
    folder.mkdir()
    program = folder / "kubectl"
    program.write_text(KUBECTL.format(folder=folder, kubectl=manifests.kubectl()))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    given = {"NUMBER": "12", "IMAGES": "images.test/team", "CLUSTER": "of the cluster"}
    if ci == "github":
        job = YAML(typ="safe").load(made / ".github/workflows/deploy.yml")["jobs"][environment_of_it]
        scripts = [step["run"] for step in job["steps"] if "run" in step]
        given["KUBECONFIG"] = job["env"]["KUBECONFIG"]
    else:
        scripts = YAML(typ="safe").load(made / ".gitlab-ci.yml")[environment_of_it]["script"]
    scripts = [script for script in scripts if not script.startswith(("pip ", "python "))]
    outputs = [
        "".join(project.run("bash", "-eo", "pipefail", "-c", script, env=given).stdout for script in scripts)
        for _ in range(2)
    ]
    assert outputs[0] == outputs[1], "the same tag again"
    images = {
        container["image"]
        for one in manifests.with_jobs(list(YAML(typ="safe").load_all(outputs[0])))
        if one["kind"] in ("Deployment", "Job")
        for container in one["spec"]["template"]["spec"]["containers"]
    }
    assert images == {"images.test/team/serve-penguins:12"}
    if ci == "github":
        cluster = project.path / given["KUBECONFIG"]
        assert cluster.read_text() == "of the cluster\n"
        assert cluster.stat().st_mode & 0o777 == 0o600
        assert "/build/" in project.read(".gitignore").splitlines()
    namespace = "serve-penguins" + ("-staging" if environment_of_it == "staging" else "")
    applied, looked = (folder / "calls").read_text().splitlines()[:2]
    assert applied == f"apply --kustomize deploy/kubernetes/{environment_of_it}"
    assert looked.startswith(f"--namespace {namespace} ")
