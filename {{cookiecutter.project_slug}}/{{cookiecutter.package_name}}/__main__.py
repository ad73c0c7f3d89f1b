"""`python -m PACKAGE COMMAND`: what a person runs beside the pipeline."""

import re
import sys
from argparse import ArgumentParser, HelpFormatter
from importlib import import_module
from textwrap import wrap

if not __package__:
    start = "python -m {{ cookiecutter.package_name }}"
    sys.exit(f"error: start it in the project's folder, by: {start}")

from . import console

# Only the one that is asked for is imported: each brings libraries of its own.
COMMANDS = {
    "apply": "take an experiment over into the workspace and reproduce it",
    "archive": "tag a version as not to be used any more",
    "check": "check that dvc.lock is that of the code, and that the data and the champion's run can be had",
    "cleanup": "show and delete the runs and models that nothing needs any more",
{%- if cookiecutter.ci != 'none' %}
    "comment": "put a page into a comment on the {{ 'merge' if cookiecutter.ci == 'gitlab' else 'pull' }} request",
{%- endif %}
    "find": "name the MLflow run of an experiment, or the experiment of a run",
    "gate": "put the evaluated model through the gates",
    "history": "list every change of @champion and @challenger",
    "mend": "correct the paths in a local tracking store after the project was moved",
    "models": "list the versions of the registered model",
    "promote": "make a version the champion, if it passes the gates",
{%- if cookiecutter.ci != 'none' %}
    "propose": "open a {{ 'merge' if cookiecutter.ci == 'gitlab' else 'pull' }} request with what `dvc repro` has changed",
{%- endif %}
    "pull": "get data and models from DVC's remote",
{%- if cookiecutter.ci != 'none' %}
    "ready": "say what CI still lacks to share data and models",
{%- endif %}
    "report": "write a page about what a change does to data and model",
    "reproduce": "make a recorded run or a model version again and compare the results",
    "rollback": "bring the previous champion back",
    "tune": "search for better parameters and write them into params.yaml",
}


class Help(HelpFormatter):
    """Wraps no command, which stands in backticks, and keeps paragraphs."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        whole = re.sub("`[^`]+`", lambda command: re.sub(r"\s+", "\0", command[0]), text)
        lines = wrap(whole, width, break_long_words=False, break_on_hyphens=False)
        return [line.replace("\0", " ") for line in lines]

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = (self._split_lines(paragraph, width) for paragraph in text.split("\n\n"))
        return "\n\n".join("\n".join(indent + line for line in lines) for lines in paragraphs)


def main() -> None:
    """Run the command that the first argument names."""
    prog = f"python -m {__package__}"
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("-h", "--help"):
        width = max(map(len, COMMANDS))
        listed = "\n".join(f"  {command:<{width}}  {what}" for command, what in COMMANDS.items())
        print(f"usage: {prog} COMMAND [--help]\n\n{listed}")
        return
    console.prepare()
    if name not in COMMANDS:
        from .yamlfile import nearest

        sys.exit(f"error: no such command {name!r}; {nearest(name, list(COMMANDS))}")
    command = import_module(f".commands.{name}", __package__)
    parser = ArgumentParser(prog=f"{prog} {name}", description=command.__doc__, formatter_class=Help)
    command.add_arguments(parser)
    arguments = parser.parse_args(sys.argv[2:])
    console.run(lambda: command.main(arguments))


if __name__ == "__main__":
    main()
