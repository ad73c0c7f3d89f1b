"""Whether a target suits the project's task; if it does not, a line says so before any fit."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..base.paths import PARAMS
from ..blocks.checking import params_error
from ..params import Data

if TYPE_CHECKING:
    import pandas as pd

KEY = ("data", "target")
MANY = 20  # if there are more different numbers, they are hardly classes
EACH = 10  # with fewer rows for each on average, hardly anything could be learned about it
SMALL = 10  # rows of a table that is too small to tell what its numbers are


def check_target(raw: "pd.DataFrame", table: "pd.DataFrame", data: Data) -> None:
    """Check that a target suits the project's task, and is not the same in all rows.

    Args:
        raw: n rows, as they were read.
        table: the same rows, typed.
        data: the block with the task.

    Raises:
        UserError: one of these checks fails; says what to do.
    """
    if said := unsuited(raw, table, data):
        raise params_error(KEY, said)


def unsuited(raw: "pd.DataFrame", table: "pd.DataFrame", data: Data) -> str:
    """Say why a target does not suit the project's task, and what to do; empty if it does.

    Args:
        raw: n rows, as they were read.
        table: the same rows, typed.
        data: the block with the task.
    """
    target = table[data.target].dropna()
    return _unsuited(list(target.unique()), len(target), int(raw[data.target].notna().sum()), data)


def check_values(values: list[Any], rows: int, cells: int, data: Data) -> None:
    """Check the different values of a target, as `check_target` does.

    Args:
        values: all different values; of numbers, at least two.
        rows: how many rows have one.
        cells: how many cells were not empty before they got their type.
        data: the block with the task.

    Raises:
        UserError: for the same reasons as `check_target`.
    """
    if said := _unsuited(values, rows, cells, data):
        raise params_error(KEY, said)


def count_without(table: "pd.DataFrame", data: Data) -> int:
    """Count the rows that have no target, which train and evaluate leave out."""
    return int(table[data.target].isna().sum())


def without(lacking: int, rows: int) -> dict[str, str]:
    """Return a summary's line about how many rows have no target; empty if all have one."""
    return {"rows without target": f"{lacking} ({lacking / rows:.1%}), left out"} if lacking else {}


def check_share(table: "pd.DataFrame", data: Data) -> None:
    """Check that no more rows lack a target than params.yaml allows.

    Raises:
        UserError: more do; says how many, and which values of the column may stand for a missing one.
    """
    check_lacking(count_without(table, data), len(table), doubt_of_cells(table[data.target], data), data)


def check_lacking(lacking: int, rows: int, words: str, data: Data) -> None:
    """Check the same from the number of rows.

    Args:
        lacking: how many rows have no target.
        rows: how many rows there are.
        words: from `doubt_of_cells`.
        data: the block with the largest share allowed.

    Raises:
        UserError: for the same reasons as `check_share`.
    """
    allowed = data.max_without_target
    if lacking <= allowed * rows:
        return
    message = f"{lacking} of {rows} rows have no {data.target!r}, more than {allowed:.1%}: get them, "
    remedy = "drop those rows in a stage before validate, or raise this share, and they are left out"
    raise params_error(
        ("data", "max_without_target"), message + remedy + (f"; also {words}" if words else "")
    )


def doubt_of_cells(target: "pd.Series[Any]", data: Data) -> str:
    """Say which cells of a target may stand for a missing value, or may be one class; nothing if none may."""
    from .sentinels import doubt_of_numbers

    if data.task == "regression":
        return doubt_of_numbers(target, data)
    return doubt_of_counts(dict(target.value_counts()), data)


def doubt_of_counts(counts: Mapping[str, int], data: Data) -> str:
    """Say the same about classes, given the number of rows of each."""
    from .variants import doubt_of_classes

    rows = {str(word): int(count) for word, count in counts.items()}
    return "; also ".join(filter(None, [_doubt_of_words(rows, data), doubt_of_classes(rows)]))


def _doubt_of_words(counts: Mapping[str, int], data: Data) -> str:
    from .disguises import is_unknown

    words = {word: count for word, count in counts.items() if is_unknown(word)}
    if not words:
        return ""
    counted = " and ".join(f"{word!r} in {count:,} rows" for word, count in words.items())
    listed = f"{{{data.target}: [{', '.join(map(repr, words))}]}}"
    return f"{counted} is a class: if it stands for a missing value, write data.missing_in: {listed}"


def _are_amounts(values: Iterable[Any], rows: int, data: Data) -> bool:
    """Tell whether labels are amounts: numbers, and so many different ones that each has few rows."""
    import pandas as pd

    words = pd.Series([str(value).replace(data.format.decimal, ".") for value in values])
    if words.empty or pd.to_numeric(words, errors="coerce").isna().any():
        return False
    each = rows / len(words)
    return (len(words) > MANY and each < EACH) or (rows >= SMALL and each < 2)


def _unsuited(values: list[Any], rows: int, cells: int, data: Data) -> str:
    if data.task == "classification" and _are_amounts(values, rows, data):
        counted = f"{len(values)} different numbers in {rows} rows"
        return f"{data.target!r} holds {counted}: this is regression{_other('regression')}"
    if data.task == "regression" and rows < cells / 2:
        counted = f"no number in {cells - rows} of {cells} cells"
        return f"{data.target!r} holds {counted}: this is classification{_other('classification')}"
    if len(values) == 1:
        only = repr(values[0]) if data.task == "classification" else f"{values[0]:g}"
        return f"{data.target!r} is {only} in all {rows} rows: there is nothing to learn about it"
    return ""


def _other(task: str) -> str:
    """Say what to do with a target of the other task."""
    bake = f"; bake a project with task={task}, whose metrics, models and plots are for that"
    return f"{bake}, or set data.task in {PARAMS} and write those yourself"
