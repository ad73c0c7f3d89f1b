"""Which of several models to choose: no model is both better and faster than one on the Pareto front."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .. import project
from ..base.errors import UserError
from ..params import Params
from ..registry.contenders import Contender, last
from ..tracking import store

LAST = 20  # the number of runs, unless the user gives one
ROW, BATCH = "latency_ms", "batch_latency_ms"
TYPE = "model.type"


@dataclass(frozen=True)
class Choice:
    """Runs to choose from.

    Attributes:
        metric: the primary metric.
        greater: whether a greater value is better.
        runs: the runs that have the metric and a latency, the best first.
        elsewhere: those of them that were tested on other rows than the first run that was given.
        like: the name of that first run.
        front: the runs that no other run beats, the fastest first.
        lacking: how many runs have no value of the metric, or no latency.
    """

    metric: str
    greater: bool
    runs: list[Contender]
    elsewhere: list[Contender]
    like: str
    front: list[Contender]
    lacking: int

    def quality(self, run: Contender) -> float:
        """Return a run's primary metric with a sign that makes more better."""
        return run.metrics[self.metric] * (1 if self.greater else -1)

    def better_and_faster(self, run: Contender) -> list[Contender]:
        """Return the runs on the front that beat a run."""
        return [other for other in self.front if _beats(self, other, run)]


def choose(contenders: Sequence[Contender], metric: str, greater: bool) -> Choice:
    """Compare runs by a metric and by the latency of a row.

    Args:
        contenders: the runs; those that were tested on the same rows as the first one are compared.
        metric: the primary metric.
        greater: whether a greater value of it is better.
    """
    runs = [run for run in contenders if metric in run.metrics and run.metrics.get(ROW, 0) > 0]
    like = runs[0] if runs else None
    choice = Choice(metric, greater, [], [], like.name if like else "", [], len(contenders) - len(runs))
    runs.sort(key=lambda run: (-choice.quality(run), run.metrics[ROW]))
    same = [run for run in runs if like and run.test_rows == like.test_rows]
    front = [run for run in same if not any(_beats(choice, other, run) for other in same)]
    elsewhere = [run for run in runs if run not in same]
    front.sort(key=lambda run: run.metrics[ROW])
    return replace(choice, runs=[*same, *elsewhere], elsewhere=elsewhere, front=front)


def of_last_runs(params: Params, current: str) -> tuple[Choice | None, str]:
    """Return the last runs to choose from; or None, and why there is nothing to compare.

    Args:
        params: they have the primary metric, and the name of the registered model.
        current: the id of the run that the others are compared with; empty for the latest one.
    """
    metric = params.evaluate.primary_metric
    try:
        with store.opened() as client:
            runs = last(client, LAST, params.register_.name, current)
    except UserError:
        return None, "The tracking store cannot be reached."
    choice = choose(runs, metric, project.greater_is_better()[metric])
    return (choice, "") if choice.runs else (None, "No run has been evaluated yet: `dvc repro`.")


def differing(runs: Sequence[Contender]) -> dict[str, dict[str, str]]:
    """Return, by run id, the parameters that differ between runs.

    A parameter of a model type is compared between the runs of that type, since others do not have it.
    """
    shown: dict[str, dict[str, str]] = {run.run_id: {} for run in runs}
    for name in sorted({name for run in runs for name in run.params} - {TYPE}):
        among = [run for run in runs if not _is_of_a_type(name) or name in _own(run)]
        if len({run.params.get(name) for run in among}) > 1:
            for run in among:
                shown[run.run_id][name] = run.params.get(name, "-")
    return shown


def milliseconds(value: float | None) -> str:
    """Format a latency with three digits or as a whole number; `-` if it was not measured."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _is_of_a_type(name: str) -> bool:
    return name.startswith("model.") and name.count(".") > 1


def _own(run: Contender) -> list[str]:
    """List the names of the parameters of a run's own model type."""
    return [name for name in run.params if name.startswith(f"model.{run.type}.")]


def _beats(choice: Choice, one: Contender, other: Contender) -> bool:
    """Tell whether one run is at least as good and as fast as another, and better or faster."""
    better = choice.quality(one) - choice.quality(other)
    faster = other.metrics[ROW] - one.metrics[ROW]
    return better >= 0 and faster >= 0 and (better > 0 or faster > 0)
