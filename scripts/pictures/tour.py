"""The project that the pictures show, from its first run to a model on its way to production.

Everything is real: the default project is baked and installed, and its own commands are run in it.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts import demo

PAGES = "pages"  # beside the project: copies of pages at one step, since later steps overwrite them
WHO = {"name": "Ada Example", "email": "ada@example.com"}
ENVIRONMENT = {
    "LOGNAME": "ada",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    **{f"GIT_{role}_{key.upper()}": value for role in ("AUTHOR", "COMMITTER") for key, value in WHO.items()},
}
# the experiments of docs/tutorial.md, which shows the pictures; a test compares them
EXPERIMENTS = {
    "forest": ("model.type=random_forest",),
    "slower": ("model.hist_gradient_boosting.learning_rate=0.05",),
    "leaves": ("model.type=random_forest", "model.random_forest.min_samples_leaf=3"),
}
APPLIED = "leaves"
# the files that are kept from it, and read when the pictures are taken
KEPT = (
    "reports/evaluation.json",
    "reports/metrics.json",
    "reports/registration.json",
    "reports/validation.json",
    "models/run.json",
)


class Tour:
    """A project and its pages in a folder."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / demo.default_slug()
        self.pages = folder / PAGES

    def make(self) -> None:
        """Run the whole tour, unless it has been run in this folder before."""
        if (self.pages / "done").exists():
            return
        self.first_model()
        self.experiments()
        self.bad_data()
        (self.pages / "done").touch()

    def first_model(self) -> None:
        """Bake the project, run and share it, and promote its first model."""
        demo.say(f"Baking the default project into {self.project}, and running it")
        demo.bake(self.project)
        demo.install(self.project)
        self.run("dvc", "repro")
        self.keep("validation")
        self.commit("The first model")
        remote = self.project.parent / "origin.git"
        self.run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
        self.run("git", "remote", "add", "origin", str(remote))
        self.run("git", "push", "--quiet", "--set-upstream", "origin", "main")
        self.run("dvc", "push", "--quiet")
        self.command("promote", "--reason", "The first model")

    def experiments(self) -> None:
        """Try other models, apply one on a branch, and report what it changes."""
        for name, settings in EXPERIMENTS.items():
            demo.say(f"Running the experiment {name}")
            options = [option for setting in settings for option in ("--set-param", setting)]
            self.run("dvc", "exp", "run", "--temp", "--name", name, *options)
        self.run("git", "switch", "--quiet", "--create", APPLIED)
        self.command("apply", APPLIED)
        self.commit("A forest")
        self.command("report")
        self.keep("report")
        for name in KEPT:
            shutil.copy(self.project / name, self.pages)

    def bad_data(self) -> None:
        """Add a penguin that weighs less than nothing, see `validate` refuse it, and take it back."""
        demo.say("Adding a row that cannot be")
        data = self.project / "data" / "raw" / "penguins.csv"
        self.run("dvc", "unprotect", "data/raw/penguins.csv")
        with data.open("a", encoding="utf-8", newline="") as file:
            file.write("Adelie,Dream,39.5,17.4,186,-1,female,2009\n")
        self.run("dvc", "repro", fails=True)
        self.keep("validation-failed")
        self.run("git", "restore", "data")
        self.run("dvc", "checkout", "--quiet", "--force", "data/raw/penguins.csv.dvc")

    def keep(self, page: str) -> None:
        """Copy a page in its current state."""
        self.pages.mkdir(exist_ok=True)
        shutil.copy(self.project / "reports" / f"{page}.html", self.pages)

    def read(self, name: str) -> dict[str, Any]:
        """Return the content of a JSON file among the pages."""
        return dict(json.loads((self.pages / name).read_text(encoding="utf-8")))

    def commit(self, message: str) -> None:
        """Commit everything."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", message)

    def command(self, *arguments: str) -> None:
        """Run one of the project's own commands."""
        self.run("python", "-m", "penguins", *arguments)

    def run(self, *command: str, fails: bool = False) -> None:
        """Run a command in the project; its output is shown only if it does not end as expected."""
        done = subprocess.run(
            self.found(command),
            cwd=self.project,
            env=self.environment(),
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if (done.returncode != 0) is not fails:
            sys.stderr.write(done.stdout)
            raise SystemExit(f"pictures: {' '.join(command)} ended with {done.returncode}")

    def environment(self) -> dict[str, str]:
        """Return the variables of the project's activated environment."""
        bin = str(self.project / ".venv" / demo.BIN)
        return {**os.environ, **ENVIRONMENT, "PATH": os.pathsep.join([bin, os.environ.get("PATH", "")])}

    def found(self, command: tuple[str, ...]) -> list[str]:
        """Return a command with the full path of its program."""
        return [str(shutil.which(command[0], path=self.environment()["PATH"])), *command[1:]]

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve MLflow's pages with the project's own command, and yield the address of the runs."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        command = self.found(("python", "-m", "penguins", "ui", "--no-browser", "--port", port))
        process = subprocess.Popen(
            command, cwd=self.project, env=self.environment(), stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            address = next((line.strip() for line in process.stdout if line.startswith("http")), None)
            if address is None:
                raise SystemExit("pictures: MLflow's pages did not come up")
            yield address
        finally:
            process.terminate()  # not with SIGINT, which is ignored if this was started in the background
            process.wait()
