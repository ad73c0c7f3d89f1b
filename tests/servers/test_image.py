"""The image of a version: built for real, asked, killed, started again; and one that reads the registry."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Bake
from tests.support import containers
from tests.support.baked import Baked
from tests.support.containers import Container, build, podman, running
from tests.support.serving import free_ports

pytestmark = [pytest.mark.slow, pytest.mark.servers]

UNWANTED = """
from importlib.util import find_spec
print([name for name in ("dvc", "great_expectations", "pip", "setuptools") if find_spec(name)])
"""
LARGEST = 450_000_000  # bytes that an image adds to its base


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    containers.check_programs()
    return tmp_path_factory.mktemp("containers")


@pytest.fixture(scope="module")
def context(finished: Baked, baked: Bake, folder: Path) -> Path:
    """The build context of version 1 of the finished project."""
    shutil.copytree(baked(serving="container").path / "deploy/serving", finished.path / "deploy/serving")
    finished.cold.run("python", "-m", "penguins", "image", "--model", "1", "--output", folder / "context")
    shutil.rmtree(finished.path / "deploy")
    return folder / "context"


@pytest.fixture(scope="module")
def image(context: Path, folder: Path) -> Iterator[str]:
    tag = f"localhost/test-penguins:{folder.parent.name}"
    added = build(folder, context, tag)
    print(f"the image adds {added / 1e6:.0f} MB to its base")
    assert added < LARGEST
    yield tag
    podman(folder, "rmi", "--force", tag)


def rows(project: Baked, count: int) -> bytes:
    """The first rows of the project's table, as a client sends them."""
    header, *lines = [line.split(",") for line in project.read("data/raw/penguins.csv").splitlines()]
    names = [name for name in header if name not in ("species", "year")]
    records = [{name: line[header.index(name)] for name in names} for line in lines[:count]]
    return json.dumps(records).encode()


def predicted(project: Baked, count: int) -> list[dict[str, object]]:
    """What `predict` says of the same rows."""
    project.run(
        "python", "-m", "penguins", "predict", "data/raw/penguins.csv", "p.csv", "--model", "1", "--keep"
    )
    header, *lines = [line.split(",") for line in project.read("p.csv").splitlines()]
    found = [dict(zip(header, line, strict=True)) for line in lines[:count]]
    return [
        {
            "prediction": row["predicted"],
            "probabilities": {
                name.removeprefix("probability_"): float(value)
                for name, value in row.items()
                if name.startswith("probability_")
            },
        }
        for row in found
    ]


def assert_same(container: Container, project: Baked) -> None:
    said = json.loads(container.ask("/predict", rows(project, 50)))
    assert said["model"] == {"name": "penguins", "version": "1"}
    for one, other in zip(said["predictions"], predicted(project, 50), strict=True):
        assert one["prediction"] == other["prediction"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], rel=1e-9)


def test_a_version_in_an_image_predicts_as_predict_does(image: str, folder: Path, project: Baked) -> None:
    start = time.monotonic()
    with running(folder, image, free_ports(1), "--workers=2") as container:
        container.wait()
        print(f"it was ready after {time.monotonic() - start:.1f} s")
        assert_same(container, project)
        assert "swagger-ui" in container.ask("/docs")
        about = json.loads(container.ask("/model"))
        commit = project.run("git", "rev-list", "--max-parents=0", "HEAD").stdout.strip()
        assert (about["version"], about["commit"], about["alias"]) == ("1", commit, None)
        assert (
            podman(folder, "inspect", "--format", '{{index .Config.Labels "org.mlflow.run"}}', image).strip()
            == about["run"]
        )

        assert container.inside("id", "-u").stdout.strip() == "10001"
        for file in ("/app/x", "/opt/venv/x", "/x"):
            assert "Read-only" in container.inside("touch", file).stderr
        assert container.inside("sh", "-c", "command -v gcc cc make").returncode
        assert container.inside("python3", "-c", UNWANTED).stdout.strip() == "[]"
        config = json.loads(podman(folder, "inspect", container.name))[0]["Config"]
        assert container.inside(*config["Healthcheck"]["Test"][1:]).returncode == 0

        podman(folder, "kill", container.name)
        podman(folder, "wait", container.name)
        podman(folder, "start", container.name)
        container.wait()
        assert_same(container, project)
        podman(folder, "stop", "--time", "60", container.name)
        state = json.loads(podman(folder, "inspect", container.name))[0]["State"]
        assert (state["ExitCode"], state["OOMKilled"]) == (0, False)
        assert "Traceback" not in podman(folder, "logs", container.name)


def test_what_cannot_be_is_a_line_of_the_log(image: str, folder: Path) -> None:
    for options, says in (
        (["--env=SERVE_TOKEN="], "error: 0.0.0.0: other machines may ask only with a token"),
        ([], "error: --model 7: this image serves penguins version 1, which is inside"),
    ):
        given = options or ["--env=SERVE_TOKEN=x"]
        done = containers.called(
            folder, "podman", "run", "--rm", "--read-only", "--network=host", *given, image, "--model", "7"
        )
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith(says), done.stderr  # podman may say something before
