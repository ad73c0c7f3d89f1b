"""Data are had from DVC's remote or, if they were imported, from where they came."""

import hashlib
from pathlib import Path
from shutil import rmtree

import pytest
from dvc.repo import Repo
from penguins.engine.lineage.sources import imported_from, why_unavailable
from penguins.engine.reproduction.inputs import provide
from penguins.engine.reproduction.scratch import checked_out

from tests.support.repository import commit, git

DATA = Path("data/raw/table.csv")


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def begin(folder: Path) -> Repo:
    """Make a repository with a remote of its own."""
    folder.mkdir()
    git("init", "--quiet", cwd=folder)
    repo = Repo.init(str(folder))
    with repo.config.edit("repo") as config:
        config["core"] = {"remote": "storage", "analytics": False}
        config["remote"] = {"storage": {"url": str(folder.with_name(f"{folder.name} remote"))}}
    return Repo(str(folder))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a project without data, and go there."""
    folder = tmp_path / "project"
    begin(folder).close()
    (folder / DATA.parent).mkdir(parents=True)
    monkeypatch.setenv("DVC_ROOT", str(folder))
    monkeypatch.chdir(folder)
    return folder


def test_data_of_another_project_are_had_there(project: Path) -> None:
    source = project.with_name("source")
    with begin(source) as theirs, Repo(str(project)) as ours:
        table = source / "table.csv"
        table.write_bytes(b"one")
        theirs.add(str(table))
        theirs.push()
        commit(cwd=source)
        ours.imp(str(source), "table.csv", out=str(DATA))
        first = commit(cwd=project)
        table.unlink()
        table.write_bytes(b"two")
        theirs.add(str(table))
        theirs.push()
        commit(cwd=source)
        ours.update([f"{DATA}.dvc"])
        ours.push()
    assert not project.with_name("project remote").exists()  # DVC does not push what was imported
    assert why_unavailable(md5("two"), DATA) == ""
    assert why_unavailable(md5("one"), DATA).endswith("`dvc push` it, or `dvc update`")
    assert why_unavailable(md5("one"), DATA, first) == ""
    with imported_from(DATA, first) as found:
        assert found
        assert found[0].cat_file(found[1]) == b"one"
    rmtree(project / ".dvc/cache")
    with checked_out(project, first) as scratch:  # and so has `reproduce` what was imported once
        assert provide(scratch, project, {DATA.as_posix(): md5("one")}) == []
        assert (scratch.project / DATA).read_bytes() == b"one"
    rmtree(project.with_name("source remote"))
    rmtree(source / ".dvc/cache")
    assert why_unavailable(md5("two"), DATA).startswith(f"{md5('two')[:7]} is no longer where")
    rmtree(source)
    assert why_unavailable(md5("two"), DATA).startswith("its source cannot be asked: ")


def test_data_of_an_address_are_had_there_or_in_the_remote(project: Path) -> None:
    file = project.with_name("table.csv")
    file.write_bytes(b"one")
    with Repo(str(project)) as repo:
        repo.imp_url(str(file), out=str(DATA))
        assert why_unavailable(md5("one"), DATA) == ""
        file.write_bytes(b"two")
        assert why_unavailable(md5("one"), DATA).startswith(f"{md5('one')[:7]} is no longer where")
        repo.push()
    assert why_unavailable(md5("one"), DATA) == ""


def test_data_of_ones_own_are_had_in_their_remote(project: Path) -> None:
    assert why_unavailable("", DATA) == "the version does not say which"
    (project / DATA).write_bytes(b"one")
    with Repo(str(project)) as repo:
        repo.add(str(DATA))
        assert why_unavailable(md5("one"), DATA) == f"{md5('one')[:7]} is missing; `dvc push` it"
        with repo.config.edit("repo") as config:
            config["remote"]["other"] = {"url": str(project.with_name("other remote"))}
    entry = project / f"{DATA}.dvc"
    entry.write_text(f"{entry.read_text(encoding='utf-8')}  remote: other\n", encoding="utf-8")
    with Repo(str(project)) as repo:
        repo.push()
    assert project.with_name("other remote").exists()
    assert why_unavailable(md5("one"), DATA) == ""
