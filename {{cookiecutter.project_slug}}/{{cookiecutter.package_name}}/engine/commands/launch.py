"""Run the pipeline, a stage or a command for `mlflow run`; the file MLproject calls this.

`mlflow run` opens a run of its own. Here that run becomes a launcher: it is tagged as one, and links to the
model's run, which is logged as usual in the project's store.
"""

import subprocess
import sys
from argparse import REMAINDER, ArgumentParser, Namespace
from importlib import import_module
from pathlib import Path

from .. import usage
from ..base import dvc
from ..base.errors import UserError
from ..base.files import read_json
from ..base.paths import MODEL, PACKAGE, RUN
from ..registry.lookup import find_run, run_or_stand_in
from ..registry.predictor import TRAINED
from ..reporting import revision
from ..storage import remote, transfer
from ..tracking import store
from ..tracking.launcher import Launcher, taken

COMMANDS = ("tune", "predict", "serve")
REPRO = "repro"
MAKES_MODELS = (REPRO, "tune")


def add_arguments(parser: ArgumentParser) -> None:
    """Add what to run, and its options."""
    parser.add_argument("what", choices=(REPRO, *COMMANDS))
    parser.add_argument(
        "options", nargs=REMAINDER, help="options of that command; one without a value is left out"
    )


def main(arguments: Namespace) -> None:
    """Run the command."""
    launcher = taken()
    if launcher and _is_fetched(launcher):
        check_fetched(launcher, arguments.what)
        if arguments.what in MAKES_MODELS:
            transfer.pull()
    options = given(arguments.options)
    if arguments.what == REPRO:
        code = subprocess.run(dvc.command(REPRO, *options)).returncode
        link(launcher, _made(options))
        sys.exit(code)
    command = import_module(f"{__package__}.{arguments.what}")
    parser = usage.parser(f"python -m {PACKAGE} {arguments.what}", None)
    command.add_arguments(parser)
    parsed = parser.parse_args(options)
    link(launcher, _used(getattr(parsed, "model", "")))
    command.main(parsed)


def given(options: list[str]) -> list[str]:
    """Leave out the options for which `mlflow run` got no value; the command has its own default for them.

    The list may begin with an option, but not end with one: each option is followed by its value.
    """
    kept: list[str] = []
    for option in options:
        if option:
            kept.append(option)
        elif kept and kept[-1].startswith("--"):
            kept.pop()
    return kept


def check_fetched(launcher: Launcher, what: str) -> None:
    """Check that a project which `mlflow run` fetched finds its data, and that its results are kept.

    Raises:
        UserError: its data would not be found, or its results would be lost.
    """
    fetched = "`mlflow run` has fetched this project into a temporary folder"
    # without a server, the files of a new model are kept in the project's folder
    if not launcher.chosen or (what in MAKES_MODELS and not launcher.uri.startswith("http")):
        raise UserError(
            f"{fetched}, and its runs would be lost there: set MLFLOW_TRACKING_URI to the address of a server"
        )
    if what in MAKES_MODELS and (folder := remote.relative_folder()):
        raise UserError(
            f"{fetched}, where DVC's remote {folder} does not exist: "
            f"`python -m {PACKAGE} remote URL` in the repository, commit .dvc/config and `dvc push`"
        )


def link(launcher: Launcher | None, run_id: str) -> None:
    """Link the launcher to a run by its id or a version's name; do nothing without a launcher."""
    if launcher is None:
        return
    with store.opened() as client:
        run = None
        if run_id.startswith("@") or run_id.isdecimal():
            run = find_run(client, run_id)
        elif run_id:
            run = run_or_stand_in(client, run_id)
        launcher.link(run, store.tracking_uri())


def _is_fetched(launcher: Launcher) -> bool:
    """Tell whether the project is a temporary copy of what `mlflow run` was given.

    If that was a folder, it is not copied but run where it is; MLflow makes its path absolute, or names its
    repository as a URL.
    """
    source = launcher.source().partition("#")[0]
    is_path = source.startswith("file://") or Path(source).is_absolute()
    return source.endswith(".zip") or not is_path


def _made(options: list[str]) -> str:
    """Return the id of the run of the model that `dvc repro` made; empty if it made none."""
    if options == ["validate"]:
        return ""
    if options == ["train"]:
        return str(read_json(RUN, "train").get("run_id", "")) if RUN.exists() else ""
    return revision.in_workspace().run_id if MODEL.exists() else ""


def _used(model: str) -> str:
    """Return the id of the run, or the name of the version, whose model is used; empty if there is none."""
    if model == TRAINED:
        return _made(["train"])
    return model
