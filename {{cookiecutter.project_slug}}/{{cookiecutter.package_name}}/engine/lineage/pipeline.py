"""The stages in dvc.yaml: what each depends on, and what it writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..base.flat import value_at
from ..base.paths import PARAMS, PIPELINE
from ..base.yaml import read_block, read_yaml

WRITTEN_BY_DVC = ("dvc.lock", "reports")  # they change while the pipeline runs, so they are not its code


def data_path(project: Path = Path()) -> Path:
    """Return the path of the raw data in a project's params.yaml, relative to the project."""
    return Path(read_yaml(project / PARAMS)["data"]["path"])


def stages(project: Path = Path()) -> dict[str, dict[str, Any]]:
    """Return the stages of a project by name; for a `foreach` or `matrix` stage, its `do` block."""
    blocks = read_block(project / PIPELINE)["stages"]
    return {name: stage.get("do", stage) for name, stage in blocks.items()}


def parameters(*of: str) -> dict[str, Any]:
    """Return the values in params.yaml that some stages depend on, by their names in dvc.yaml."""
    content = read_yaml(PARAMS)
    blocks = [block for stage in of for block in _making(stage)]
    listed = [name for block in blocks for name in block.get("params", [])]
    names = dict.fromkeys(name for name in listed if isinstance(name, str))
    return {name: value_at(content, name) for name in names}


def outputs(stage: str) -> list[Path]:
    """List the outputs of a stage, without those that DVC leaves in place while it runs (`persist`)."""
    one = stages().get(stage, {})
    listed = [out for kind in ("outs", "metrics", "plots") for out in one.get(kind, [])]
    named = [next(iter(out.items())) if isinstance(out, dict) else (out, {}) for out in listed]
    return [Path(path) for path, how in named if not how.get("persist")]


def dependencies(stage: str | None = None, project: Path = Path()) -> list[str]:
    """List the files that a stage, or any stage if None, depends on, as dvc.yaml names them."""
    data = data_path(project).as_posix()
    blocks = _making(stage, project) if stage else [*stages(project).values()]
    listed = [str(path).replace("${data.path}", data) for block in blocks for path in block.get("deps", [])]
    return list(dict.fromkeys(listed))


def _making(stage: str, project: Path = Path()) -> list[dict[str, Any]]:
    """Return the block of a stage; if it always runs, also the blocks of the stages whose results it reads.

    DVC needs no list of the code of a stage that always runs, so that its block has only what the others
    lack.
    """
    known = stages(project)
    if stage not in known:
        return []
    own = known[stage]
    read = own.get("deps", []) if own.get("always_changed") else []
    return [own, *(block for name, block in known.items() if made_by({name: block}).intersection(read))]


def inputs(stage: str) -> list[str]:
    """List the files that a stage depends on and, except for `validate`, those that the pipeline starts from.

    What only the register stage depends on is left out, since it does not change an existing model.
    """
    pipeline = {name: block for name, block in stages().items() if not block.get("always_changed")}
    listed = dependencies(stage) if stage in pipeline else []
    if stage != "validate":
        written = made_by(pipeline)
        listed += [path for name in pipeline for path in dependencies(name) if path not in written]
    return list(dict.fromkeys(listed))


def made_by(stages: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the paths of everything that stages write, as dvc.yaml names them."""
    kinds = ("outs", "metrics", "plots")
    outs = [out for stage in stages.values() for kind in kinds for out in stage.get(kind, [])]
    return {str(next(iter(out)) if isinstance(out, dict) else out) for out in outs}
