"""What dvc.yaml says of the stages: which files each is made of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..base.flat import value_at
from ..base.paths import PARAMS
from ..base.yaml import read_block, read_yaml

PIPELINE = Path("dvc.yaml")
WRITTEN_BY_DVC = ("dvc.lock", "reports")  # change while the pipeline runs, so say nothing of its code


def data_path(project: Path = Path()) -> Path:
    """Return the path of the raw data, as the params.yaml of a project has it."""
    return Path(read_yaml(project / PARAMS)["data"]["path"])


def stages(project: Path = Path()) -> dict[str, dict[str, Any]]:
    """Return the stages of a project by their names; of one that is many, what these have in common."""
    found = read_block(project / PIPELINE)["stages"]
    return {name: stage.get("do", stage) for name, stage in found.items()}


def parameters(*of: str) -> dict[str, Any]:
    """Return what the stages depend on of params.yaml, by the names in dvc.yaml."""
    content = read_yaml(PARAMS)
    listed = [name for stage in of for name in stages().get(stage, {}).get("params", [])]
    names = dict.fromkeys(name for name in listed if isinstance(name, str))
    return {name: value_at(content, name) for name in names}


def outputs(stage: str) -> list[Path]:
    """List what a stage writes, but for what DVC leaves in place while it runs (`persist`)."""
    one = stages().get(stage, {})
    listed = [out for kind in ("outs", "metrics", "plots") for out in one.get(kind, [])]
    named = [next(iter(out.items())) if isinstance(out, dict) else (out, {}) for out in listed]
    return [Path(path) for path, how in named if not how.get("persist")]


def dependencies(stage: str | None = None, project: Path = Path()) -> list[str]:
    """List the files, as dvc.yaml names them, that a stage depends on, or any stage."""
    data = data_path(project).as_posix()
    of = [one for name, one in stages(project).items() if stage in (None, name)]
    listed = [str(path).replace("${data.path}", data) for one in of for path in one.get("deps", [])]
    return list(dict.fromkeys(listed))


def made_of(stage: str) -> list[str]:
    """List the files that a stage depends on, or that the pipeline reads and does not make.

    But not what only the registering depends on: it judges a model that is there.
    """
    pipeline = {n: s for n, s in stages().items() if not s.get("always_changed")}
    listed = dependencies(stage) if stage in pipeline else []
    if stage != "validate":
        made = made_by(pipeline)
        listed += [path for name in pipeline for path in dependencies(name) if path not in made]
    return list(dict.fromkeys(listed))


def made_by(stages: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the paths of all that stages make."""
    kinds = ("outs", "metrics", "plots")
    outs = [out for stage in stages.values() for kind in kinds for out in stage.get(kind, [])]
    return {str(next(iter(out)) if isinstance(out, dict) else out) for out in outs}
