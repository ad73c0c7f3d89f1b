"""A table of one's own, from its file to a registered model, with no edit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import bake_into
from tests.support.baked import Baked
from tests.support.running import commit, load, own_tests, reproduce

pytestmark = pytest.mark.slow

UNDO = "git restore"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, environment: Path, shims: Path | None) -> Baked:
    return bake_into(tmp_path_factory.mktemp("adopt"), {}, True).within(environment, shims)


def table(folder: Path) -> Path:
    """Write a table as a German spreadsheet does: semicolons, decimal commas, Latin-1, gaps in the target."""
    random = np.random.default_rng(0)
    width, town = random.normal(50, 9, 400).round(1), random.choice(["Köln", "Bonn", "Ulm"], 400)
    size = pd.cut(
        width + random.normal(0, 0.4, 400), [0, 45, 55, 200], labels=["klein", "mittel", "groß"]
    ).astype("str")
    rows = pd.DataFrame({"Nr": range(400), "Größe": width, "Ort": town, "Klasse": size})
    rows["Preis"] = random.uniform(1, 9, 400).round(2)
    rows.loc[::50, "Klasse"] = None
    rows.to_csv(folder / "Möbel.csv", sep=";", decimal=",", index=False, encoding="cp1252")
    return folder / "Möbel.csv"


def adopt(project: Baked, *arguments: str | Path, check: bool = True) -> str:
    done = project.run("python", "-m", "penguins", "adopt", *arguments, check=check)
    return done.stdout + done.stderr


def test_a_table_is_adopted_and_undone_and_runs(fresh: Baked, tmp_path: Path) -> None:
    file = table(tmp_path)
    (fresh.path / "note.txt").write_text("mine", encoding="utf-8")
    assert "note.txt: not committed" in adopt(fresh, file, "--target", "Klasse", check=False)
    (fresh.path / "note.txt").unlink()
    before = {name: fresh.read(name) for name in ("params.yaml", "README.md", "data/raw/penguins.csv")}

    said = adopt(fresh, file, "--target", "Klasse")
    assert fresh.has("data/raw/mobel.csv")
    assert not fresh.has("data/raw/penguins.csv")
    (line,) = (line for line in said.splitlines() if UNDO in line)
    for command in line.strip().split(" && "):
        fresh.run(*command.split())
    assert fresh.run("git", "status", "--porcelain").stdout == ""
    assert {name: fresh.read(name) for name in before} == before

    adopt(fresh, file, "--target", "Klasse")
    commit(fresh, "Adopt")
    reproduce(fresh)
    decision = load(fresh, "reports/registration.json")
    assert (decision["decision"], decision["model"]) == ("registered", "mobel")
    assert load(fresh, "reports/metrics.json")["f1_macro"] > 0.9
    texts = [name for name in fresh.files() if name.endswith((".md", ".ipynb"))]
    named = [name for name in texts if "raw/penguins" in fresh.read(name)]
    # the examples of these are about the penguins, and say so
    assert {name for name in named if not name.startswith("docs/how-to/")} == {"docs/change-it.md"}
    fresh.run("ruff", "format", "--check", ".")
    fresh.run("ruff", "check", ".")
    assert "skipped" not in own_tests(fresh)
