"""The options of `adopt`: what the user knows about the table."""

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..adoption.source import name_of
from ..adoption.wishes import KEEP, LEAVE_OUT, Wishes
from ..base.errors import UserError


def add_arguments(parser: ArgumentParser) -> None:
    """Add the table, and what the user knows about it."""
    parser.add_argument(
        "table", type=Path, nargs="?", metavar="TABLE", help="a file, or a folder with its parts"
    )
    parser.add_argument("--target", metavar="NAME", help="the column to predict")
    parser.add_argument("--task", choices=("classification", "regression"), help="default: this project's")
    several: dict[str, Any] = {"nargs": "+", "action": "extend", "metavar": "NAME"}
    parser.add_argument(
        "--group", **several, help="rows that agree in these columns stay on one side of the split; or none"
    )
    parser.add_argument(
        "--time", metavar="NAME", help="the test rows are the latest ones by this column; or none"
    )
    parser.add_argument(
        "--missing",
        nargs="+",
        action="extend",
        metavar="WORD",
        help="words that stand for an empty cell; NAME=WORD: in one column",
    )
    parser.add_argument("--drop", **several, help="columns that are not features")
    parser.add_argument(
        "--keep", **several, help="keep these features, although they nearly equal the target"
    )
    both = (KEEP, LEAVE_OUT)
    parser.add_argument("--rare", choices=both, help="what to do with classes of fewer than ten rows")
    parser.add_argument("--unlabelled", choices=(LEAVE_OUT,), help="what to do with rows without a target")
    parser.add_argument(
        "--date-format", nargs="+", action="extend", metavar="NAME=FORMAT", help="such as sold=%%d.%%m.%%Y"
    )
    parser.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook (default: the first one)")
    parser.add_argument("--name", help="for table, suite and registered model (default: the file's)")
    parser.add_argument(
        "--expectations",
        action="store_true",
        help="propose the expectations of the project's own table anew, and show what would change",
    )
    parser.add_argument("--write", action="store_true", help="with --expectations: write them")
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be decided, and write nothing"
    )


def wishes_of(arguments: Namespace, task: str) -> Wishes:
    """Collect what the options say.

    Raises:
        UserError: the task is not the project's, two options contradict each other, or a format has no
            column.
    """
    if arguments.task not in (None, task):
        raise UserError(
            f"--task: the metrics, models and plots of this project are for {task}; bake another project "
            f"with task={arguments.task} for this table"
        )
    if arguments.time not in (None, "none") and set(arguments.group or ()) - {"none"}:
        raise UserError(
            "--group and --time: the rows of a group have many times; give --group to predict for new "
            "groups, or --time to predict what comes later"
        )
    formats = [text.partition("=") for text in arguments.date_format or ()]
    if wrong := [name for name, _, format in formats if not format]:
        raise UserError(f"--date-format: needs NAME=FORMAT, such as sold=%d.%m.%Y; got {wrong[0]!r}")
    missing: list[str] = []
    missing_in: dict[str, list[str]] = {}
    for text in arguments.missing or ():
        column, _, word = text.rpartition("=")
        if column and word:
            missing_in.setdefault(column, []).append(word)
        else:
            missing.append(text)
    name = arguments.name or name_of(arguments.table)
    wishes = Wishes(arguments.target, task, name=name_of(Path(name)), sheet=arguments.sheet)
    none = ["none"]
    return replace(
        wishes,
        groups=None if arguments.group is None else tuple(n for n in arguments.group if [n] != none),
        time="" if arguments.time == "none" else arguments.time,
        missing=tuple(missing),
        missing_in=missing_in,
        drop=tuple(arguments.drop or ()),
        keep=tuple(arguments.keep or ()),
        rare=arguments.rare,
        unlabelled=arguments.unlabelled,
        date_formats={name: format for name, _, format in formats},
    )
