"""Compare evaluated runs by quality and latency, to choose a model.

Without a RUN, it compares the last runs, and those of the champion and the challenger. It writes a page with
a plot of the primary metric against the time that one thread takes to predict a row. On its Pareto front are
the runs that no other run beats in one of the two without being worse in the other.
"""

from argparse import ArgumentParser, Namespace
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import project
from ..base import console
from ..base.errors import UserError
from ..base.files import write_text
from ..base.paths import COMPARISON
from ..base.text import megabytes
from ..judging.inspection import BATCH as BATCH_ROWS
from ..registry.contenders import Contender, last, named, with_sizes
from ..reporting import revision
from ..reporting.choice import BATCH, LAST, ROW, Choice, choose, differing, milliseconds
from ..reporting.choice_page import page, sentence
from ..tracking import store
from .options import add_json, print_json, whole


def add_arguments(parser: ArgumentParser) -> None:
    """Add the runs, where the page goes, and the form of the output."""
    parser.add_argument(
        "runs", nargs="*", metavar="RUN", help="a run's id, its first digits, or a version: 3, @champion"
    )
    parser.add_argument(
        "--last", type=whole(1), metavar="N", help=f"the last N runs, if no RUN is named (default: {LAST})"
    )
    parser.add_argument(
        "--output", type=Path, default=COMPARISON, metavar="FILE", help=f"default: {COMPARISON}"
    )
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    if arguments.runs and arguments.last:
        raise UserError("--last: is for a comparison without RUN; leave out one of the two")
    params = project.load_params()
    metric, model = params.evaluate.primary_metric, params.register_.name
    directions = project.greater_is_better()
    with store.opened() as client:
        if arguments.runs:
            runs = named(client, arguments.runs, model)
        else:
            runs = last(client, arguments.last or LAST, model, revision.in_workspace().run_id)
        choice = choose(with_sizes(client, runs), metric, directions[metric])
    if not choice.runs:
        raise UserError(_nothing(len(runs), metric))
    title = f"{store.experiment_name()}: {_runs(len(choice.runs))} compared"
    made = f"{datetime.now():%Y-%m-%d %H:%M}"
    write_text(arguments.output, page(title, choice, BATCH_ROWS, list(directions), made))
    if arguments.json:
        print_json(described(choice))
    else:
        console.table(f"compare: {sentence(choice)}", table_rows(choice))
        console.summary("", {"page": arguments.output})


def _runs(count: int) -> str:
    return f"{count} run{'s' * (count != 1)}"


def _nothing(count: int, metric: str) -> str:
    if not count:
        return "no run has been evaluated yet: `dvc repro`"
    return f"none of {_runs(count)} has {metric}, the primary metric, and a latency: `dvc repro -f evaluate`"


def described(choice: Choice) -> list[dict[str, Any]]:
    """Describe every run with all that is known about it, the best first."""
    params = differing(choice.runs)
    return [
        {
            "run": run.run_id,
            "name": run.name,
            "type": run.type,
            "aliases": list(run.versions),
            "pareto_front": run in choice.front,
            "same_test_rows": run not in choice.elsewhere,
            "metrics": dict(run.metrics),
            "bytes": run.size,
            "params": params[run.run_id],
        }
        for run in choice.runs
    ]


def table_rows(choice: Choice) -> list[dict[str, object]]:
    """Shorten the runs to rows of a table."""
    params = differing(choice.runs)
    return [
        {
            "run": run.run_id[:8],
            "name": run.name,
            "is": _marks(choice, run),
            choice.metric: run.metrics[choice.metric],
            "1 row, ms": milliseconds(run.metrics[ROW]),
            f"{BATCH_ROWS:,} rows, ms": milliseconds(run.metrics.get(BATCH)),
            "size": megabytes(run.size) or "-",
            "differs in": ", ".join(f"{name}={value}" for name, value in params[run.run_id].items()),
        }
        for run in choice.runs
    ]


def _marks(choice: Choice, run: Contender) -> str:
    marks = [f"@{alias}" for alias in run.versions]
    return " ".join([*marks, *["front"] * (run in choice.front), *["other rows"] * (run in choice.elsewhere)])
