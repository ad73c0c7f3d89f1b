"""The expectations of a table that has just been adopted, as their file has them."""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from ..base.errors import UserError
from .decisions import Decisions

HEAD = """\
# What the data must look like. Each entry is an expectation of Great Expectations 1.x with its
# arguments (https://greatexpectations.io/expectations), and how bad a failure is:
#   critical  stops the pipeline        warning, info  are reported, and the pipeline goes on
# `mostly: 0.95` lets 5 % of the rows fail. `adopt` proposed these: correct what you know better.

"""
FEW = 50  # classes up to which a target has a fixed set of them


def suite(decisions: Decisions) -> dict[str, Any]:
    """Propose expectations of a table.

    Returns:
        What the file of expectations holds.
    """
    data, table = decisions.source.data, decisions.table
    target = table[data.target].dropna()
    least = max(1, len(table) // 2)
    entries: list[dict[str, Any]] = [
        {"type": "expect_table_row_count_to_be_between", "min_value": least, "severity": "critical"}
    ]
    for role in decisions.roles:
        if role.role not in ("drop", "target"):
            entries.append({"type": "expect_column_to_exist", "column": role.name, "severity": "critical"})
    if data.task == "classification" and target.nunique() <= FEW:
        named = sorted(map(str, target.unique()))
        entries.append(
            {
                "type": "expect_column_values_to_be_in_set",
                "column": data.target,
                "value_set": named,
                "severity": "critical",
            }
        )
    return {"expectations": entries}


def text_of(content: dict[str, Any]) -> str:
    """Write expectations as their file has them."""
    if not content["expectations"]:
        raise UserError("there is nothing to expect of this table")
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 100
    out = StringIO()
    yaml.dump(content, out)
    return HEAD + out.getvalue()
