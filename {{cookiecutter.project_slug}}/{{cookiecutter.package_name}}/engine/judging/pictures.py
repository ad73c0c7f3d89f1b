"""The project's plots of an evaluation, as PNG files, drawn without a display."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import UserError, kind_and_line, refusal
from ..base.faults import fault
from ..base.files import write
from ..base.paths import PACKAGE
from ..base.spreadsheet import write_csv
from .evaluation import Evaluation

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Plot = Callable[[Evaluation, "Axes"], "pd.DataFrame | None"]


def draw(evaluation: Evaluation, plots: Mapping[str, Plot], folder: Path) -> None:
    """Write every picture, and the numbers behind it as CSV for `dvc plots`, into a folder.

    Args:
        evaluation: what is drawn.
        plots: by the names of their files, functions that draw on axes, and return a table if there is to
            be one.
        folder: replaced by a new one.
    """
    write(folder, lambda new: _draw(evaluation, plots, new))


def _draw(evaluation: Evaluation, plots: Mapping[str, Plot], folder: Path) -> None:
    # pyplot would cost a third of a second and ask for a display
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    rcParams["text.parse_math"] = False  # a dollar sign in a name is a dollar sign
    folder.mkdir()
    write_csv(evaluation.predictions, folder / "predictions.csv")
    write_csv(evaluation.importances, folder / "importances.csv")
    for name, plot in plots.items():
        figure = Figure(figsize=(6, 4.5), layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        try:
            table = plot(evaluation, axes)
            if table is not None:
                write_csv(table, folder / f"{name}.csv")
            # the same bytes for the same numbers
            figure.savefig(folder / f"{name}.png", dpi=120, metadata={"Software": None})
        except Exception as error:  # one of the user's own; or what it drew cannot be put on paper
            if refusal(error):
                raise
            message = fault(error) or f"{PACKAGE}/plots.py: {name}: {kind_and_line(error)}"
            raise UserError(message) from error
