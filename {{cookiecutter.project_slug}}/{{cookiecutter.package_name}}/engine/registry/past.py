"""What new rows are compared with: the rows that a version was trained and tested on, or those of a file."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..drift import before, predictions
from ..drift.column import PREDICTION, Before
from ..drift.comparison import compare
from ..drift.counting import Counts
from ..drift.result import Result
from ..drift.rows import ROLES, NewRows, Part
from ..drift.sample import sampled_of
from ..params import Data, Params
from ..scoring.expected import Expected
from ..scoring.reading import readable
from ..table.description import Description
from ..table.parts import as_frame, columns_in, read_tables
from ..table.reading import check_columns
from ..table.roles import declared_role, infer_roles
from ..table.types import to_types
from .described import Described

if TYPE_CHECKING:
    import pandas as pd

# why predictions for the project's own table are not compared with those for the test rows
OWN = "not compared: the model has learned from rows of this table, and predicts them better than other rows"


@dataclass(frozen=True)
class Past:
    """What new rows are compared with.

    Attributes:
        name: the name of the version or the file.
        expected: the columns that new rows need, and the target, and how they are written.
        target: the target, which new rows may have.
        columns, predictions: how they were distributed.
        model: the model that makes the predictions; None if there are none.
        note: why there are no predictions; empty if there are some.
    """

    name: str
    expected: Expected
    target: str
    columns: list[Before]
    predictions: list[Before]
    model: Described | None
    note: str = ""

    @property
    def model_id(self) -> str:
        """The id of the logged model whose version it is; empty if there is none."""
        return self.model.model_id if self.model else ""


def past_of(reference: Described | Path, model: Described | None, params: Params) -> Past:
    """Describe a version, or the rows of a file.

    Args:
        reference: the version, or the path of the file.
        model: the model whose predictions are compared; None if none are.
        params: they say how a file is written.

    Raises:
        UserError: the file cannot be read, or the version does not say what it was trained on.
    """
    roles, target = (model.roles if model else {}), params.data.target
    knows = reference if isinstance(reference, Described) else model
    if isinstance(reference, Described):
        roles, target = roles | reference.roles, str(reference.known["target"]["name"])
        expected = expected_with_target(knows, roles, target, params.data)
        columns = reference.columns(params.split.time)
        predicted = model.predicted if model else {}
    else:
        roles = roles or _declared(reference, params)
        expected = expected_with_target(knows, roles, target, params.data)
        rows = (part.table for part in NewRows(reference, expected, target).parts())
        sampled = sampled_of(rows, roles)
        columns = before.of_file(sampled, roles, params)
        if model and _is_own(reference, params):
            predicted = model.predicted
        else:
            predicted = predictions.describe(model.predict(sampled.rows)) if model else {}
    why = "the model does not say what it predicted for the test rows" if model else "there is no model"
    note = "" if predicted else why
    return Past(str(reference), expected, target, columns, predictions.before(predicted), model, note)


def look(past: Past, params: Params, path: Path) -> tuple[Result, Description]:
    """Compare the rows of a file.

    Args:
        past: what they are compared with.
        params: they say how the file is written, and have the thresholds.
        path: the file's path.

    Returns:
        The result, and what kind of table the file holds.

    Raises:
        UserError: the file cannot be read, or lacks a column.
    """
    new = NewRows(path, past.expected, past.target)
    predicted, note = (
        ([], OWN) if _is_own(path, params) and past.predictions else (past.predictions, past.note)
    )
    counted = [(column, Counts(column.reference)) for column in [*past.columns, *predicted]]
    unpredicted = 0
    for part in new.parts():
        made = _predictions(past.model, part) if past.model and predicted else {}
        unpredicted += 0 if made else len(part.table)
        for column, counts in counted:
            values = made if column.kind == PREDICTION else part.table
            if column.name in values:
                counts.add(before.comparable(values[column.name], column))
    if predicted and unpredicted:
        note = f"not compared for {unpredicted:,} rows of other versions, which lack a column"
    seen = [(column, counts) for column, counts in counted if counts.rows]
    notes = new.notes() | ({"predictions": note} if note else {})
    rows, compared = max(column.rows for column, _ in seen), compare(seen, params.drift)
    return Result(path, new.description.rows, past.name, rows, compared, params.drift, notes), new.description


def _predictions(model: Described, part: Part) -> "dict[str, pd.Series[Any]]":
    """Return what a version predicts for some rows or, if they are requests, what it answered.

    Empty if it would need a column that was not kept with them.
    """
    if part.predicted is not None and part.version == str(model.version.version):
        return predictions.columns_of(part.predicted)
    if not model.roles.keys() <= set(part.table.columns):
        return {}
    return predictions.columns_of(model.predict(part.table))


def expected_with_target(knows: Described | None, roles: dict[str, str], target: str, data: Data) -> Expected:
    """Describe what new rows have to be like, with the target.

    Args:
        knows: the version that says how cells are written; None if params.yaml does.
        roles: the roles of the columns that the rows need.
        target: the target, which they may have.
        data: the block of params.yaml.
    """
    of_target = "categorical" if data.task == "classification" else "numeric"
    roles = {**roles, target: of_target}
    if knows is None:
        return Expected.by_role(roles, data)
    known = knows.known
    inputs = [*known["inputs"], {**known["target"], "name": target, "role": of_target}]
    return replace(Expected.of({**known, "inputs": inputs}, data), roles=roles)


def _is_own(path: Path, params: Params) -> bool:
    """Tell whether a file is the project's table: a model predicts rows that it has learned from too well."""
    return path.resolve() == params.data.path.resolve()


def _declared(path: Path, params: Params) -> dict[str, str]:
    """Return the role of each feature in a file, from params.yaml or else from the cells of a sample."""
    data = params.data.model_copy(update={"path": path})
    with readable(path):
        names = columns_in(data)
        check_columns(params.model_copy(update={"data": data}), names, path)
        unlisted = [name for name in names if declared_role(name, data) is None]
        columns = infer_roles(to_types(_some_rows(data, unlisted), data), data) if unlisted else data.columns
    return {name: role for role in ROLES for name in getattr(columns, role)}


def _some_rows(data: Data, unlisted: list[str]) -> "pd.DataFrame":
    """Read a sample of the rows; a column without a role is read as text, since its parts may differ."""
    written = [*data.columns.categorical, *unlisted]
    as_text = data.model_copy(update={"columns": data.columns.model_copy(update={"categorical": written})})
    return sampled_of(
        (as_frame(part, as_text) for part in read_tables(as_text)), dict.fromkeys(unlisted, "text")
    ).rows
