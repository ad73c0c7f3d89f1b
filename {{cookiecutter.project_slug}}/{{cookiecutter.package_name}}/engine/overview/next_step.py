"""The one command that `status` proposes."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..base.paths import PACKAGE, VALIDATION_FAILED_PAGE
from .trials import Trial, is_better
from .workspace import Workspace


def next_step(
    here: Workspace, versions: Mapping[str, Mapping[str, Any]], trials: Sequence[Trial], metric: str
) -> str:
    """Return the next command, and why.

    Args:
        here: the workspace.
        versions: the version with each alias, by alias; empty if the store cannot be reached.
        trials: the experiments that nobody has applied, the best first.
        metric: the primary metric.
    """
    command = f"python -m {PACKAGE}"
    if VALIDATION_FAILED_PAGE.exists() and here.stale:
        return f"open {VALIDATION_FAILED_PAGE}: the data failed validation; correct the data or the suite"
    if here.missing:
        return f"{command} pull: {here.missing[0]} is not here"
    if here.stale:
        return f"dvc repro: {', '.join(here.stale)}"
    if here.unregistered:
        return f"{command} apply {here.unregistered}: registers its model, as it cannot after a commit"
    if here.edited:
        return "git add --all && git commit: the results belong to files that are not committed"
    if here.not_pushed:
        return f"share the data: {here.not_pushed}"  # which says how: pushed, or a remote that can be used
    best = next(iter(trials), None)
    if best and best.started_here and is_better(metric, best.value, here.results.metrics.get(metric)):
        return f"{command} apply {best.name}: its {metric} is better"
    if "challenger" in versions:
        return f"{command} promote --reason TEXT: version {versions['challenger']['version']} awaits approval"
    return f"dvc exp run -S model.type=TYPE, or {command} tune: everything is up to date"
