"""The page for choosing a model: a plot of quality against latency, and a table of the runs."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from ..base.markdown import code as text
from ..base.markdown import table as markdown_table
from ..base.text import megabytes
from ..pages.parts import PLAIN, badge, code, heading, join, paragraph, section, small, table, verdict
from ..pages.parts import page as html_page
from ..pages.scatter import Point, scatter
from ..registry.contenders import Contender
from .choice import BATCH, ROW, Choice, differing, milliseconds

NONE = "-"


def page(title: str, choice: Choice, batch: int, metrics: Sequence[str], made: str) -> str:
    """Render the page: one file that loads nothing, for a light and a dark screen, and for paper.

    Args:
        title: the page's title.
        choice: the runs.
        batch: how many rows a batch has.
        metrics: the names of the metrics that have a column besides the primary one.
        made: when the page was made.
    """
    return html_page(
        title,
        heading(title),
        verdict(sentence(choice), PLAIN),
        paragraph(" ".join(notes(choice))),
        picture(choice, ""),
        section("The runs", runs_table(choice, batch, metrics)),
        paragraph(small(f"made {made}")),
    )


def sentence(choice: Choice, shown: Callable[[str], str] = str) -> str:
    """Say which runs are worth choosing, and whether the champion is one of them.

    Args:
        choice: the runs.
        shown: formats the name of a run or of an alias.
    """
    count, of = len(choice.front), len(choice.runs) - len(choice.elsewhere)
    are = "is" if count == 1 else "are"
    parts = [
        f"{count} of {of} run{'s' * (of != 1)} {are} on the Pareto front: no other is both better and faster"
    ]
    for alias in ("champion", "challenger"):
        run = next((run for run in choice.runs if alias in run.versions), None)
        if run in choice.elsewhere:
            parts.append(f"{shown(f'@{alias}')} was tested on other rows")
        elif run in choice.front:
            parts.append(f"{shown(f'@{alias}')} is on it")
        elif run and (beaten := choice.better_and_faster(run)):
            parts.append(f"{shown(f'@{alias}')} is not: {shown(beaten[0].name)} beats it")
    return "; ".join(parts)


def notes(choice: Choice, shown: Callable[[str], str] = str) -> list[str]:
    """Say what the comparison leaves out, and what a latency is; `shown` formats the name of a run."""
    parts = ["Latency is the time that one thread takes to predict, on the machine of each run."]
    if count := len(choice.elsewhere):
        tested = "run that was tested" if count == 1 else "runs that were tested"
        parts.append(
            f"Hollow marks: {count} {tested} on other rows than {shown(choice.like)}; their metrics cannot "
            "be compared with those of the other runs."
        )
    if choice.lacking:
        have, are = ("run has", "is") if choice.lacking == 1 else ("runs have", "are")
        parts.append(f"{choice.lacking} {have} no {choice.metric} or no latency, and {are} left out.")
    return parts


def picture(choice: Choice, current: str) -> Markup:
    """Draw the primary metric against the latency of a row, by model type.

    Args:
        choice: the runs.
        current: the id of a run that is labelled in any case; empty if there is none.
    """
    points = [_point(choice, run, run.run_id == current) for run in choice.runs]
    line = [(run.metrics[ROW], run.metrics[choice.metric]) for run in choice.front]
    better = "more" if choice.greater else "less"
    return scatter(points, line, "latency of one row in ms", f"{choice.metric} ({better} is better)")


def _point(choice: Choice, run: Contender, current: bool) -> Point:
    aliases = " ".join([*(f"@{alias}" for alias in run.versions), *["(this one)"] * current])
    named = aliases or run in choice.front
    measured, latency = run.metrics[choice.metric], run.metrics[ROW]
    return Point(
        x=latency,
        y=measured,
        kind=run.type,
        title=f"{run.name} {aliases}: {choice.metric} {measured:.4g}, {milliseconds(latency)} ms".replace(
            " :", ":"
        ),
        label=f"{run.name} {aliases}".strip() if named else "",
        hollow=run in choice.elsewhere,
    )


def markdown(choice: Choice) -> str:
    """Return the front as markdown, for a comment, which cannot hold the picture."""
    head = ["run", "type", choice.metric, "1 row, ms"]
    rows = [
        [text(run.name), text(run.type), _number(run.metrics[choice.metric]), milliseconds(run.metrics[ROW])]
        for run in choice.front
    ]
    return f"{sentence(choice, text)}.\n\n{markdown_table(head, rows)}\n\n{' '.join(notes(choice, text))}"


def runs_table(choice: Choice, batch: int, metrics: Sequence[str]) -> Markup:
    """List the runs, the best first."""
    others = [name for name in metrics if name != choice.metric]
    costs = ["1 row, ms", f"{batch:,} rows, ms", "size"]
    head = ["run", "type", "", choice.metric, *costs, *others, "differs in"]
    params = differing(choice.runs)
    rows = [
        [
            join([run.name, " ", small(run.run_id[:8])]),
            run.type,
            _badges(choice, run),
            _number(run.metrics[choice.metric]),
            *(milliseconds(run.metrics.get(name)) for name in (ROW, BATCH)),
            megabytes(run.size) or NONE,
            *(_number(run.metrics.get(name)) for name in others),
            join([code(f"{name}: {value}") for name, value in params[run.run_id].items()], " "),
        ]
        for run in choice.runs
    ]
    return table(head, rows, numbers=range(3, len(head) - 1), style="cards")


def _badges(choice: Choice, run: Contender) -> Markup:
    marks = [f"@{alias}" for alias in run.versions]
    marks += ["Pareto front"] if run in choice.front else ["other test rows"] * (run in choice.elsewhere)
    return join([badge(mark) for mark in marks], " ")


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.4g}"
