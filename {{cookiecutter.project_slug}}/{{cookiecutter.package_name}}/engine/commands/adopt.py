"""Use your own table in place of the one that the project has.

Reads CSV in any separator and encoding, parquet, JSON, workbooks (.xlsx) and folders of parts. Decides what
each column is, and shows why; asks what only you know (without a terminal, options answer). Then DVC tracks
the table, and params.yaml, the expectations, dvc.yaml and the READMEs refer to it: `dvc repro` runs.

Everything has to be committed first, so that git can undo what this does: the last lines say how.
"""

from argparse import Namespace
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from ..adoption import questions, suite
from ..adoption.asking import all_questions, answered
from ..adoption.asking import questions as questions_of
from ..adoption.decisions import Decisions, decide_all
from ..adoption.equal import duplicates
from ..adoption.plan import Plan, carry_out, plan
from ..adoption.source import read_source
from ..adoption.wishes import Wishes
from ..adoption.writing import check_clean
from ..base import console
from ..base.errors import UserError
from ..base.paths import PACKAGE, REGISTRATION
from ..project import load_params
from ..table.roles import alike
from .adopt_options import add_arguments, wishes_of

__all__ = ["add_arguments", "main"]  # what `dispatch` asks a command for

LONGEST = 90  # characters of a reason that are shown
MOST = 40  # columns that are shown


def main(arguments: Namespace) -> None:
    """Run the command."""
    params, table = load_params(), arguments.table
    if arguments.expectations:
        suite.renew(params, arguments.write)
        return
    if table is None or arguments.target is None:
        raise UserError("say which table, and which column is predicted: adopt TABLE --target NAME")
    wishes = wishes_of(arguments, params.data.task)
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
