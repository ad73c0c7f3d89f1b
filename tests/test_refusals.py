"""Bad answers, given to the real command: all said at once, and nothing left behind."""

from pathlib import Path

from tests.baked import cookiecutter

BAD = {
    "project_name": " ",
    "project_slug": "Bad",
    "package_name": "class",
    "dvc_remote_url": "ftp://host/x",
    "mlflow_tracking_uri": "./mlruns",
}


def test_all_at_once(tmp_path: Path) -> None:
    done = cookiecutter(tmp_path, "--no-input", *(f"{k}={v}" for k, v in BAD.items()), check=False)
    said = [line for line in done.stderr.splitlines() if line.split(":")[0] in BAD]
    assert done.returncode != 0
    assert [line.split(":")[0] for line in said] == list(BAD)
    assert "package_name: 'class' is a Python keyword; choose another" in said
    assert done.stderr.isascii()
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    """Also with --overwrite-if-exists, where cookiecutter must not delete what it did not make."""
    (tmp_path / "penguins").mkdir()
    (tmp_path / "penguins" / "work.txt").write_text("mine")
    for force in ([], ["--overwrite-if-exists"]):
        done = cookiecutter(tmp_path, "--no-input", *force, "package_name=json", check=False)
        assert done.returncode != 0
        assert [path.name for path in (tmp_path / "penguins").iterdir()] == ["work.txt"]


def test_unknown_choice(tmp_path: Path) -> None:
    assert cookiecutter(tmp_path, "--no-input", "license=GPL", check=False).returncode != 0
    assert list(tmp_path.iterdir()) == []
