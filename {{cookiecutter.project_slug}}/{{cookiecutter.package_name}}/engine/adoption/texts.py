"""What the project's own texts say about a table: the README, dvc.yaml, and the README beside the data."""

import json
import re
from pathlib import Path
from typing import Any

from ..base.errors import UserError
from ..base.markdown import code
from ..base.paths import EXPECTATIONS, PACKAGE, PIPELINE
from .decisions import Decisions

README = Path("README.md")
# the dependency of train that dvc.yaml contains as a comment
OPTIONAL = re.compile(rf"^( *)# (- {PACKAGE}/metrics\.py)\b.*$", re.MULTILINE)
MOST = 60  # how many columns the README beside the data lists


def renamed(text: str, names: dict[str, str]) -> str:
    """Replace each name in a text by its new name."""
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def pipeline(suite: Path, by_metric: bool) -> str:
    """Return dvc.yaml with another expectation suite.

    Args:
        suite: the suite's path.
        by_metric: whether a metric chooses the threshold when a model is fitted, so that train depends on
            metrics.py.

    Raises:
        UserError: dvc.yaml does not name the current suite.
    """
    text = PIPELINE.read_text(encoding="utf-8")
    if EXPECTATIONS.as_posix() not in text:
        raise UserError(f"{PIPELINE}: the stage validate has no {EXPECTATIONS} among its deps: add it")
    if by_metric:
        text = OPTIONAL.sub(r"\1\2", text)
    return text.replace(EXPECTATIONS.as_posix(), suite.as_posix())


def readme(old: str, path: str, suite: Path, models: tuple[str, str], decisions: Decisions) -> str | None:
    """Return the project's README with the names of a table; None if there is no README."""
    if not README.is_file():
        return None
    text = README.read_text(encoding="utf-8")
    was, now = models
    names = {
        f'pd.read_csv("{old}")': reading(path, decisions),
        old: path,
        EXPECTATIONS.as_posix(): suite.as_posix(),
        f"models:/{was}@": f"models:/{now}@",
        f"version of `{was}`": f"version of `{now}`",
        f"register ── {was} @": f"register ── {now} @",
    }
    return _aligned(renamed(text, names), len(path) - len(old))


def _aligned(text: str, longer: int) -> str:
    """Move the text below the table's name in the picture of the pipeline, to suit the name's length."""
    moved = re.compile(r"^( {20,})(?=[│└r])", re.MULTILINE)
    head, fence, rest = text.partition("```\n")
    picture, end, after = rest.partition("```\n")
    picture = moved.sub(lambda spaces: " " * max(0, len(spaces[1]) + longer), picture)
    return f"{head}{fence}{picture}{end}{after}"


def reading(path: str, decisions: Decisions) -> str:
    """Return the Python expression that reads the table."""
    form, kind = decisions.source.data.format, Path(path).name.split(".", 1)[1].removesuffix(".gz")
    if kind == "parquet":
        return f'pd.read_parquet("{path}")'
    if kind in ("json", "jsonl", "ndjson"):
        return f'pd.read_json("{path}"{"" if kind == "json" else ", lines=True"})'
    said: dict[str, Any] = {"sep": form.separator, "decimal": form.decimal, "encoding": form.encoding}
    said |= {"thousands": form.thousands, "skiprows": form.skip_rows or None}
    usual = {"sep": None, "decimal": ".", "encoding": "utf-8", "thousands": None, "skiprows": None}
    options = (
        "" if form.quote == '"' else f", quotechar={json.dumps(form.quote)}" if form.quote else ", quoting=3"
    )
    options += "".join(f", {key}={json.dumps(value)}" for key, value in said.items() if value != usual[key])
    return f'pd.read_csv("{path}"{options})'


def of_data(origin: str, path: str, decisions: Decisions) -> str:
    """Return the README beside the data: what the data is, and what only a person can add."""
    table, units = decisions.table, decisions.source.data.units
    lines = [
        f"# {Path(path).name.split('.')[0]}",
        "",
        f"{len(table):,} rows and {len(table.columns)} columns, adopted from {code(origin)}.",
        "",
        "- **Source:** not known yet: write down who collected this data, when and how.",
        "- **Licence:** not known yet: write down what the data may be used for.",
        "",
        "| column | what it is | unit | missing | different values |",
        "|---|---|---|---|---|",
    ]
    for role in decisions.roles[:MOST]:
        column: Any = table[role.name]
        counted = f"{decisions.missing(role.name):,} | {column.nunique():,}"
        lines.append(f"| {code(role.name)} | {role.role} | {units.get(role.name, '')} | {counted} |")
    if len(decisions.roles) > MOST:
        lines.append(f"| and {len(decisions.roles) - MOST} more | | | | |")
    return "\n".join(lines) + "\n"
