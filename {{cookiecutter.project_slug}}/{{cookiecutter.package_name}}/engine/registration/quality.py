"""How good a registered version is on the current data: its model goes through the gates again."""

from typing import TYPE_CHECKING

from ..base import console
from ..base.errors import UserError, kind_and_line
from ..base.text import masked
from ..judging.candidate import Candidate
from ..judging.champion import Champion, comparison, enough_new_rows
from ..judging.gate import Gate
from ..judging.gates import LATENCY
from ..judging.inspection import latency_ms
from ..judging.prediction import measure, predict
from ..judging.skill import measure_baseline
from ..judging.verdict import gates_of, read_groups
from ..params import Params
from ..registry.loading import input_columns, load
from ..registry.predecessors import Predecessors, difference
from ..registry.registry import CONTENT, Registry
from ..split.dataset import Dataset
from ..table.kind import TableKind
from ..tracking.rows import learned_by

if TYPE_CHECKING:
    import numpy as np
    from mlflow.entities.model_registry import ModelVersion
    from numpy.typing import NDArray

NEW_ROWS = ("test rows", "new to it, or `--force`")
SAME_TARGET = ("target", "that of params.yaml, with its classes")


def quality(models: Registry, version: "ModelVersion", params: Params) -> list[Gate]:
    """Put a version's model through the gates, on the current test rows that it has not learned from.

    Raises:
        UserError: the model cannot be loaded, or cannot predict these rows.
    """
    data = Dataset(params, every_column=True)
    names = [name for name in data.test_rows.columns if name != params.data.target]
    gates = [fits(input_columns(version), names)]
    if not gates[0].passed:
        return gates  # it cannot predict these rows
    if reason := difference(version, params.data, TableKind(params.data.target)):
        return [*gates, Gate(*SAME_TARGET, f"it {reason}", False)]
    before = Predecessors.of(models, params, version.tags.get(CONTENT, ""))
    gates += before.gates
    try:
        new = enough_new_rows(data.new_to(learned_by(models.client, version)))
    except UserError as error:
        return [*gates, Gate(*NEW_ROWS, str(error), None)]
    if not new.all():
        gates.append(Gate(*NEW_ROWS, f"{new.sum()} of {len(new)}", True))
    with console.working(f"scoring version {version.version} on {new.sum()} rows"):
        return [*gates, *gates_of(candidate(version, params, data, new, before.champion))]


def fits(takes: list[str], columns: list[str]) -> Gate:
    """Check that the table has the columns that a model takes.

    Args:
        takes: the model's columns; empty if it does not say.
        columns: the columns of the current table, without the target.
    """
    missing = [name for name in takes if name not in columns]
    got = f"{len(takes)} columns" if takes else "the version does not say which columns it takes"
    if missing:
        got = f"the table lacks {', '.join(missing)}"
    return Gate("columns", "those that the table has", got, bool(takes) and not missing)


def candidate(
    version: "ModelVersion",
    params: Params,
    data: Dataset,
    new: "NDArray[np.bool_]",
    champion: Champion | None,
) -> Candidate:
    """Score a version's model.

    The baseline is fitted to the target of the current training rows. These rows are not scored, and a
    version that is worse than their mean is useless, whatever rows it has learned from.

    Args:
        version: the version to score.
        params: the current parameters.
        data: the current table.
        new: which of its test rows the model has not learned from.
        champion: the champion to compare with, if there is one.

    Raises:
        UserError: it cannot be loaded, or cannot predict these rows.
    """
    test = data.test_rows if new.all() else data.test_rows[new]
    rows, actual = test.drop(columns=params.data.target), test[params.data.target]
    try:
        model = load(version)
        predictions = predict(model, rows, actual)
        metrics = {**measure(predictions), LATENCY: latency_ms(model, rows[input_columns(version)])}
    except Exception as error:  # an old model can fail in any way on current rows
        reason = masked(kind_and_line(error))
        raise UserError(f"version {version.version} cannot be scored on the test rows: {reason}") from None
    return Candidate(
        metrics=metrics,
        primary_metric=params.evaluate.primary_metric,
        rules=params.register_,
        read_predictions=lambda: predictions,
        read_groups=lambda: read_groups(params, data, new),
        measure_baseline=lambda: measure_baseline(predictions, rows, data.train_target, params.split.seed),
        compare=comparison(champion, params, data, new),
    )
