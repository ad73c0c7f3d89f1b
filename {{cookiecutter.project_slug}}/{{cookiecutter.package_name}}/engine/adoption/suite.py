"""The expectations of a table, and the text of their file."""

from collections.abc import Callable
from difflib import unified_diff
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from ..base.files import write_text
from ..base.paths import EXPECTATIONS
from ..params import Data, Params
from ..table.reading import read_whole
from ..table.roles import Role, decide
from ..table.types import to_types
from . import rules

if TYPE_CHECKING:
    import pandas as pd

HEAD = """\
# What the data must look like. Each entry is an expectation of Great Expectations 1.x with its
# arguments (https://greatexpectations.io/expectations), and how bad a failure is:
#   critical  stops the pipeline        warning, info  are reported, and the pipeline goes on
# `mostly: 0.95` lets 5 % of the rows fail. `adopt` proposed these: correct what you know better.

"""
OF_ROLE: dict[str, list[Callable[[str, Any], list[rules.Rule]]]] = {
    "numeric": [rules.not_null, rules.in_range],
    "categorical": [rules.not_null, rules.in_set],
    "date": [rules.not_null],
    "text": [rules.not_null],
    "weight": [rules.not_null, rules.in_range],
    "id": [rules.not_null, rules.unique],
}


def suite(table: "pd.DataFrame", roles: list[Role], data: Data, time: str | None = None) -> dict[str, Any]:
    """Propose expectations of a table that next month's rows will meet, too.

    Args:
        table: the table of n rows, with its columns' types.
        roles: the roles of its columns.
        data: the block `data`, with the target and the task.
        time: the column by which the rows are ordered.

    Returns:
        The content of the file of expectations.
    """
    count = {"type": "expect_table_row_count_to_be_between", "min_value": max(1, len(table) // 2)}
    entries: list[rules.Rule] = [count | {"severity": "critical"}]
    named = [role.name for role in roles if role.role in (*OF_ROLE, "target", "group")]
    entries += [{"type": "expect_column_to_exist", "column": name, "severity": "critical"} for name in named]
    words = rules.in_set if data.task == "classification" else rules.in_range
    entries += words(data.target, table[data.target])
    for role in roles:
        for rule in OF_ROLE.get(role.role, []):
            if rule is not rules.in_range or role.name != time:
                entries += rule(role.name, table[role.name])
    return {"expectations": entries}


def text_of(content: dict[str, Any]) -> str:
    """Return the text of a file of expectations."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 100
    entries = CommentedSeq(CommentedMap(entry) for entry in content["expectations"])
    for place, entry in enumerate(entries):
        if place and entry.get("column") != entries[place - 1].get("column"):
            entries.yaml_set_comment_before_after_key(place, before="\n")
        if "value_set" in entry:
            entry["value_set"] = CommentedSeq(entry["value_set"])
            entry["value_set"].fa.set_flow_style()
    out = StringIO()
    yaml.dump({"expectations": entries}, out)
    text = "\n".join("" if line.strip() == "#" else line for line in out.getvalue().splitlines())
    return f"{HEAD}{text}\n"


def of_project(params: Params) -> str:
    """Propose expectations of the project's current table."""
    raw = read_whole(params)
    roles = decide(raw, params.data)
    return text_of(suite(to_types(raw, params.data, roles), roles, params.data, params.split.time))


def difference(proposed: str, path: Path = EXPECTATIONS) -> str:
    """Return how proposed expectations differ from those in a file; empty if they do not."""
    now = path.read_text(encoding="utf-8") if path.is_file() else ""
    names = (str(path), f"{path}, as proposed")
    return "".join(unified_diff(now.splitlines(keepends=True), proposed.splitlines(keepends=True), *names))


def renew(params: Params, write: bool) -> None:
    """Propose expectations anew, and print how they differ from the project's.

    Args:
        params: the project's parameters.
        write: whether to write them, too.
    """
    proposed = of_project(params)
    changed = difference(proposed)
    print(changed or f"{EXPECTATIONS}: nothing would change", end="" if changed else "\n")
    if changed and write:
        write_text(EXPECTATIONS, proposed)
        print(f"written: {EXPECTATIONS}")
    elif changed:
        print("nothing is written; --write writes it")
