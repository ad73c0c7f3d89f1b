"""The small files that git keeps of a pipeline's run: those of the workspace, or of a commit."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ..base import git
from ..base.errors import UserError, first_line
from ..base.flat import flat
from ..base.markdown import code
from ..base.paths import GROUPS, METRICS, PARAMS, VALIDATION
from ..base.spreadsheet import original

MAIN = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass(frozen=True)
class Results:
    """What the files say; a file that is not there says nothing.

    Attributes:
        metrics: the numbers of reports/metrics.json.
        run_id: of the MLflow run that has them.
        groups: the metrics of each (column, group).
        validation: reports/validation.json.
        params: params.yaml, flat (`model.type`), the values as JSON.
        data: `path`, `md5` and `size` of the raw table.
    """

    metrics: dict[str, float]
    run_id: str
    groups: dict[tuple[str, str], dict[str, str]]
    validation: dict[str, Any]
    params: dict[str, str]
    data: dict[str, str]


@dataclass(frozen=True)
class Base:
    """The commit to compare with, empty if there is none, and in markdown what a person calls it."""

    commit: str
    name: str


def base(against: str | None) -> Base:
    """Return a revision's commit; by default, where this branch left the main one.

    Raises:
        UserError: there is no such revision.
    """
    if against is not None:
        if commit := _commit(against):
            return Base(commit, code(against))
        raise UserError(f"{against}: no such commit or branch; in a shallow clone, `git fetch --unshallow`")
    head = _commit("HEAD")
    left = next((m for m in MAIN if _commit(m)), "")
    commit = (git.text("merge-base", "HEAD", left) if left else "") or head
    return Base(commit, "the last commit" if commit == head else "where this branch left the main one")


def in_workspace() -> Results:
    """Read the files as they are now."""
    return _read(lambda path: Path(path).read_bytes().decode("utf-8") if Path(path).is_file() else "", "")


def at(commit: str) -> Results:
    """Read the files as they are in a commit; of an empty one, nothing."""
    # ./ since the project may be a folder of a larger repository
    return _read(lambda path: (git.text("show", f"{commit}:./{path}") or "") if commit else "", commit[:7])


def _commit(revision: str) -> str:
    named = ("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    return git.text(*named) or ""


def _read(text_of: Callable[[str], str], where: str) -> Results:
    def parsed(path: str) -> dict[str, Any]:
        text = text_of(path)
        try:
            is_json = path.endswith(".json") and text
            content = json.loads(text) if is_json else YAML(typ="safe", pure=True).load(text)
        except (ValueError, YAMLError) as error:
            reason = first_line(error)
            raise UserError(f"{path}{where and f' in {where}'}: cannot be read: {reason}") from None
        return content if isinstance(content, dict) else {}

    metrics, values = parsed(METRICS.as_posix()), flat(parsed(PARAMS.as_posix()))
    params = {name: json.dumps(value, ensure_ascii=False, default=str) for name, value in values.items()}
    numbers = {
        name: float(value)
        for name, value in metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    run_id = str(metrics.get("run_id", ""))
    rows = csv.DictReader(io.StringIO(text_of(GROUPS.as_posix()), newline=""))
    return Results(
        metrics=numbers,
        run_id=run_id if run_id.isalnum() else "",
        groups={
            (original(row["column"]), original(row["group"])): row
            for row in rows
            if "column" in row and "group" in row
        },
        validation=parsed(VALIDATION.as_posix()),
        params=params,
        data=_data(str(json.loads(params.get("data.path", '""'))), parsed),
    )


def _data(path: str, parsed: Callable[[str], dict[str, Any]]) -> dict[str, str]:
    """Find the raw table's md5: that with which the pipeline ran, or, before it did, that of now."""
    validate = (parsed("dvc.lock").get("stages") or {}).get("validate") or {}
    entries = [entry for entry in validate.get("deps", []) if entry["path"] == path]
    entry = (entries or parsed(f"{path}.dvc").get("outs") or [{}])[0]
    found = {"path": path, "md5": entry.get("md5", ""), "size": entry.get("size", "")}
    return {name: str(value) for name, value in found.items()}
