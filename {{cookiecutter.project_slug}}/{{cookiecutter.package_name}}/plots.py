"""What is drawn of an evaluation: add a function, and a line to PLOTS.

Each draws on axes. A table that it returns becomes a CSV file beside the picture.
"""

{% if cookiecutter.task == 'classification' -%}
import pandas as pd
from matplotlib.axes import Axes
from sklearn.metrics import roc_curve
{%- else -%}
from matplotlib.axes import Axes
{%- endif %}

from .engine.judging.evaluation import Evaluation
{%- if cookiecutter.task == 'classification' %}
from .engine.judging.prediction import PROBABILITY
{%- endif %}

BLUE, GREY = "#1f5fa8", "#8a94a3"


def importances(evaluation: Evaluation, axes: Axes) -> None:
    """Draw the twenty most important features."""
    top = evaluation.importances.head(20).iloc[::-1]
    axes.barh(top["feature"], top["importance"], xerr=top["std"], color=BLUE, ecolor=GREY)
    axes.set(title="Permutation importance", xlabel="fall of {% if cookiecutter.task == 'classification' %}the accuracy{% else %}R2{% endif %} when shuffled")

{% if cookiecutter.task == 'classification' %}
def confusion(evaluation: Evaluation, axes: Axes) -> None:
    """Draw how often each class was taken for each other."""
    counts = pd.crosstab(evaluation.predictions["actual"], evaluation.predictions["predicted"])
    labels = sorted({*counts.index, *counts.columns})
    counts = counts.reindex(index=labels, columns=labels, fill_value=0)
    axes.imshow(counts, cmap="Blues")
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    half = counts.to_numpy().max() / 2
    for row, of_row in enumerate(counts.to_numpy()):
        for column, count in enumerate(of_row):
            ink = "white" if count > half else "black"
            axes.text(column, row, count, ha="center", va="center", color=ink)
    axes.set(title="Confusion matrix", xlabel="predicted", ylabel="actual")


def roc(evaluation: Evaluation, axes: Axes) -> pd.DataFrame:
    """Draw each class's receiver operating characteristic against the rest.

    Returns:
        Rows of `class`, `fpr`, `tpr`, `threshold`; none if there are no probabilities.
    """
    axes.plot([0, 1], [0, 1], linestyle=":", color=GREY)
    curves = []
    for column in evaluation.predictions.filter(regex=f"^{PROBABILITY}"):
        name = str(column).removeprefix(PROBABILITY)
        truth = evaluation.predictions["actual"] == name
        if truth.any() and not truth.all():
            fpr, tpr, threshold = roc_curve(truth, evaluation.predictions[column])
            axes.plot(fpr, tpr, label=name)
            # the first threshold is infinite, which is not JSON
            curve = {"class": name, "fpr": fpr, "tpr": tpr, "threshold": threshold.clip(max=1)}
            curves.append(pd.DataFrame(curve))
    if curves:
        axes.legend(loc="lower right", frameon=False)
    axes.set(
        title="ROC, each class against the rest", xlabel="false positive rate", ylabel="true positive rate"
    )
    return pd.concat(curves) if curves else pd.DataFrame(columns=["class", "fpr", "tpr", "threshold"])


PLOTS = {"importances": importances, "confusion": confusion, "roc": roc}
{%- else %}
def predictions(evaluation: Evaluation, axes: Axes) -> None:
    """Draw predictions over actual values: a perfect model's points lie on the line."""
    table = evaluation.predictions
    ends = [table.to_numpy().min(), table.to_numpy().max()]
    axes.plot(ends, ends, linestyle=":", color=GREY)
    axes.scatter(table["actual"], table["predicted"], s=16, alpha=0.6, color=BLUE)
    axes.set(title="Predicted and actual", xlabel="actual", ylabel="predicted")


def residuals(evaluation: Evaluation, axes: Axes) -> None:
    """Draw how far off the predictions are, over what was predicted."""
    table = evaluation.predictions
    axes.axhline(0, linestyle=":", color=GREY)
    left = table["actual"] - table["predicted"]
    axes.scatter(table["predicted"], left, s=16, alpha=0.6, color=BLUE)
    axes.set(title="Residuals", xlabel="predicted", ylabel="actual - predicted")


PLOTS = {"importances": importances, "predictions": predictions, "residuals": residuals}
{%- endif %}
