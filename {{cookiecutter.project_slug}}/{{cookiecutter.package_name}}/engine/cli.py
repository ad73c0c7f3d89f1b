"""The command line: `python -m PACKAGE train` runs a stage, `python -m PACKAGE promote` a command."""

import re
import sys
from argparse import ArgumentParser, HelpFormatter
from importlib import import_module
from textwrap import wrap

from . import start

# Only the command that is run is imported: each imports libraries of its own.
COMMANDS = {
    "apply": "apply an experiment to the workspace and reproduce it",
    "archive": "mark a version as no longer to be used",
    "check": "check that dvc.lock matches the code, and that data and the champion's run are available",
    "cleanup": "show or delete the runs and models that nothing needs any more",
    "comment": "post a page as a comment on the pull or merge request of a CI job",
    "find": "name the MLflow run of an experiment, or the experiment of a run",
    "gate": "put the evaluated model through the gates",
    "history": "list every change of @champion and @challenger",
    "models": "list the versions of the registered model",
    "promote": "make a version the champion, if it passes the gates",
    "propose": "open a pull or merge request with what `dvc repro` has changed, from a CI job",
    "pull": "fetch data and models from DVC's remote",
    "ready": "show what CI still lacks to share data and models",
    "repair-paths": "correct the paths in a local tracking store after the project was moved",
    "report": "write a page about the effect of a change on data and model",
    "reproduce": "run a recorded run or a model version again and compare the results",
    "rollback": "make the previous champion the champion again",
    "tune": "search for better parameters and write them into params.yaml",
}
RENAMED = {"mend": "repair-paths"}


class Help(HelpFormatter):
    """Keeps paragraphs, and does not wrap a command in backticks."""

    def _split_lines(self, text: str, width: int) -> "list[str]":  # in quotes, for Pythons before 3.9
        unbroken = re.sub("`[^`]+`", lambda command: re.sub(r"\s+", "\0", command[0]), text)
        lines = wrap(unbroken, width, break_long_words=False, break_on_hyphens=False)
        return [line.replace("\0", " ") for line in lines]

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = (self._split_lines(paragraph, width) for paragraph in text.split("\n\n"))
        return "\n\n".join("\n".join(indent + line for line in lines) for lines in paragraphs)


def main() -> None:
    """Run the stage or the command that the first argument names."""
    start.check_interpreter()
    start.set_environment()
    from .base import process
    from .base.paths import CODE, PACKAGE

    process.prepare()
    prog = f"python -m {PACKAGE}"
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    stages = sorted(path.stem for path in (CODE / "stages").glob("*.py") if path.stem != "__init__")
    if name in ("-h", "--help"):
        print(f"usage: {prog} NAME [--help]\n\nstages: {', '.join(stages)}\n\n{_command_list()}")
    elif name in stages:
        ArgumentParser(prog=f"{prog} {name}", description="A stage of the pipeline.").parse_args(sys.argv[2:])
        process.run(lambda: _stage(name))
    elif name in COMMANDS:
        command = import_module(f"{__package__}.commands.{name.replace('-', '_')}")
        parser = ArgumentParser(prog=f"{prog} {name}", description=command.__doc__, formatter_class=Help)
        command.add_arguments(parser)
        arguments = parser.parse_args(sys.argv[2:])
        process.run(lambda: command.main(arguments))
    elif name in RENAMED:
        sys.exit(f"error: {name!r} is called {RENAMED[name]!r} now: {prog} {RENAMED[name]}")
    else:
        from .base.yaml import nearest

        sys.exit(f"error: no such stage or command {name!r}; {nearest(name, [*stages, *COMMANDS])}")


def _stage(name: str) -> None:
    """Run a stage: by the helper that has the libraries, if it needs any, or here."""
    from . import stage

    if sys.platform == "linux" and stage.needs_libraries(name):
        from .sharing import client

        client.run(name)
    stage.run(name)


def _command_list() -> str:
    width = max(map(len, COMMANDS))
    return "\n".join(f"  {command:<{width}}  {purpose}" for command, purpose in COMMANDS.items())
