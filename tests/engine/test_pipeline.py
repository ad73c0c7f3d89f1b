import ast
from pathlib import Path
from typing import Any

import pytest
from penguins.engine.base.yaml import read_yaml
from penguins.params import Params

from tests.engine.conftest import ROOT

PACKAGE = ROOT / "penguins"
# what every stage uses and none computes with: messages, names of files, the record in MLflow;
# of params.yaml, dvc.yaml follows the values
COMMON = {"__init__", "console", "errors", "files", "git", "hashing", "params", "paths", "yamlfile"}
COMMON |= {"background", "cells", "lazy", "markdown", "modeling/checks", "started", "text"}
# blocks of params.yaml: without one of them, a change of it would leave an old result in its place
NEEDED = {
    "validate": {"data"},
    "train": {"data", "split", "features", "model"},
    "evaluate": {"data", "split", "evaluate"},
    "register": {"data", "split", "evaluate", "register"},
}
STAGES: dict[str, Any] = read_yaml(ROOT / "dvc.yaml")["stages"]


def name_of(module: Path) -> str:
    return module.relative_to(PACKAGE).with_suffix("").as_posix()


def imported(module: Path) -> set[Path]:
    """List the modules of this package that a module imports, and those that they import."""
    found: set[Path] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = module.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            found |= {base.with_suffix(".py"), *(base / f"{name.name}.py" for name in node.names)}
    found = {path for path in found if path.is_file() and path != module and name_of(path) not in COMMON}
    return found.union(*map(imported, found)) if found else found


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_every_module_that_decides_what_it_writes(stage: str) -> None:
    module = PACKAGE / "stages" / f"{stage}.py"
    used = {name_of(path) for path in {module, *imported(module)}}
    listed = {name_of(ROOT / path) for path in STAGES[stage]["deps"] if path.startswith(f"{PACKAGE.name}/")}
    assert listed == {name for name in used if not name.startswith("tracking/")}


@pytest.mark.parametrize("stage", NEEDED)
def test_a_stage_depends_on_its_parameters_and_the_libraries(stage: str) -> None:
    assert NEEDED[stage] <= set(STAGES[stage]["params"])
    assert stage == "register" or "requirements.txt" in STAGES[stage]["deps"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_parameters_that_there_are(stage: str) -> None:
    assert set(STAGES[stage]["params"]) <= {f.alias or name for name, f in Params.model_fields.items()}
