"""Modules of the project that decide what a stage makes, though dvc.yaml does not name them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ..base.errors import UserError
from ..base.flat import value_at
from ..base.paths import PACKAGE, PARAMS
from ..base.yaml import line_of, read_yaml
from . import imports
from .imports import own_modules, says_nothing
from .pipeline import PIPELINE, dependencies, stages

ENGINE = f"{PACKAGE}.engine"  # is not followed: dvc.yaml names its rooms by hand
WITH_MODEL = ("train", "evaluate")  # the stages that the class of the model is a part of


def check_declared(searched: bool = False) -> None:
    """Check that dvc.yaml knows all code of every stage, so that a change of it runs the stage.

    Args:
        searched: check the classes, too, that `tune` may choose.

    Raises:
        UserError: a line for each file that is missing there; says where to add it.
    """
    lines = []
    for path, of in undeclared(searched).items():
        folder = PurePosixPath(path).parent.as_posix()
        choice = "" if folder in (".", PACKAGE) else f", or the folder {folder},"
        where = f"{PIPELINE}:{line_of(PIPELINE, ('stages', of[0], 'deps'))}"
        goal = "so that a change of it runs " + ("the stage" if len(of) == 1 else "these stages")
        lines.append(f"{where}: add {path}{choice} to the `deps` of {_and(of)}, {goal}")
    if lines:
        raise UserError("\n".join(lines))


def undeclared(searched: bool = False) -> dict[str, list[str]]:
    """List the files that are missing in dvc.yaml, each with the stages in whose `deps` it is missing."""
    content = read_yaml(PARAMS)
    types = [str(value_at(content, "model.type"))]
    if searched and isinstance(choice := value_at(content, "tune.space.model.type.choice"), list):
        types += map(str, choice)
    missing: dict[str, list[str]] = {}
    for name, stage in stages().items():
        listed = {PurePosixPath(Path(path).as_posix()) for path in dependencies(name)}
        names = [*_started_by(stage), *_modules_in(listed), *(types if name in WITH_MODEL else ())]
        for path in _made_of(names):
            if listed.isdisjoint([path, *path.parents]):
                missing.setdefault(str(path), []).append(name)
    return missing


def _started_by(stage: Mapping[str, Any]) -> Iterator[str]:
    """Name the modules that the commands of a stage start: `python -m MODULE`, `python -m PACKAGE STAGE`."""
    commands = stage.get("cmd", "")
    words = " ".join(map(str, commands if isinstance(commands, list) else [commands])).split()
    for option, module, argument in zip(words, words[1:], [*words[2:], ""], strict=False):
        if option == "-m":
            yield f"{PACKAGE}.stages.{argument}" if module == PACKAGE else module


def _modules_in(listed: Iterable[PurePosixPath]) -> Iterator[str]:
    """Name the modules that a stage depends on by its `deps`: the engine finds some of them by name."""
    for path in listed:
        if path.suffix == ".py":
            yield ".".join(path.with_suffix("").parts)


def _made_of(names: Iterable[str]) -> list[PurePosixPath]:
    """List the files of modules and of what they import, relative to the project, without empty packages."""
    found = own_modules(names, [ENGINE]).values()
    files = [path for path in found if path.name != "__init__.py" or not says_nothing(path)]
    return [PurePosixPath(path.relative_to(imports.ROOT).as_posix()) for path in files]


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
