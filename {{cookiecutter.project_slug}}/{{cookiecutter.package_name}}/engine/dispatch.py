"""What the first argument of the command line names is run: a stage, or a command."""

import os
import re
import sys
from argparse import ArgumentParser, HelpFormatter
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from shutil import get_terminal_size
from textwrap import wrap

from .base import conflicts, process
from .base.paths import CODE, PACKAGE


class Help(HelpFormatter):
    """Keeps paragraphs, and does not wrap a command in backticks."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        unbroken = re.sub("`[^`]+`", lambda command: re.sub(r"\s+", "\0", command[0]), text)
        lines = wrap(unbroken, width, break_long_words=False, break_on_hyphens=False)
        return [line.replace("\0", " ") for line in lines]

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = (self._split_lines(paragraph, width) for paragraph in text.split("\n\n"))
        return "\n\n".join("\n".join(indent + line for line in lines) for lines in paragraphs)


def run(name: str, commands: dict[str, str], renamed: dict[str, str], for_ci: Sequence[str] = ()) -> None:
    """Run a stage or a command.

    Args:
        name: of either; or `--help`.
        commands: each command's purpose.
        renamed: the new name of a command, by the old one.
        for_ci: the commands that only CI jobs need.
    """
    process.prepare()
    prog = f"python -m {PACKAGE}"
    stages = sorted(path.stem for path in (CODE / "stages").glob("*.py") if path.stem != "__init__")
    if name in ("-h", "--help"):
        # a stage comes first: a project may have had its own before the engine had such a command
        hidden = {one: f"hidden by stages/{one}.py: rename that stage" for one in stages if one in commands}
        listed = _command_list(commands | hidden, for_ci)
        print(f"usage: {prog} NAME [--help]\n\nstages: {', '.join(stages)}\n\n{listed}")
    elif name in stages:
        ArgumentParser(prog=f"{prog} {name}", description="A stage of the pipeline.").parse_args(sys.argv[2:])
        process.run(lambda: _unless_in_conflict(lambda: _stage(name)))
    elif name in commands:
        # at the end of each run MLflow prints where it is, of a history's, too, which only records changes
        os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
        command = import_module(f"{__package__}.commands.{name.replace('-', '_')}")
        parser = ArgumentParser(prog=f"{prog} {name}", description=command.__doc__, formatter_class=Help)
        command.add_arguments(parser)
        arguments = parser.parse_args(sys.argv[2:])
        work = partial(command.main, arguments)
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

    if sys.platform == "linux" and stage.needs_libraries(name):
        from .sharing import client

        client.run(name)
    stage.run(name)


def _command_list(commands: dict[str, str], for_ci: Sequence[str]) -> str:
    """List the commands with their purposes, those for CI jobs last."""
    width = max(map(len, commands))
    indent = width + 4
    room = max(get_terminal_size().columns - indent, 20)
    between = "\n" + indent * " "
    purposes = {
        name: between.join(wrap(text, room, break_on_hyphens=False)) for name, text in commands.items()
    }
    lines = {name: f"  {name:<{width}}  {purpose}" for name, purpose in purposes.items()}
    listed = "\n".join(line for name, line in lines.items() if name not in for_ci)
    of_ci = "\n".join(line for name, line in lines.items() if name in for_ci)
    return f"{listed}\n\nfor CI jobs:\n\n{of_ci}" if of_ci else listed
