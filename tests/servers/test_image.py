"""The image of a version: built for real, asked, killed, started again; played as Kubernetes would run it."""

import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bake
from tests.support import containers, manifests
from tests.support.baked import Baked
from tests.support.containers import Container, build, podman, running
from tests.support.serving import free_ports, tracking_server

pytestmark = [pytest.mark.slow, pytest.mark.servers]

UNWANTED = """
from importlib.util import find_spec
print([name for name in ("dvc", "great_expectations", "pip", "setuptools") if find_spec(name)])
"""
LIMITS = """
canary:
  seconds: 1
  requests: 20
"""
LARGEST = 450_000_000  # bytes that an image adds to its base


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    containers.check_programs()
    return tmp_path_factory.mktemp("containers")


def image_of(project: Baked, recipes: Path, to: Path, *options: str, **env: str) -> Path:
    """Write a build context, with the files of a project that was baked with a container."""
    shutil.copytree(recipes, project.path / "deploy/serving")
    params = project.read("params.yaml")
    project.path.joinpath("params.yaml").write_text(params + LIMITS)
    project.cold.run("python", "-m", "penguins", "image", *options, "--output", to, env=env)
    project.path.joinpath("params.yaml").write_text(params)
    shutil.rmtree(project.path / "deploy")
    return to


@pytest.fixture(scope="module")
def recipes(baked: Bake) -> Path:
    return baked(serving="container").path / "deploy/serving"


@pytest.fixture(scope="module")
def context(finished: Baked, recipes: Path, folder: Path) -> Path:
    """The build context of version 1 of the finished project."""
    return image_of(finished, recipes, folder / "context", "--model", "1")


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


@pytest.fixture
def played(image: str, folder: Path, baked: Bake) -> Iterator[Container]:
    """The base of deploy/kubernetes/, as far as podman knows such objects, on this machine's network."""
    port, name = free_ports(1), f"serve-penguins-{folder.parent.name}"
    base = baked(serving="kubernetes").path / "deploy/kubernetes/base"
    by_kind = {one["kind"]: one for one in manifests.built(base)}
    deployment = by_kind["Deployment"]
    deployment["metadata"]["name"] = name
    pod = deployment["spec"]["template"]["spec"]
    (server,) = pod["containers"]
    server["image"] = image
    server["env"] = [
        {**one, "value": str(port)} if one["name"] == "SERVE_PORT" else one for one in server["env"]
    ]
    del server["ports"]  # podman maps them, which this machine's network has no need of
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        server[probe]["httpGet"]["port"] = port
    pod["volumes"][0]["secret"]["secretName"] = name
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "data": {"token": "YSB0b2tlbg=="},
    }
    file = manifests.write(folder / "played.yaml", [secret, by_kind["ServiceAccount"], deployment])
    try:
        podman(folder, "kube", "play", "--network", "host", str(file))
        container = Container(f"{name}-pod-0-server", f"http://127.0.0.1:{port}", folder, "")
        # some versions of podman do not decode what a secret's file has
        container.token = container.inside("cat", "/run/secrets/serve/token").stdout
        yield container
    finally:
        for clean in (("kube", "down", str(file)), ("volume", "rm", "--force", name), ("secret", "rm", name)):
            containers.called(folder, "podman", *clean)  # as far as it came


def test_kubernetes_runs_it_and_judges_by_it(played: Container, project: Baked) -> None:
    played.wait()
    assert_same(played, project)
    assert played.inside("id", "-u").stdout.strip() == "10001"
    assert "Read-only" in played.inside("touch", "/app/x").stderr
    for route in ("/health", "/ready"):
        with urllib.request.urlopen(f"{played.url}{route}", timeout=60) as answer:
            assert answer.status == 200, "the probes have no token"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{played.url}/metrics", timeout=60)

    judge = ("python3", "-m", "penguins", "canary", "judge", "--every", "0.2")
    servers = (f"--champion={played.url}", f"--canary={played.url}")
    few = played.inside(*judge, *servers)
    assert (few.returncode, few.stdout.split(":")[0]) == (4, "too few"), few.stderr
    with ThreadPoolExecutor(1) as pool:
        judged = pool.submit(played.inside, *judge, *servers, "--at-most", "300")
        while not judged.done():
            played.ask("/predict", rows(project, 1))
    done = judged.result()
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "goes on"), done.stderr
    nobody = played.inside(*judge, *servers[:1], "--canary=http://127.0.0.1:9")
    assert nobody.returncode == 1
    assert nobody.stderr.startswith("error: http://127.0.0.1:9: does not answer"), nobody.stderr


@pytest.fixture
def registry(finished: Baked, environment: Path, tmp_path: Path) -> Iterator[str]:
    """A tracking server to which the project's own store was copied; version 1 is the champion."""
    tracking, exported = ("python", "-m", "penguins", "tracking"), tmp_path / "exported"
    with tracking_server(tmp_path, environment) as url:
        finished.run(*tracking, "export", exported)
        place = (f"--database=sqlite:///{tmp_path}/server.db", f"--artifacts={tmp_path}/files")
        finished.run(*tracking, "import", exported, *place)
        champion(url, "1")
        yield url


def registered(url: str, call: str, **what: str) -> Any:
    """Send what is to be in the registry to a tracking server."""
    body = json.dumps({"name": "penguins", **what}).encode()
    request = urllib.request.Request(
        f"{url}/api/2.0/mlflow/{call}", body, {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def again(url: str) -> str:
    """Register the model of version 1 once more; return the number of that version."""
    asked = f"{url}/api/2.0/mlflow/model-versions/get?name=penguins&version=1"
    with urllib.request.urlopen(asked, timeout=60) as answer:
        first = json.load(answer)["model_version"]
    what = {"source": first["source"], "run_id": first["run_id"]}
    model_id = first["source"].rpartition("/")[2]
    made = registered(url, "model-versions/create", **what, model_id=model_id)
    return str(made["model_version"]["version"])


def champion(url: str, version: str) -> None:
    registered(url, "registered-models/alias", alias="champion", version=version)


def test_an_image_without_a_model_reads_the_registry_and_follows_it(
    project: Baked, recipes: Path, registry: str, folder: Path
) -> None:
    tag = f"localhost/test-server:{folder.parent.name}"
    to = image_of(project, recipes, folder / "without", "--without-model", MLFLOW_TRACKING_URI=registry)
    assert not [*to.rglob("MLmodel")]
    build(folder, to, tag)
    try:
        with running(folder, tag, free_ports(1), "--poll=0.5") as container:
            container.wait()
            assert_same(container, project)
            about = json.loads(container.ask("/model"))
            assert (about["version"], about["alias"]) == ("1", "@champion")
            second = again(registry)
            champion(registry, second)
            container.wait("/model", f'"version":"{second}"')
            answered = json.loads(container.ask("/predict", rows(project, 1)))
            assert answered["model"]["version"] == second
        given = ("--read-only", "--network=host", "--env=SERVE_TOKEN=x")
        nowhere = "--env=MLFLOW_TRACKING_URI=http://127.0.0.1:9"
        done = containers.called(folder, "podman", "run", "--rm", *given, nowhere, tag)
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("error: http://127.0.0.1:9: "), done.stderr
        assert "Traceback" not in done.stderr
    finally:
        podman(folder, "rmi", "--force", tag)
