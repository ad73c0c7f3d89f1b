"""Rows of the validated table, as a client would send them."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..base.paths import VALIDATED
from ..drift.sample import sampled_of
from ..params import Params
from ..table.validated_parts import ValidatedParts, as_pandas

if TYPE_CHECKING:
    import pandas as pd

ROWS = 1000  # different rows, so that caching the last answer does not help


def drawn(params: Params, roles: Mapping[str, str], seed: int = 0) -> list[dict[str, Any]]:
    """Draw rows of the validated table, all with the same probability; every row if there are few.

    Args:
        params: the current parameters.
        roles: the roles of the columns that the version on the server takes.
        seed: the seed of the draw.

    Returns:
        At most ROWS rows with values for JSON: a date is a text in its format, a missing value is None.

    Raises:
        UserError: the stage `validate` has not run, or its table lacks a column that the version takes.
    """
    table = ValidatedParts(params)
    if lacking := [name for name in roles if name not in table.header.columns]:
        raise UserError(
            f"{VALIDATED}: lacks {', '.join(lacking)}, which the version that answers takes; "
            "it was trained on other columns: check out its commit"
        )
    parts = (as_pandas(part) for part in table.tables([*roles]))
    rows = sampled_of(parts, dict(roles)).rows
    rows = rows.sample(min(ROWS, len(rows)), random_state=seed)
    for name, role in roles.items():
        if role == "date":
            rows[name] = _written(rows[name], params.data.date_formats.get(name))
    found: list[dict[str, Any]] = json.loads(rows.to_json(orient="records", double_precision=15))
    return found


def _written(dates: "pd.Series[Any]", format: str | None) -> "pd.Series[Any]":
    """Return dates as texts that can be read again: in the column's own format, or in ISO 8601."""
    texts: pd.Series[Any] = dates.dt.strftime(format or "%Y-%m-%dT%H:%M:%S.%f")
    return texts
