"""The texts of `--help`; a stage does not need them, since DVC starts it without arguments."""

import re
from argparse import ArgumentParser, HelpFormatter
from collections.abc import Sequence
from shutil import get_terminal_size
from textwrap import wrap
from typing import NoReturn


class Help(HelpFormatter):
    """Keeps paragraphs, and does not wrap a command in backticks."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        unbroken = re.sub("`[^`]+`", lambda command: re.sub(r"\s+", "\0", command[0]), text)
        lines = wrap(unbroken, width, break_long_words=False, break_on_hyphens=False)
        return [line.replace("\0", " ") for line in lines]

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = (self._split_lines(paragraph, width) for paragraph in text.split("\n\n"))
        return "\n\n".join("\n".join(indent + line for line in lines) for lines in paragraphs)


class Parser(ArgumentParser):
    """Answers a mistake with one line, like every part of the project."""

    def error(self, message: str) -> NoReturn:
        """End with the exit code 2."""
        self.exit(2, f"error: {' '.join(message.split())}; see `{self.prog} --help`\n")


def parser(prog: str, description: str | None) -> ArgumentParser:
    """Return a parser for the arguments of a stage or a command, still without arguments."""
    return Parser(prog=prog, description=description, formatter_class=Help)


def command_list(commands: dict[str, str], for_ci: Sequence[str]) -> str:
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
