from typing import Any

import pytest
from penguins.engine.base.yaml import read_yaml
from penguins.engine.lineage.undeclared import undeclared
from penguins.params import Params

from tests.engine.conftest import ROOT

# blocks of params.yaml: without one of them, a change of it would leave an old result in its place
NEEDED = {
    "validate": {"data"},
    "train": {"data", "split", "features", "model"},
    "evaluate": {"data", "split", "evaluate"},
    "register": {"data", "split", "evaluate", "register"},
}
STAGES: dict[str, Any] = read_yaml(ROOT / "dvc.yaml")["stages"]


def test_a_stage_depends_on_all_code_of_the_users_that_decides_what_it_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    assert undeclared() == {}


@pytest.mark.parametrize("stage", NEEDED)
def test_a_stage_depends_on_its_parameters_and_the_libraries(stage: str) -> None:
    assert NEEDED[stage] <= set(STAGES[stage]["params"])
    assert stage == "register" or "requirements.txt" in STAGES[stage]["deps"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_parameters_that_there_are(stage: str) -> None:
    assert set(STAGES[stage]["params"]) <= {f.alias or name for name, f in Params.model_fields.items()}
