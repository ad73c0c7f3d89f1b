"""Other servers of MLflow's models take a version as it was registered, and predict what `predict` does."""

import json
import os
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from benchmarks.serving import models
from benchmarks.serving.__main__ import labels
from benchmarks.serving.running import running
from benchmarks.serving.servers import MODEL, SERVERS, Started
from tests.support.baked import TEMPLATE, Baked, run
from tests.support.serving import free_ports

ROWS = 25


def programs(name: str, project: Baked) -> Path:
    """Return the programs of a server: the project's, or an environment that is made once."""
    own, bin = SERVERS[name].own, project.bin
    assert bin
    if not own:
        return bin
    venv = TEMPLATE / ".environments" / f"serves-{name}"
    with FileLock(f"{venv}.lock"):
        if not (venv / "whole").exists():
            code = "import sys; from importlib.metadata import version; "
            code += "print(*(f'{name}=={version(name)}' for name in sys.argv[1:]), sep='\\n')"
            versions = run(TEMPLATE, bin / "python", "-c", code, *MODEL).stdout
            uv = (sys.executable, "-m", "uv")
            run(TEMPLATE, *uv, "venv", "--quiet", "--clear", "--python", sys.executable, venv)
            (venv / "versions.txt").write_text(versions)
            install = ("install", "--quiet", "--python", venv, "--constraints", venv / "versions.txt")
            run(TEMPLATE, *uv, "pip", *install, *own)
            (venv / "whole").touch()
    return venv / "bin"


@pytest.mark.skipif(sys.platform != "linux", reason="taskset, which holds a server to one core, is Linux's")
@pytest.mark.parametrize("name", ["mlflow", "mlserver", "project"])  # the last is what the benchmark asks
def test_each_server_predicts_the_same(name: str, project: Baked, tmp_path: Path) -> None:
    rows = models.rows(
        project.path, ROWS, {**os.environ, "PATH": f"{project.bin}{os.pathsep}{os.environ['PATH']}"}
    )
    asked = tmp_path / "asked.csv"
    header = ",".join(rows[0])
    asked.write_text("\n".join([header, *(",".join(map(str, row.values())) for row in rows)]) + "\n")
    predicted = tmp_path / "predicted.csv"
    project.run("python", "-m", "penguins", "predict", asked, predicted, "--model", "1")
    names, *lines = [line.split(",") for line in predicted.read_text().splitlines()]
    wanted = [line[names.index("predicted")] for line in lines]
    assert len(set(wanted)) > 1

    server, port, folder = SERVERS[name], free_ports(3), tmp_path / name
    folder.mkdir()
    bin = programs(name, project)
    command, cwd = server.command(
        Started(project.path, "penguins", models.version(project.path), folder, port)
    )
    env = {**os.environ, "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}"}
    core = min(os.sched_getaffinity(0))
    with running(command, cwd, env, port, server.ready, tmp_path / "log", core) as it:
        _, said = it.ask(server.route, json.dumps(server.body(rows)).encode(), seconds=0)
    assert labels(json.loads(said)) == wanted
