"""The table: as it came, with a type for each column, and as the validate stage left it."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UserError
from ..params import Columns, Data, Params, nearest, params_error
from ..paths import VALIDATED

if TYPE_CHECKING:
    import pandas as pd

FIRST_ROW = 2  # rows are named as a spreadsheet numbers them: the header is row 1


def read_raw(params: Params) -> "pd.DataFrame":
    """Read the raw table (CSV or parquet), every row and column, text as it is written.

    Columns that hold names rather than amounts are read as text, so that `007` stays `007`.

    Raises:
        UserError: the file is missing or no table, or params.yaml names a column it lacks.
    """
    import pandas as pd

    data = params.data
    try:
        if data.path.suffix == ".parquet":
            raw = pd.read_parquet(data.path)
        else:
            raw = pd.read_csv(data.path, dtype=dict.fromkeys(_text_columns(data), "str"))
    except FileNotFoundError:
        raise UserError(f"{data.path}: no such file; `dvc pull` fetches what DVC tracks") from None
    except (OSError, ValueError) as error:  # pandas' own errors and UnicodeDecodeError are ValueErrors
        raise UserError(f"{data.path}: cannot be read as a table: {_first_line(error)}") from None
    check_columns(params, list(raw.columns), data.path)
    return raw


def to_types(raw: "pd.DataFrame", data: Data) -> "pd.DataFrame":
    """Make every column float64 or text, as its role says.

    A column of whole numbers is float64, too: otherwise its type, and with it the model's
    signature and the split, would change on the day its first missing value arrives.

    Returns:
        The table, n rows x m columns; what is missing, or no number where there should be one, is NaN.
    """
    import pandas as pd

    frame = raw.copy()
    texts, numbers = _text_columns(data), _number_columns(data)
    for name in frame.columns:
        is_number = pd.api.types.is_numeric_dtype(raw[name]) and not pd.api.types.is_bool_dtype(raw[name])
        if name in texts or not (name in numbers or is_number):
            frame[name] = raw[name].astype("str").where(raw[name].notna())
        else:
            frame[name] = pd.to_numeric(raw[name], errors="coerce").astype("float64")
    return frame


def read_validated(params: Params) -> "pd.DataFrame":
    """Read the rows that have a target from the table the validate stage wrote.

    Raises:
        UserError: the stage has not run, or params.yaml names a column the table lacks.
    """
    import pandas as pd

    try:
        frame = pd.read_parquet(VALIDATED)
    except FileNotFoundError:
        raise UserError(f"{VALIDATED}: no such file; `dvc repro validate` makes it") from None
    check_columns(params, list(frame.columns), VALIDATED)
    return frame[frame[params.data.target].notna()].reset_index(drop=True)


def infer_roles(frame: "pd.DataFrame", data: Data) -> Columns:
    """Give every column in no list a role: float64 is numeric, text is categorical."""
    listed = {name for role in Columns.model_fields for name in getattr(data.columns, role)}
    free = [name for name in frame.columns if name not in listed | {data.target}]
    numeric = [name for name in free if frame[name].dtype == "float64"]
    return data.columns.model_copy(
        update={
            "numeric": [*data.columns.numeric, *numeric],
            "categorical": [*data.columns.categorical, *(n for n in free if n not in numeric)],
        }
    )


def check_columns(params: Params, names: list[str], table: Path) -> None:
    """Check every column that params.yaml names against the columns of a table.

    Raises:
        UserError: a line for every name that is no column.
    """
    data, columns = params.data, params.data.columns
    named: list[tuple[tuple[str | int, ...], str]] = [(("data", "target"), data.target)]
    for role in Columns.model_fields:
        named += [(("data", "columns", role, i), n) for i, n in enumerate(getattr(columns, role))]
    if params.split.stratify is not None:
        named.append((("split", "stratify"), params.split.stratify))
    named += [(("evaluate", "groups", i), name) for i, name in enumerate(params.evaluate.groups)]
    errors = [
        str(params_error(key, f"{table} has no column {name!r}; {nearest(name, names)}"))
        for key, name in named
        if name not in names
    ]
    if errors:
        raise UserError("\n".join(errors))


def _text_columns(data: Data) -> list[str]:
    columns = data.columns
    return [*columns.categorical, *columns.text, *columns.id{% if cookiecutter.task == 'classification' %}, data.target{% endif %}]


def _number_columns(data: Data) -> list[str]:
    return [*data.columns.numeric{% if cookiecutter.task == 'regression' %}, data.target{% endif %}]


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
