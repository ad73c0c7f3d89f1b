"""What is drawn of an evaluation: add a function, and a line to PLOTS.

Each draws on axes. A table that it returns becomes a CSV file beside the picture, for `dvc plots`.
"""

import pandas as pd
from matplotlib.axes import Axes
from sklearn.metrics import roc_curve

from .engine.judging.evaluation import Evaluation
from .engine.judging.prediction import PROBABILITY

BLUE, GREY = "#1f5fa8", "#8a94a3"


def importances(evaluation: Evaluation, axes: Axes) -> None:
    """Draw the twenty most important features."""
    top = evaluation.importances.head(20).iloc[::-1]
    axes.barh(top["feature"], top["importance"], xerr=top["std"], color=BLUE, ecolor=GREY)
    axes.set(title="Permutation importance", xlabel="fall of the score when shuffled")


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
            # the first threshold is infinite, which is no JSON
            curve = {"class": name, "fpr": fpr, "tpr": tpr, "threshold": threshold.clip(max=1)}
            curves.append(pd.DataFrame(curve))
    if curves:
        axes.legend(loc="lower right", frameon=False)
    axes.set(
        title="ROC, each class against the rest", xlabel="false positive rate", ylabel="true positive rate"
    )
    return pd.concat(curves) if curves else pd.DataFrame(columns=["class", "fpr", "tpr", "threshold"])


PLOTS = {"importances": importances, "confusion": confusion, "roc": roc}
