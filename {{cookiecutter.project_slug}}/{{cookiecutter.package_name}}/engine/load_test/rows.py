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

ROWS = 1000  # different ones, so that a cache of the last answer is no help


def drawn(params: Params, roles: Mapping[str, str], seed: int = 0) -> list[dict[str, Any]]:
    """Draw rows of the validated table, each with the same chance; all of them if there are few.

    Args:
        params: the current parameters.
        roles: the roles of the columns that the version which answers takes.
        seed: the seed of the draw.

    Returns:
        At most ROWS rows as JSON has them: a date in its format, null where a value is
        missing.

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
    """Write dates as they are read: in a column's own format, or as ISO 8601 has them."""
    texts: pd.Series[Any] = dates.dt.strftime(format or "%Y-%m-%dT%H:%M:%S.%f")
    return texts
