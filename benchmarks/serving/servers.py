"""Who serves: how each server is started with a model, and how rows are sent to it."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Rows = Sequence[dict[str, Any]]
Command = list[str | Path]
MODEL = (
    "mlflow",
    "mlflow-skinny",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
    "skops",
)  # versions as in the lock


@dataclass(frozen=True)
class Started:
    """What a server is started with.

    Attributes:
        project: the folder of the project.
        package: its name.
        model: the folder of the model's version.
        folder: an empty one, to start in.
        port: to listen to.
    """

    project: Path
    package: str
    model: Path
    folder: Path
    port: int


@dataclass(frozen=True)
class Server:
    """A server.

    Attributes:
        command: sets up its folder; returns the program that serves, and where it is started.
        route: for rows.
        ready: the route that answers 200 when it does.
        body: of a request.
        own: the requirements of its environment; none, if it uses that of the project.
    """

    name: str
    command: Callable[[Started], tuple[Command, Path]]
    route: str
    ready: str
    body: Callable[[Rows], Any]
    own: tuple[str, ...] = ()


def _project(start: Started) -> tuple[Command, Path]:
    command = ["python", "-m", start.package, "serve", "--model", "1", "--port", str(start.port)]
    return [*command], start.project


def _mlflow(start: Started) -> tuple[Command, Path]:
    how = ["--env-manager", "local", "--workers", "1", "--port", str(start.port)]
    return ["mlflow", "models", "serve", "--model-uri", start.model, *how], start.folder


def _bentoml(start: Started) -> tuple[Command, Path]:
    shutil.copy(HERE / "bento_service.py", start.folder / "service.py")
    (start.folder / "model.txt").write_text(str(start.model), encoding="utf-8")
    return ["bentoml", "serve", "service:Rows", "--port", str(start.port)], start.folder


def _mlserver(start: Started) -> tuple[Command, Path]:
    ports = {"http_port": start.port, "grpc_port": start.port + 1, "metrics_port": start.port + 2}
    settings = {**ports, "host": "127.0.0.1", "parallel_workers": 0}
    model = {
        "name": "rows",
        "implementation": "mlserver_mlflow.MLflowRuntime",
        "parameters": {"uri": str(start.model)},
    }
    for name, content in {"settings.json": settings, "model-settings.json": model}.items():
        (start.folder / name).write_text(json.dumps(content), encoding="utf-8")
    return ["mlserver", "start", start.folder], start.folder


def split(rows: Rows) -> Any:
    """Write rows as MLflow's documentation has them."""
    return {"dataframe_split": {"columns": [*rows[0]], "data": [[*row.values()] for row in rows]}}


def inference(rows: Rows) -> Any:
    """Write rows as the Open Inference Protocol has them, column by column."""
    inputs = []
    for name, cell in rows[0].items():
        kind: dict[str, Any] = {"datatype": "BYTES", "parameters": {"content_type": "str"}}
        kind = kind if isinstance(cell, str) else {"datatype": "FP64"}
        inputs.append({"name": name, "shape": [len(rows), 1], "data": [row[name] for row in rows], **kind})
    return {"parameters": {"content_type": "pd"}, "inputs": inputs}


def records(rows: Rows) -> Any:
    """Write rows as objects."""
    return {"rows": [*rows]}


BENTOML = ("bentoml>=1.4", *(name for name in MODEL if name != "mlflow-skinny"))
MLSERVER = ("mlserver>=1.6", "mlserver-mlflow>=1.6", "skops", "scikit-learn")
SERVERS = {
    server.name: server
    for server in (
        Server("mlflow", _mlflow, "/invocations", "/ping", split),
        Server("bentoml", _bentoml, "/predict", "/readyz", records, BENTOML),
        Server("mlserver", _mlserver, "/v2/models/rows/infer", "/v2/models/rows/ready", inference, MLSERVER),
        Server("project", _project, "/predict", "/ready", records),
    )
}
