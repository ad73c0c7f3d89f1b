"""Running the stage or the command that the first argument names."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module

from .base import conflicts, process
from .base.paths import CODE, PACKAGE


def run(name: str, commands: dict[str, str], renamed: dict[str, str], for_ci: Sequence[str] = ()) -> None:
    """Run a stage or a command.

    Args:
        name: the name of a stage or a command; or `--help`.
        commands: each command's purpose.
        renamed: the new name of a command, by the old one.
        for_ci: the commands that only CI jobs need.
    """
    process.prepare()
    prog = f"python -m {PACKAGE}"
    stages = sorted(path.stem for path in (CODE / "stages").glob("*.py") if path.stem != "__init__")
    if name in ("-h", "--help"):
        # stages take precedence: a project may have had one before the engine had a command of that name
        hidden = {one: f"hidden by stages/{one}.py: rename that stage" for one in stages if one in commands}
        from .usage import command_list  # imported here and below: a stage that DVC starts needs no texts

        listed = command_list(commands | hidden, for_ci)
        print(f"usage: {prog} NAME [--help]\n\nstages: {', '.join(stages)}\n\n{listed}")
    elif name in stages:
        if sys.argv[2:]:
            from .usage import parser

            parser(f"{prog} {name}", "A stage of the pipeline.").parse_args(sys.argv[2:])
        process.run(lambda: _unless_in_conflict(lambda: _stage(name)))
    elif name in commands:
        # at the end of each run, MLflow prints where it is, even for a history's run, which only records
        # changes
        os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
        command = import_module(f"{__package__}.commands.{name.replace('-', '_')}")
        from .usage import parser

        parsing = parser(f"{prog} {name}", command.__doc__)
        command.add_arguments(parsing)
        process.prepare_libraries()
        work = partial(command.main, parsing.parse_args(sys.argv[2:]))
        process.run(work if name == "merge" else lambda: _unless_in_conflict(work))
    elif name in renamed:
        sys.exit(f"error: {name!r} is called {renamed[name]!r} now: {prog} {renamed[name]}")
    else:
        from .base.yaml import nearest

        sys.exit(f"error: no such stage or command {name!r}; {nearest(name, [*stages, *commands])}")


def _unless_in_conflict(work: Callable[[], None]) -> None:
    """Do the work, unless git left the marks of a conflict in a file that nearly all work reads."""
    conflicts.check_none()
    work()


def _stage(name: str) -> None:
    """Run a stage: by the helper that has the libraries, if it needs any, or here."""
    from . import stage

    if stage.needs_libraries(name):
        if sys.platform == "linux":
            from .sharing import client

            client.run(name)
        process.prepare_libraries()
    stage.run(name)
