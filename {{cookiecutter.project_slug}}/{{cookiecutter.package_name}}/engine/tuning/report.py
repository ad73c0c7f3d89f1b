"""What a search has achieved, while it runs and when it has ended."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .study import Study


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


def draw(study: Study, folder: Path) -> None:
    """Plot the history of a search and, if there are enough trials, how important each parameter is.

    The importances are of the best trial's parameters, from the complete trials that have all of them
    (fANOVA: F. Hutter et al., ICML 2014).

    Args:
        study: with a complete trial.
        folder: for the PNG files; replaced.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from optuna.trial import TrialState
    from optuna.visualization import matplotlib as plots

    def save(name: str) -> None:
        figure = pyplot.gcf()
        figure.set_size_inches(8, 5)
        figure.savefig(folder / name, bbox_inches="tight")
        pyplot.close(figure)

    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    plots.plot_optimization_history(study.optuna)
    save("history.png")
    complete = study.optuna.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    names = list(study.optuna.best_trial.params)
    scores = {trial.value for trial in complete if set(names) <= set(trial.params)}
    if len(names) > 1 and len(scores) > 1:
        plots.plot_param_importances(study.optuna, params=names)
        save("importances.png")
