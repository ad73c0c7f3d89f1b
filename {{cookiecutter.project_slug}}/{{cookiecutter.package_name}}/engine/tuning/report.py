"""What a search has achieved, while it runs and when it has ended."""

import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from .study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, GREY = "#1f5fa8", "#8a94a3"  # those of plots.py
ENOUGH = 10  # complete trials for the importance of parameters: the best tenth is one of them


def counts(study: Study) -> str:
    """Count the trials by how they ended, and give the best score, in a line."""
    trials, best = study.finished(), study.best()
    pruned, failed = sum(trial.pruned for trial in trials), sum(bool(trial.failure) for trial in trials)
    text = f"{len(trials)}: {len(trials) - pruned - failed} complete, {pruned} pruned, {failed} failed"
    return text if best is None else f"{text}; best {best.score:.4g}"


@contextmanager
def progress(trials: int, study: Study) -> Iterator[Callable[[], None]]:
    """Show a progress bar, on a terminal only; yields a callable that advances it by a trial."""
    from rich.console import Console
    from rich.progress import (
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    terminal = Console(stderr=True)
    columns = (
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[best]}"),
    )
    with Progress(*columns, console=terminal, disable=not terminal.is_terminal, transient=True) as bar:
        task = bar.add_task("trials", total=trials, best="")

        def advance() -> None:
            best = study.best()
            bar.update(task, advance=1, best="" if best is None else f"best {best.score:.4g}")

        yield advance


def draw(study: Study, folder: Path, metric: str) -> None:
    """Plot the history of a search and, if there are enough trials, how important each parameter is.

    The importance of a parameter says how much it mattered for being among the best tenth of the complete
    trials (PED-ANOVA: S. Watanabe et al., IJCAI 2023, https://arxiv.org/abs/2304.10255; for parameters that
    only one model type has: https://arxiv.org/abs/2601.20800).

    Args:
        study: the study with a complete trial.
        folder: for the PNG files; replaced.
        metric: what the trials are scored by.
    """
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
    from optuna.trial import TrialState

    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    with _figure(folder / "history.png") as axes:
        draw_history(study, axes, metric)
    complete = study.optuna.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    names = {name for trial in complete for name in trial.params}
    if len(names) > 1 and len(complete) >= ENOUGH and len({trial.value for trial in complete}) > 1:
        with warnings.catch_warnings(action="ignore"):  # of a model type with one trial
            shares = get_param_importances(study.optuna, evaluator=PedAnovaImportanceEvaluator())
        with _figure(folder / "importances.png") as axes:
            axes.barh(list(shares)[::-1], list(shares.values())[::-1], color=BLUE)
            axes.set(title="Importance of the parameters", xlabel=f"share, for the best tenth by {metric}")


@contextmanager
def _figure(path: Path) -> "Iterator[Axes]":
    """Yield axes in the style of the pictures of `evaluate`; write them as PNG afterwards."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    yield axes
    figure.savefig(path, dpi=120, metadata={"Software": None})


def draw_history(study: Study, axes: "Axes", metric: str) -> None:
    """Draw the score of each complete trial, and the best one until then."""
    from matplotlib.ticker import MaxNLocator

    complete = [trial for trial in study.finished() if trial.complete]
    numbers, scores = [trial.number for trial in complete], [trial.score for trial in complete]
    best = max if study.greater_is_better else min
    axes.scatter(numbers, scores, s=16, alpha=0.6, color=BLUE, label="a trial")
    axes.plot(
        numbers, list(accumulate(scores, best)), color=GREY, drawstyle="steps-post", label="the best so far"
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False)
    axes.set(title="How the search went", xlabel="trial", ylabel=metric)
