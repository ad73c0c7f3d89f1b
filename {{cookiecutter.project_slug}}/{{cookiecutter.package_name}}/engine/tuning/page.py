"""The page of a search: the best trial beside params.yaml as it is, the plots, and every trial."""

from collections.abc import Sequence
from pathlib import Path

from ..pages import parts
from ..pages.parts import badge, code, cut, join, section, small, table
from .trial import Trial

LISTED = 200  # trials, the best ones


def page(trials: Sequence[Trial], best: Trial, metric: str, greater: bool, pictures: Sequence[Path]) -> str:
    """Render the page: one file that loads nothing.

    Args:
        trials: the finished trials in their order; the first has the current parameters.
        best: the best of them.
        metric: the metric by which they are evaluated.
        greater: whether a greater value of it is better.
        pictures: PNG files, by name in the order in which they are shown.
    """
    current = trials[0]
    title = f"tune: {metric} {best.score:.4g} in trial {best.number}"
    better = best.number != current.number
    was = f"; with params.yaml as it is, {current.score:.4g}" if current.complete else ""
    said = f"{metric} is {best.score:.4g} in the best of {len(trials):,} trials{was}."
    said = said if better else "No trial is better than params.yaml is."
    complete = [trial for trial in trials if trial.complete]
    others = [trial for trial in trials if not trial.complete]
    ordered = [*sorted(complete, key=lambda trial: trial.score, reverse=greater), *others]
    more = f", the best {LISTED}" if len(ordered) > LISTED else ""
    return parts.page(
        title,
        parts.heading(title),
        parts.verdict(said, parts.GOOD if better else parts.PLAIN),
        section("The best trial", _values(current, best)),
        section("How the search went", parts.pictures(pictures)) if pictures else "",
        section(f"All trials{more}", _trials(ordered[:LISTED], metric)),
    )


def _values(current: Trial, best: Trial) -> str:
    """List the values of the best trial, beside those of params.yaml."""
    was = current.values_by_name
    rows = [
        [name, code(str(was[name])) if name in was else "", code(str(value))]
        for name, value in best.values_by_name.items()
    ]
    return table(["parameter", "params.yaml", "best"], rows, style="cards")


def _trials(trials: Sequence[Trial], metric: str) -> str:
    rows = [[f"{trial.number}", _score(trial), _settings(trial)] for trial in trials]
    return table(["trial", metric, "values"], rows, numbers=[1], style="cards")


def _score(trial: Trial) -> str:
    if trial.complete:
        return f"{trial.score:.4g}"
    return badge("failed", parts.BAD) if trial.failure else badge("pruned")


def _settings(trial: Trial) -> str:
    if trial.failure:
        return cut(trial.failure)
    pairs = [join([small(f"{name} "), code(str(value))]) for name, value in trial.values_by_name.items()]
    return join(pairs, ", ")
