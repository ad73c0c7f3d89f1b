"""The experiments of DVC that nobody has applied, the best first."""

from dataclasses import dataclass

from .. import project
from ..base import git
from ..base.paths import REGISTRATION
from ..lineage.experiments import all_experiments, metrics_at
from ..lineage.run_ids import workspace_run_ids

NEWEST = 200  # experiments that are looked at; each takes one call of git


@dataclass(frozen=True)
class Trial:
    """An experiment.

    Attributes:
        name: the experiment's name.
        value: the primary metric; None if it has none.
        started_here: whether it started from the commit that is checked out, so that `apply` takes it.
    """

    name: str
    value: float | None
    started_here: bool


def not_applied(metric: str) -> list[Trial]:
    """List experiments whose results are not those of the workspace, the best first.

    Args:
        metric: the primary metric.
    """
    applied, head = workspace_run_ids(), git.text("rev-parse", "HEAD")
    trials = []
    for experiment in all_experiments()[-NEWEST:]:
        if experiment.run_id in applied:
            continue
        value = metrics_at(experiment.commit).get(metric)
        number = float(value) if isinstance(value, int | float) else None
        trials.append(Trial(experiment.name, number, experiment.baseline == head))
    return sorted(trials, key=lambda trial: (trial.value is None, -_goodness(metric, trial.value)))


def unregistered() -> str:
    """Name the experiment that `dvc exp run` left in the workspace, whose model only `apply` registers.

        It must have started from the commit that is checked out: `apply` takes no other.

    Returns:
        The experiment's name; empty if there is none.
    """
    decision = REGISTRATION.read_text("utf-8") if REGISTRATION.exists() else ""
    if " apply " not in decision:  # as `register` skips an experiment's model
        return ""
    head = git.text("rev-parse", "HEAD")
    here = (experiment.name for experiment in all_experiments() if experiment.baseline == head)
    return next((name for name in here if f" apply {name}` " in decision), "")


def is_better(metric: str, value: float | None, than: float | None) -> bool:
    """Tell whether a value of a metric is better than another one; False if either is missing."""
    return value is not None and than is not None and _goodness(metric, value) > _goodness(metric, than)


def _goodness(metric: str, value: float | None) -> float:
    """Return a number that is greater for a better value."""
    return (value or 0.0) * (1 if project.greater_is_better().get(metric, True) else -1)
