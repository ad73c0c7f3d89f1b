"""The project's plots of an evaluation, as PNG files, drawn without a display."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import UserError, in_a_line
from ..base.faults import asked
from ..base.files import write
from ..base.paths import PACKAGE
from ..base.spreadsheet import write_csv
from .evaluation import Evaluation

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Plot = Callable[[Evaluation, "Axes"], "pd.DataFrame | None"]

WHERE = f"{PACKAGE}/plots.py"
NAME = re.compile(r"[^\W_][\w -]*")  # a file name that every system allows


def draw(evaluation: Evaluation, plots: Mapping[str, Plot], folder: Path) -> None:
    """Write every picture, and the numbers behind it as CSV for `dvc plots`, into a folder.

    Args:
        evaluation: what to draw.
        plots: functions by the names of their files; each draws on axes, and returns a table if there is to
            be one.
        folder: the folder to write, in place of an existing one.

    Raises:
        UserError: a plot fails, or `plots` is something else.
    """
    if not isinstance(plots, Mapping):
        raise UserError(
            f"{WHERE}: PLOTS: needs to be a dictionary of functions by name; got {in_a_line(plots)}"
        )
    if wrong := [name for name in plots if not isinstance(name, str) or not NAME.fullmatch(name)]:
        raise UserError(
            f"{WHERE}: PLOTS: {wrong[0]!r} is not a valid file name: letters, digits, _ and - only"
        )
    write(folder, lambda new: _draw(evaluation, plots, new))


def _draw(evaluation: Evaluation, plots: Mapping[str, Plot], folder: Path) -> None:
    # pyplot would cost a third of a second and ask for a display
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    rcParams["text.parse_math"] = False  # a dollar sign in a name is only a dollar sign
    folder.mkdir()
    write_csv(evaluation.predictions, folder / "predictions.csv")
    write_csv(evaluation.importances, folder / "importances.csv")
    for name, plot in plots.items():
        figure = Figure(figsize=(6, 4.5), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        with asked(f"{WHERE}: {name}"):  # saving counts, too: what the plot drew may be impossible to render
            table = plot(evaluation, axes)
            if table is not None and (numbers := folder / f"{name}.csv").exists():
                raise UserError(
                    f"{WHERE}: {name}: {numbers.name} is evaluate's own: give the plot another name"
                )
            if table is not None:
                write_csv(table, numbers)
            # so that equal numbers give equal bytes
            figure.savefig(folder / f"{name}.png", dpi=120, metadata={"Software": None})
