"""The pictures of an evaluation, as PNG files, drawn without a display."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..cells import write_csv
from ..files import write
{%- if cookiecutter.task == 'classification' %}
from .metrics import PROBABILITY
{%- endif %}

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, GREY = "#1f5fa8", "#8a94a3"


def draw(predictions: "pd.DataFrame", features: "pd.DataFrame", folder: Path) -> None:
    """Write every picture, and the numbers behind it as CSV for `dvc plots`, into a folder.

    Args:
        predictions: from `metrics.predict`.
        features: from `inspection.importances`.
        folder: replaced by a new one.
    """
    write(folder, lambda new: _draw(predictions, features, new))


def _draw(predictions: "pd.DataFrame", features: "pd.DataFrame", folder: Path) -> None:
    folder.mkdir()
    write_csv(predictions, folder / "predictions.csv")
    write_csv(features, folder / "importances.csv")
    _importances(features, folder / "importances.png")
{%- if cookiecutter.task == 'classification' %}
    curves = roc(predictions)
    write_csv(curves, folder / "roc.csv")
    _roc(curves, folder / "roc.png")
    _confusion(predictions, folder / "confusion.png")
{%- else %}
    _actual_and_predicted(predictions, folder / "predictions.png")
    _residuals(predictions, folder / "residuals.png")
{%- endif %}

{% if cookiecutter.task == 'classification' %}
def _confusion(predictions: "pd.DataFrame", path: Path) -> None:
    """Draw how often each class was taken for each other."""
    import pandas as pd

    counts = pd.crosstab(predictions["actual"], predictions["predicted"])
    labels = sorted({*counts.index, *counts.columns})
    counts = counts.reindex(index=labels, columns=labels, fill_value=0)
    figure, axes = _axes("Confusion matrix", "predicted", "actual")
    axes.imshow(counts, cmap="Blues")
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    half = counts.to_numpy().max() / 2
    for row, of_row in enumerate(counts.to_numpy()):
        for column, count in enumerate(of_row):
            ink = "white" if count > half else "black"
            axes.text(column, row, count, ha="center", va="center", color=ink)
    _save(figure, path)


def roc(predictions: "pd.DataFrame") -> "pd.DataFrame":
    """Compute each class's receiver operating characteristic against the rest.

    Returns:
        Rows of `class`, `fpr`, `tpr`, `threshold`; none if there are no probabilities.
    """
    import pandas as pd
    from sklearn.metrics import roc_curve

    curves = []
    for column in predictions.filter(regex=f"^{PROBABILITY}"):
        name = str(column).removeprefix(PROBABILITY)
        truth = predictions["actual"] == name
        if truth.any() and not truth.all():
            fpr, tpr, threshold = roc_curve(truth, predictions[column])
            # the first threshold is infinite, which is no JSON
            curves.append(
                pd.DataFrame({"class": name, "fpr": fpr, "tpr": tpr, "threshold": threshold.clip(max=1)})
            )
    return pd.concat(curves) if curves else pd.DataFrame(columns=["class", "fpr", "tpr", "threshold"])


def _roc(curves: "pd.DataFrame", path: Path) -> None:
    """Draw the table of `roc`."""
    figure, axes = _axes("ROC, each class against the rest", "false positive rate", "true positive rate")
    axes.plot([0, 1], [0, 1], linestyle=":", color=GREY)
    for name, curve in curves.groupby("class"):
        axes.plot(curve["fpr"], curve["tpr"], label=str(name))
    if len(curves):
        axes.legend(loc="lower right", frameon=False)
    _save(figure, path)
{% else %}
def _actual_and_predicted(predictions: "pd.DataFrame", path: Path) -> None:
    """Draw predictions over actual values: a perfect model's points lie on the line."""
    figure, axes = _axes("Predicted and actual", "actual", "predicted")
    ends = [predictions.to_numpy().min(), predictions.to_numpy().max()]
    axes.plot(ends, ends, linestyle=":", color=GREY)
    axes.scatter(predictions["actual"], predictions["predicted"], s=16, alpha=0.6, color=BLUE)
    _save(figure, path)


def _residuals(predictions: "pd.DataFrame", path: Path) -> None:
    """Draw how far off the predictions are, over what was predicted."""
    figure, axes = _axes("Residuals", "predicted", "actual - predicted")
    axes.axhline(0, linestyle=":", color=GREY)
    left = predictions["actual"] - predictions["predicted"]
    axes.scatter(predictions["predicted"], left, s=16, alpha=0.6, color=BLUE)
    _save(figure, path)
{% endif %}

def _importances(table: "pd.DataFrame", path: Path) -> None:
    """Draw the twenty most important features of `inspection.importances`."""
    top = table.head(20).iloc[::-1]
    figure, axes = _axes("Permutation importance", "fall of the score when shuffled", "")
    axes.barh(top["feature"], top["importance"], xerr=top["std"], color=BLUE, ecolor=GREY)
    _save(figure, path)


def _axes(title: str, x: str, y: str) -> "tuple[Figure, Axes]":
    # pyplot would cost a third of a second and ask for a display
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    rcParams["text.parse_math"] = False  # a dollar sign in a name is a dollar sign
    figure = Figure(figsize=(6, 4.5), layout="constrained")
    axes = figure.add_subplot(title=title, xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: "Figure", path: Path) -> None:
    figure.savefig(path, dpi=120, metadata={"Software": None})  # the same bytes for the same numbers
