"""A process that has imported a project's libraries, and forks a child for each program that is asked for.

Started by a baked project's Python, with the path of its socket. It knows no module of any project: those are
imported by the child, which goes on as if Python had just been started for its program, in the folder, with
the environment and the standard streams of whoever asked.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import resource
import runpy
import selectors
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, NoReturn

LIBRARIES = (
    *("dvc.cli.parser", "dvc.repo.open_repo", "dvc.repo.reproduce", "dvc.repo.status", "dvc.repo.checkout"),
    *("dvc.repo.artifacts", "dvc.repo.datasets", "dvc.repo.graph", "dvc.repo.index", "dvc.repo.plots"),
    *("dvc.repo.experiments.run", "dvc.repo.experiments.show", "dvc.repo.experiments.queue.celery"),
    *("dvc.repo.experiments.queue.tempdir", "dvc.repo.experiments.queue.workspace", "dvc.repo.brancher"),
    *("dvc.repo.experiments.executor.local", "dvc.stage.serialize", "dvc.stage.cache", "dvc.data_cloud"),
    *("dvc.dependency", "dvc.output", "dvc.fs.dvc", "dvc_data.index.checkout", "dvc_data.hashfile.status"),
    *(
        "dvc.cachemgr",
        "dvc.utils.hydra",
        "dvc.utils.strictyaml",
        "hydra",
        "omegaconf",
        "networkx",
        "flatten_dict",
    ),
    *("dulwich.porcelain", "scmrepo.git.backend.pygit2.filter", "scmrepo.git.backend.pygit2.callbacks"),
    *("mlflow.sklearn", "mlflow.pyfunc", "mlflow.pyfunc.scoring_server", "mlflow.tracking.client"),
    *("mlflow.data.pandas_dataset", "mlflow.models.display_utils", "mlflow.utils.search_logged_model_utils"),
    *("mlflow.store.tracking.sqlalchemy_workspace_store", "mlflow.store.db.utils", "alembic.command"),
    *("mlflow.store.model_registry.sqlalchemy_workspace_store", "mlflow.tracing.processor.otel"),
    *("mlflow.tracing.export", "opentelemetry.sdk.metrics", "dotenv", "filelock", "psutil"),
    *("sklearn.ensemble", "sklearn.linear_model", "sklearn.compose", "sklearn.dummy", "sklearn.inspection"),
    *("skops.io", "optuna", "optuna.storages", "great_expectations", "great_expectations.expectations.core"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "pandas", "pyarrow.parquet", "pyarrow.csv"),
    *("pyarrow.pandas_compat", "narwhals.stable.v2", "rich.console", "rich.status", "ruamel.yaml"),
)
# what a project's own programs set before they import
SET = {
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
}
# read while libraries are imported: a program that has other values of these is none for a child
READ = ("PYTHON", "LC_", "LANG", "OMP_", "OPENBLAS_", "MKL_", "MPL", "GX_", "MLFLOW_LOGGING", "HOME", "TZ")


def read(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**SET, **environment}.items() if name.startswith(READ)}


class Server:
    def __init__(self, path: str) -> None:
        self.given = read(dict(os.environ))
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)  # whoever comes before the libraries are imported waits
        self.running: dict[int, socket.socket] = {}  # whoever waits for a child
        self.woken, self.wake = socket.socketpair()
        for end in (self.woken, self.wake):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake.fileno())

    def serve(self) -> dict[str, Any]:
        """Serve to the end; returns in a child, with what it is to run."""
        with selectors.DefaultSelector() as selector:
            for waited in (self.listener, self.woken):
                selector.register(waited, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self.listener:
                        client, _ = self.listener.accept()
                        if asked := self.start(client):
                            return asked
                        if client.fileno() >= 0:
                            selector.register(client, selectors.EVENT_READ)
                    elif key.fileobj is self.woken:
                        self.woken.recv(4096)
                        for client in self.ended():
                            selector.unregister(client)
                            client.close()
                    elif key.fileobj in self.running.values():
                        selector.unregister(key.fileobj)
                        self.leave(key.fileobj)

    def start(self, client: socket.socket) -> dict[str, Any] | None:
        """Fork a child for a client; returns what it asks for in the child, nothing here."""
        message, streams, _, _ = socket.recv_fds(client, 1 << 20, 3)
        asked: dict[str, Any] = json.loads(message)
        if read(asked["environment"]) != self.given:
            child = 0
            client.close()  # which starts a Python of its own
        elif child := os.fork():
            self.running[child] = client
            client.send(f"{child}\n".encode())
        if child or client.fileno() < 0:
            for stream in streams:
                os.close(stream)
            return None
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for end in (client, self.listener, self.woken, self.wake, *self.running.values()):
            end.close()
        return asked

    def ended(self) -> list[socket.socket]:
        """Tell whoever waits for the children that have ended; returns those that know."""
        found = []
        with contextlib.suppress(ChildProcessError):
            while (done := os.waitpid(-1, os.WNOHANG))[0]:
                if client := self.running.pop(done[0], None):
                    with contextlib.suppress(OSError):
                        client.send(f"{os.waitstatus_to_exitcode(done[1])}\n".encode())
                    found.append(client)
        return found

    def leave(self, client: Any) -> None:
        """Kill the child of a client that was killed."""
        for child, waiting in list(self.running.items()):
            if waiting is client:
                del self.running[child]
                os.kill(child, signal.SIGKILL)
        client.close()


def become(asked: dict[str, Any]) -> NoReturn:
    """Run a program in this process, to its end."""
    os.setsid()  # whoever kills the group that it is in kills no other
    os.chdir(asked["folder"])
    os.umask(asked["umask"])
    for number in asked["ignored"]:
        signal.signal(number, signal.SIG_IGN)
    for number, limits in asked["limits"]:
        resource.setrlimit(number, limits)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.executable = asked["python"]
    tempfile.tempdir = None  # which TMPDIR names
    gc.enable()
    try:
        execute(*asked["arguments"])
        code: object = None
    except SystemExit as error:
        code = error.code
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    if not isinstance(code, int | None):
        print(code, file=sys.stderr)
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except OSError:  # nobody listens any more
        code = 120
    if code == -signal.SIGINT:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit((code or 0) & 0xFF)  # to take half a million objects apart would take as long as many a program


def execute(how: str, *arguments: str) -> None:
    """Do as Python does with its arguments: -m and a module, -c and a program, or a file."""
    main = sys.modules["__main__"].__dict__
    for name in [name for name in main if not name.startswith("__")]:
        del main[name]
    if how == "-m":
        sys.argv, sys.path[0] = [*arguments], str(Path.cwd())
        runpy._run_module_as_main(arguments[0])  # type: ignore[attr-defined]
    elif how == "-c":
        sys.argv, sys.path[0] = ["-c", *arguments[1:]], ""
        exec(compile(arguments[0], "<string>", "exec"), main)
    else:
        sys.argv, sys.path[0] = [how, *arguments], str(Path(how).resolve().parent)
        main["__file__"] = how
        exec(compile(Path(how).read_bytes(), how, "exec"), main)


def load() -> None:
    """Import the libraries as a project's own programs do."""
    gc.disable()
    before = dict(os.environ)
    os.environ |= SET
    for name in LIBRARIES:
        importlib.import_module(name)
    os.environ.clear()
    os.environ.update(before)
    if threading.active_count() > 1:
        sys.exit(f"a library has started threads, which a fork loses: {threading.enumerate()}")
    gc.collect()
    gc.freeze()


def main(path: str) -> None:
    server = Server(path)
    load()
    become(server.serve())


if __name__ == "__main__":  # imported once more, to leave `__main__` to the program
    importlib.import_module("warm_server").main(sys.argv[1])
