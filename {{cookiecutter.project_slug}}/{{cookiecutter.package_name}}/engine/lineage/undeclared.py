"""Modules of the project that decide what a stage writes, but that dvc.yaml does not name."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ..base.errors import UserError
from ..base.flat import flat, value_at
from ..base.paths import PACKAGE, PARAMS, PIPELINE
from ..base.yaml import line_of, read_yaml
from . import imports
from .imports import is_empty, own_modules
from .pipeline import dependencies, stages

ENGINE = f"{PACKAGE}.engine"  # not followed: dvc.yaml names its rooms by hand
WITH_MODEL = ("train", "evaluate")  # the stages that run the code of the model's class


def check_declared(searched: bool = False) -> None:
    """Check that dvc.yaml names all code of every stage, so that DVC runs the stage when the code changes.

    Args:
        searched: whether to check the model classes that `tune` may choose, too.

    Raises:
        UserError: files are missing there; the message has a line for each, with the place to add it.
    """
    lines = []
    for path, needing in undeclared(searched).items():
        folder = PurePosixPath(path).parent.as_posix()
        choice = "" if folder in (".", PACKAGE) else f", or the folder {folder},"
        where = f"{PIPELINE}:{line_of(PIPELINE, ('stages', needing[0], 'deps'))}"
        goal = "so that a change of it runs " + ("the stage" if len(needing) == 1 else "these stages")
        lines.append(f"{where}: add {path}{choice} to the `deps` of {_and(needing)}, {goal}")
    if lines:
        raise UserError("\n".join(lines))


def undeclared(searched: bool = False) -> dict[str, list[str]]:
    """Return, for each file that is missing in dvc.yaml, the stages in whose `deps` it is missing."""
    content = read_yaml(PARAMS)
    types = [str(value_at(content, "model.type"))]
    if searched and isinstance(choice := value_at(content, "tune.space.model.type.choice"), list):
        types += map(str, choice)
    thresholds = [value_at(content, "model.threshold")]
    if searched and isinstance(choice := value_at(content, "tune.space.model.threshold.choice"), list):
        thresholds += choice
    missing: dict[str, list[str]] = {}
    for name, stage in stages().items():
        listed = {PurePosixPath(Path(path).as_posix()) for path in dependencies(name)}
        runs_always = stage.get("always_changed")  # the stages whose results it reads have to name the file
        chosen = (*types, *_paths_in(content, searched)) if name in WITH_MODEL else ()
        names = [*_started_by(stage), *_modules_in(listed), *chosen]
        if name == "train" and any(isinstance(threshold, str) for threshold in thresholds):
            names.append(f"{PACKAGE}.metrics")  # the threshold is chosen by one of the metrics
        for path in _files_of(names):
            if listed.isdisjoint([path, *path.parents]) and not (runs_always and str(path) in missing):
                missing.setdefault(str(path), []).append(name)
    return missing


def _paths_in(content: Mapping[str, Any], searched: bool) -> list[str]:
    """List what the features name by an import path, and what `tune` may choose for them."""
    values = [*flat(content.get("features") or {}).values()]
    if searched:
        for choices in flat(value_at(content, "tune.space.features") or {}).values():
            values += choices if isinstance(choices, list) else []
    return [value for value in values if isinstance(value, str) and "." in value]


def _started_by(stage: Mapping[str, Any]) -> Iterator[str]:
    """List the modules that the commands of a stage start: `python -m MODULE`, `python -m PACKAGE STAGE`."""
    commands = stage.get("cmd", "")
    words = " ".join(map(str, commands if isinstance(commands, list) else [commands])).split()
    for option, module, argument in zip(words, words[1:], [*words[2:], ""], strict=False):
        if option == "-m":
            yield f"{PACKAGE}.stages.{argument}" if module == PACKAGE else module


def _modules_in(listed: Iterable[PurePosixPath]) -> Iterator[str]:
    """List the modules among a stage's `deps`: the engine imports some of them by name."""
    for path in listed:
        if path.suffix == ".py":
            yield ".".join(path.with_suffix("").parts)


def _files_of(names: Iterable[str]) -> list[PurePosixPath]:
    """List the files of modules and of what they import, relative to the project; no empty `__init__`."""
    paths = own_modules(names, [ENGINE]).values()
    files = [path for path in paths if path.name != "__init__.py" or not is_empty(path)]
    return [PurePosixPath(path.relative_to(imports.ROOT).as_posix()) for path in files]


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
