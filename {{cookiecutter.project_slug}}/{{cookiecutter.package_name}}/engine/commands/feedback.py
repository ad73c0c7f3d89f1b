"""Score a server's answers against targets that became known later.

LABELS is a file in the format of the file at data.path. It has the target, the `request_id` of the answer
and, if a request had several rows, `request_row`: the row's place in its request, counted from 0. The rows
are joined with the requests that `serve --log-requests FOLDER` has kept. For each version that answered, the
metrics on them are shown beside those on its test rows, and logged as a run in the tracking store.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import console
from ..base.errors import UserError
from ..project import load_params
from ..registry.described import Described
from ..registry.registry import Registry
from ..serving.feedback import Labels, answers_in
from ..tracking import store
from ..tracking.feedback_run import log_feedback, test_metrics
from .options import add_json, print_json

if TYPE_CHECKING:
    from mlflow import MlflowClient


def add_arguments(parser: ArgumentParser) -> None:
    """Add the labels and the requests."""
    parser.add_argument("labels", type=Path, metavar="LABELS")
    parser.add_argument(
        "--requests",
        type=Path,
        default=Path("requests"),
        metavar="FOLDER",
        help="what `serve --log-requests` has kept, or a part of it (default: requests)",
    )
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        params = load_params()
        labels = Labels(arguments.labels, params)
        models = Registry(client, params.register_.name)
        scores = _scores(client, models, labels, arguments.requests)
    if arguments.json:
        print_json({"versions": scores, "left_out": labels.notes})
        return
    for score in scores:
        title = f"feedback: {params.register_.name} version {score['version']}"
        console.table(title, _rows(score))
        console.summary("", {"rows": f"{score['rows']:,}, {score['since']} to {score['until']} (UTC)"})
        console.summary("", {"MLflow run": score["url"]})
    if labels.notes:
        console.summary("left out", {why: f"{count:,}" for why, count in labels.notes.items()})


def _scores(client: "MlflowClient", models: Registry, labels: Labels, requests: Path) -> list[dict[str, Any]]:
    """Score each version that has answered, and log the scores.

    Raises:
        UserError: nothing can be scored.
    """
    scores = []
    for number, answers in answers_in(requests, models.name).items():
        version = models.find(number)
        if version is None:
            labels.skip(answers, f"rows of version {number}, which is no longer registered")
            continue
        live = labels.scored(answers, Described(version))
        if live is None:
            continue
        tested = test_metrics(client, version)
        test = {name: tested[name] for name in live.metrics if name in tested}
        score = {
            "version": live.version,
            "rows": live.rows,
            "since": live.since,
            "until": live.until,
            "live": live.metrics,
            "test": test,
        }
        scores.append({**score, "url": log_feedback(client, version, labels.path, score)})
    labels.note_others()
    if not scores:
        reasons = "".join(f"; {count:,} {why}" for why, count in labels.notes.items())
        raise UserError(f"{labels.path}: no row is the target of a request in {requests}{reasons}")
    return scores


def _rows(score: dict[str, Any]) -> list[dict[str, object]]:
    test = score["test"]
    return [
        {"metric": name, "live": f"{value:.4g}", "test": f"{test[name]:.4g}" if name in test else ""}
        for name, value in score["live"].items()
    ]
