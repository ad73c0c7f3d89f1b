"""The expectations of a table that has just been adopted, as their file has them.

They are to hold for next month's rows of the same kind, too: what stops the pipeline is what no such row may
break (a column that is gone, a class that no model knows, a value far outside), and the rest is a warning.
"""

from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from ..table.roles import Role
from .decisions import Decisions

if TYPE_CHECKING:
    import pandas as pd

HEAD = """\
# What the data must look like. Each entry is an expectation of Great Expectations 1.x with its
# arguments (https://greatexpectations.io/expectations), and how bad a failure is:
#   critical  stops the pipeline        warning, info  are reported, and the pipeline goes on
# `mostly: 0.95` lets 5 % of the rows fail. `adopt` proposed these: correct what you know better.

"""
CLASSES, WORDS = 50, 20  # values up to which a target, or another column, has a fixed set of them
EACH = 20  # rows of a value, on average, of which others would have been seen by now
# how far beyond what is there a number may be, by how far that reaches: else a unit or a column is wrong
MARGIN = 0.5
MOSTLY = (0.99, 0.95, 0.9, 0.8, 0.5)  # shares of rows that may have to hold a value
SLACK = 2  # times as many missing values as there are now


def suite(decisions: Decisions) -> dict[str, Any]:
    """Propose expectations of a table.

    Returns:
        What the file of expectations holds.
    """
    rows = len(decisions.table)
    entries = [_entry("expect_table_row_count_to_be_between", min_value=max(1, rows // 2))]
    for role in decisions.roles:
        if role.role != "drop":
            entries += _of_column(role, decisions.table[role.name], decisions.source.data.task)
    return {"expectations": entries}


def text_of(content: dict[str, Any]) -> str:
    """Write expectations as their file has them."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 100
    out = StringIO()
    yaml.dump(content, out)
    return HEAD + out.getvalue()


def _of_column(role: Role, column: "pd.Series[Any]", task: str) -> Iterator[dict[str, Any]]:
    kind = role.role
    if kind == "target":
        kind = "numeric" if task == "regression" else "class"
    yield _entry("expect_column_to_exist", role.name)
    share = 1 - SLACK * float(column.isna().mean())
    if share == 1:
        yield _entry("expect_column_values_to_not_be_null", role.name, mostly=0.95)
    elif mostly := next((one for one in MOSTLY if one <= share), None):
        yield _entry("expect_column_values_to_not_be_null", role.name, "warning", mostly=mostly)
    present = column.dropna()
    if kind == "class" and present.nunique() <= CLASSES:
        yield _entry("expect_column_values_to_be_in_set", role.name, value_set=_words(present))
    elif kind == "categorical" and present.nunique() <= min(WORDS, len(present) / EACH):
        words: dict[str, Any] = {"value_set": _words(present), "mostly": 0.95}
        yield _entry("expect_column_values_to_be_in_set", role.name, "warning", **words)
    elif kind == "numeric" and len(present):
        yield from _range(role.name, present)


def _range(name: str, numbers: "pd.Series[Any]") -> Iterator[dict[str, Any]]:
    """Expect numbers within what there is and a margin; a warning where the first one is below 0."""
    low, high = float(numbers.min()), float(numbers.max())
    margin = MARGIN * (high - low) or abs(high) or 1.0
    bounds: dict[str, Any] = {"min_value": _rounded(low - margin), "max_value": _rounded(high + margin)}
    yield _entry("expect_column_values_to_be_between", name, mostly=0.99, **bounds)
    if low >= 0 > low - margin:
        yield _entry("expect_column_values_to_be_between", name, "warning", min_value=0)


def _entry(kind: str, column: str = "", severity: str = "critical", **arguments: Any) -> dict[str, Any]:
    named = {"column": column} if column else {}
    return {"type": kind, **named, **arguments, "severity": severity}


def _words(column: "pd.Series[Any]") -> list[str]:
    return sorted(map(str, column.unique()))


def _rounded(number: float) -> float:
    """Round to three digits: these are a person's bounds, to be read and changed."""
    rounded = float(f"{number:.3g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded
