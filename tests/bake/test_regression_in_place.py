"""A project for classes becomes one for numbers as its how-to says: the one that is baked for that."""

from pathlib import Path
from shutil import copytree

from tests.conftest import Bake
from tests.support.baked import Baked
from tests.support.pages import blocks


def test_the_files_are_those_of_a_project_for_regression(baked: Bake, tmp_path: Path) -> None:
    wanted = baked(task="regression")
    copytree(wanted.path, tmp_path / "regression/penguins")
    project = Baked(copytree(baked().path, tmp_path / "penguins"))
    (take,) = (b.text for b in blocks(project.read("docs/how-to/regression.md")) if b.kind == "sh")
    project.run("sh", "-euc", take)
    only_here = set(project.files()) - set(wanted.files())
    assert only_here == {"docs/how-to/imbalance.md", "docs/how-to/regression.md"}
    assert not set(wanted.files()) - set(project.files())
    assert [name for name in wanted.files() if project.read(name) != wanted.read(name)] == []
