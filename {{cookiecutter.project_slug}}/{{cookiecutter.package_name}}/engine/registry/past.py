"""What new rows are compared with: the rows that a version was trained and tested on, or those of a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..drift import before, predictions
from ..drift.comparison import Before, compare
from ..drift.result import Result
from ..drift.rows import ROLES, read_new
from ..params import Params
from ..table.reading import read_raw
from ..table.roles import infer_roles
from ..table.types import to_types
from .described import Described

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Past:
    """What new rows are compared with.

    Attributes:
        name: of the version or the file.
        roles: of the columns that new rows need.
        target: that they may have.
        columns, predictions: as they were.
        model: that makes the predictions; None: there are none.
        note: why not; empty if there are some.
    """

    name: str
    roles: dict[str, str]
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
        reference: either.
        model: whose predictions are compared; None: none.
        params: how a file is written.

    Raises:
        UserError: the file cannot be read, or the version does not say what it was trained on.
    """
    roles, target = (model.roles if model else {}), params.data.target
    if isinstance(reference, Described):
        roles, target = roles | reference.roles, str(reference.known["target"]["name"])
        columns = reference.columns(params.split.time)
        predicted = model.predicted if model else {}
    else:
        roles = roles or _declared(reference, params)
        table = read_new(reference, params.data, roles, target).table
        columns = before.of_table(table, roles, params)
        predicted = predictions.describe(model.predict(table)) if model else {}
    why = "the model does not say what it predicted for the test rows" if model else "there is no model"
    note = "" if predicted else why
    return Past(str(reference), roles, target, columns, predictions.before(predicted), model, note)


def look(past: Past, params: Params, path: Path) -> "tuple[Result, pd.DataFrame]":
    """Compare the rows of a file.

    Args:
        past: what they are compared with.
        params: how the file is written, and the thresholds.
        path: of the file.

    Returns:
        What came out, and the rows.

    Raises:
        UserError: the file cannot be read, or lacks a column.
    """
    new = read_new(path, params.data, past.roles, past.target)
    was = [column for column in past.columns if column.name in new.table.columns]
    counted = [before.count(column, new.table[column.name]) for column in was]
    if past.model and past.predictions:
        made = predictions.columns_of(past.model.predict(new.table))
        also = [column for column in past.predictions if column.name in made]
        was, counted = (
            [*was, *also],
            [*counted, *(before.count(column, made[column.name]) for column in also)],
        )
    notes = new.notes() | ({"predictions": past.note} if past.note else {})
    compared, rows = compare(was, counted, params.drift), max(column.rows for column in was)
    return Result(path, len(new.table), past.name, rows, compared, params.drift, notes), new.table


def _declared(path: Path, params: Params) -> dict[str, str]:
    """Return the role of each feature in a file, as params.yaml or its cells have it."""
    described = params.model_copy(update={"data": params.data.model_copy(update={"path": path})})
    columns = infer_roles(to_types(read_raw(described), described.data), described.data)
    return {name: role for role in ROLES for name in getattr(columns, role)}
