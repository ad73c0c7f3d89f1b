"""The engine runs every user's half that was baked: `first_half/` is the first one, as it was then."""

from pathlib import Path
from shutil import copytree

import pytest

from tests.conftest import bake_into
from tests.support.running import edit, load, reproduce, store

pytestmark = pytest.mark.slow


def test_the_first_half_still_runs(tmp_path: Path, environment: Path, shims: Path | None) -> None:
    project = bake_into(tmp_path, {}, True).within(environment, shims)
    copytree(Path(__file__).parent / "first_half", project.path / "penguins", dirs_exist_ok=True)
    edit(project, "params.yaml", "  text: tfidf #", "  #")  # a parameter of a later half
    reproduce(project)
    assert load(project, "reports/registration.json")["decision"] == "registered"
    assert load(project, "reports/metrics.json")["f1_macro"] > 0.9
    assert len(store(project).of("penguins")) == 1
