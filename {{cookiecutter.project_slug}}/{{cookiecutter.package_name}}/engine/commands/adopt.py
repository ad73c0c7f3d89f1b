"""Use your own table in place of the one that the project has.

Reads CSV in any separator and encoding, parquet, JSON, workbooks (.xlsx) and folders of parts. Decides what
each column is, and shows why; asks what only you know (without a terminal, options answer). Then DVC tracks
the table, and params.yaml, the expectations, dvc.yaml and the READMEs refer to it: `dvc repro` runs.

Everything has to be committed first, so that git can undo what this does: the last lines say how.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from ..adoption import questions, suite
from ..adoption.asking import all_questions, answered
from ..adoption.asking import questions as questions_of
from ..adoption.decisions import Decisions, decide_all
from ..adoption.equal import duplicates
from ..adoption.plan import Plan, carry_out, plan
from ..adoption.source import name_of, read_source
from ..adoption.wishes import KEEP, LEAVE_OUT, Wishes
from ..adoption.writing import check_clean
from ..base import console
from ..base.errors import UserError
from ..base.paths import PACKAGE, REGISTRATION
from ..project import load_params
from ..table.roles import alike

LONGEST = 90  # characters of a reason that are shown
MOST = 40  # columns that are shown


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


def main(arguments: Namespace) -> None:
    """Run the command."""
    params, table = load_params(), arguments.table
    if arguments.expectations:
        suite.renew(params, arguments.write)
        return
    if table is None or arguments.target is None:
        raise UserError("say which table, and which column is predicted: adopt TABLE --target NAME")
    wishes = _wishes(arguments, params.data.task)
    if not arguments.dry_run:
        check_clean(table)
    with TemporaryDirectory(prefix="adopt-") as folder:

        def decide(wishes: Wishes) -> Decisions:
            return decide_all(read_source(table, wishes, Path(mkdtemp(dir=folder))), wishes)

        decisions = decide(wishes)
        _show(table, decisions)
        while asked := questions_of(decisions, wishes):
            if not questions.can_ask():
                raise questions.unanswered(all_questions(decisions, wishes, decide))
            for question in asked:
                if question.key == "time" and wishes.groups:
                    continue  # the split is now by groups
                wishes = answered(wishes, question, questions.ask(question))
            decisions = decide(wishes)  # which may raise other doubts
        planned = plan(decisions, wishes, params, table)
        if planned.model:
            print(f"  model: {planned.model}")
        if arguments.dry_run:
            print("nothing is written, because of --dry-run")
            return
        done = carry_out(planned, decisions.source.data.path)
    console.summary("written", done)
    _say_next(planned, params.register_.name if wishes.name != params.register_.name else "")


def _wishes(arguments: Namespace, task: str) -> Wishes:
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
    missing_in: dict[str, list[str]] = {}
    for column, _, word in (text.rpartition("=") for text in arguments.missing or ()):
        if column and word:
            missing_in.setdefault(column, []).append(word)
    in_one = {f"{column}={word}" for column, words in missing_in.items() for word in words}
    name = arguments.name or name_of(arguments.table)
    wishes = Wishes(arguments.target, task, name=name_of(Path(name)), sheet=arguments.sheet)
    none = ["none"]
    return replace(
        wishes,
        groups=None if arguments.group is None else tuple(n for n in arguments.group if [n] != none),
        time="" if arguments.time == "none" else arguments.time,
        missing=tuple(word for word in arguments.missing or () if word not in in_one),
        missing_in=missing_in,
        drop=tuple(arguments.drop or ()),
        keep=tuple(arguments.keep or ()),
        rare=arguments.rare,
        unlabelled=arguments.unlabelled,
        date_formats={name: format for name, _, format in formats},
    )


def _show(table: Path, decisions: Decisions) -> None:
    """Print which role each column gets, and why."""
    frame, roles = decisions.table, decisions.roles
    title = f"{table}: {len(frame):,} rows, {len(frame.columns)} columns"
    rows = [
        {"column": role.name, "role": role.role, "missing": decisions.missing(role.name), "why": why}
        for role in roles[:MOST]
        for why in [_why(role.reason, decisions.declared.get(role.name, ""))]
    ]
    console.table(title, rows)
    if len(roles) > MOST:
        print(f"  and {len(roles) - MOST} more columns")
    for note in decisions.source.notes:
        print(f"  file: {note}")
    if how := duplicates(decisions)[1]:
        print(f"  split: {how}")
    for kind, doubt, names in alike(roles):
        print(f"  in doubt: {', '.join(names)} ({kind}): {doubt}")


def _why(reason: str, declared: str) -> str:
    text = "; ".join(part for part in (reason, declared) if part)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _say_next(planned: Plan, old_model: str) -> None:
    """Print which commands come next, and how to undo this one.

    Args:
        planned: what was written.
        old_model: the registered model that the project no longer makes; empty if it still makes it.
    """
    new = " ".join(str(path) for path in planned.created)
    print("next:")
    print("  dvc repro && pytest")
    print('  git add --all && git commit -m "Adopt the table"')
    print(f"  python -m {PACKAGE} drift NEW_DATA   # later, for the next month's rows")
    if old_model and REGISTRATION.is_file():
        print(f"the registered model {old_model} stays, with its aliases; to archive a version of it:")
        print(f"  python -m {PACKAGE} archive 1 --of {old_model} --force --reason TEXT")
    print("to undo, before the commit:")
    back = f" && dvc checkout --quiet {planned.was_tracked}" if planned.was_tracked else ""
    print(f"  git restore --staged --worktree . && git clean -fq {new}{back}")
