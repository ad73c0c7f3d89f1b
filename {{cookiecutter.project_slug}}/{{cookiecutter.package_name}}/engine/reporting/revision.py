"""The results of the pipeline that git tracks: those in the workspace, or in a commit."""

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
from ..base.paths import EVALUATION, GROUPS, METRICS, PARAMS, VALIDATION
from ..base.spreadsheet import original

MAIN = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass(frozen=True)
class Results:
    """The content of the result files; empty for a file that does not exist.

    Attributes:
        metrics: the numbers of reports/metrics.json.
        run_id: the id of the MLflow run that has these metrics.
        groups: the metrics of each (column, group).
        validation: reports/validation.json.
        params: params.yaml, flat (`model.type`), the values as JSON.
        data: `path`, `md5` and `size` (bytes) of the raw table, as text.
    """

    metrics: dict[str, float]
    run_id: str
    groups: dict[tuple[str, str], dict[str, str]]
    validation: dict[str, Any]
    params: dict[str, str]
    data: dict[str, str]


@dataclass(frozen=True)
class Base:
    """The commit to compare with.

    Attributes:
        commit: its hash; empty if there is no commit yet.
        name: its name in the report, as markdown.
    """

    commit: str
    name: str


def base(against: str | None) -> Base:
    """Return the commit to compare with.

    Args:
        against: a revision of git; None for the commit where this branch left the main one.

    Raises:
        UserError: there is no such revision.
    """
    if against is not None:
        if commit := _commit(against):
            return Base(commit, code(against))
        raise UserError(f"{against}: no such commit or branch; in a shallow clone, `git fetch --unshallow`")
    head = _commit("HEAD")
    main = next((name for name in MAIN if _commit(name)), "")
    commit = (git.text("merge-base", "HEAD", main) if main else "") or head
    return Base(commit, "the last commit" if commit == head else "where this branch left the main one")


def in_workspace() -> Results:
    """Read the files of the workspace."""
    return _read(lambda path: Path(path).read_bytes().decode("utf-8") if Path(path).is_file() else "", "")


def at(commit: str) -> Results:
    """Read the files of a commit; if it is empty, the results are empty."""
    # ./ since the project may be a folder of a larger repository
    return _read(lambda path: (git.text("show", f"{commit}:./{path}") or "") if commit else "", commit[:7])


def _commit(revision: str) -> str:
    return git.text("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}") or ""


def _read(text_of: Callable[[str], str], where: str) -> Results:
    """Read the files.

    Args:
        text_of: returns the text of a file by its path; empty if there is none.
        where: the commit, for messages; empty for the workspace.

    Raises:
        UserError: a file cannot be parsed.
    """

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
    # before 1.1, the metrics named the run
    run_id = str({**metrics, **parsed(EVALUATION.as_posix())}.get("run_id", ""))
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
    """Return the raw table's path, md5 and size: as the pipeline read it or, before it ran, as it is."""
    validate = (parsed("dvc.lock").get("stages") or {}).get("validate") or {}
    entries = [entry for entry in validate.get("deps", []) if entry["path"] == path]
    entry = (entries or parsed(f"{path}.dvc").get("outs") or [{}])[0]
    data = {"path": path, "md5": entry.get("md5", ""), "size": entry.get("size", "")}
    return {name: str(value) for name, value in data.items()}
