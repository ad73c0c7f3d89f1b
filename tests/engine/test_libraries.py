"""Which groups of libraries the helper of the stages loads, and when."""

import pytest
from penguins.engine.sharing import libraries


@pytest.mark.parametrize(
    ("stage", "groups"),
    [
        (
            "validate",
            ["tables", "records", "models"],
        ),  # what draws is not in memory beside Great Expectations
        ("train", ["tables", "records", "models", "pictures"]),
        ("evaluate", ["tables", "records", "models", "pictures"]),
        ("register", ["tables", "records", "models"]),
        ("mine", []),
    ],
)
def test_a_stage_has_its_libraries_and_those_of_the_next(stage: str, groups: list[str]) -> None:
    assert libraries.needed_from(stage) == groups


def test_what_is_loaded_is_not_loaded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "_loaded", {"tables", "models"})
    assert libraries.needed_from("train") == ["records", "pictures"]
