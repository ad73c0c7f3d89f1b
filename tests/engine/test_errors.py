"""What the system refuses: a line that names the file and the reason, and nothing half written."""

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import joblib
import pytest
from penguins.engine.base.errors import NO_ROOM, NOT_ALLOWED, UserError
from penguins.engine.base.faults import refusals_as_user_errors
from penguins.engine.base.files import read_json, read_model, write, write_text
from penguins.engine.base.hashing import md5_or_locked
from penguins.engine.lineage.pipeline import stages
from penguins.engine.lineage.trained import Trained

from tests.engine.conftest import ROOT

READ_ONLY = sqlite3.OperationalError("attempt to write a readonly database")


def wrapped(cause: Exception) -> Exception:
    """Make the error of a library that was caused by another one."""
    error = RuntimeError("something long")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError(errno.EACCES, "Not allowed", "reports/x"), f"reports/x: Not allowed; {NOT_ALLOWED}"),
        (wrapped(OSError(errno.ENOSPC, "No space left", "mlruns/x")), f"mlruns/x: No space left; {NO_ROOM}"),
        (wrapped(wrapped(READ_ONLY)), f"attempt to write a readonly database; {NOT_ALLOWED}"),
        (MemoryError("4 GB"), "there is not enough memory (4 GB)"),
    ],
)
def test_what_the_system_refuses_is_one_line(error: Exception, says: str) -> None:
    with pytest.raises(UserError) as caught, refusals_as_user_errors():
        raise error
    assert str(caught.value) == says


def test_a_bug_of_ours_stays_one() -> None:
    with pytest.raises(ZeroDivisionError), refusals_as_user_errors():
        raise ZeroDivisionError


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path, folder = tmp_path / "a.txt", tmp_path / "plots"
    write_text(path, "first")
    write(folder, lambda to: to.mkdir())
    kept = sorted(tmp_path.iterdir())

    def fill(to: Path) -> None:
        to.mkdir()
        (to / "a").touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    for target in (path, folder):
        with pytest.raises(OSError, match="No space left") as caught:
            write(target, fill)
        assert caught.value.filename == str(target)
    assert sorted(tmp_path.iterdir()) == kept
    assert path.read_text(encoding="utf-8") == "first"
    assert not any(folder.iterdir())


def truncated(path: Path) -> None:
    joblib.dump({"a": list(range(1000))}, path)
    path.write_bytes(path.read_bytes()[:100])


def of_a_class_that_is_gone(path: Path) -> None:
    path.write_bytes(b"ctheirs\nModel\n.")


@pytest.mark.parametrize("damage", [truncated, of_a_class_that_is_gone, lambda path: path.write_bytes(b"")])
def test_a_model_that_cannot_be_loaded_is_one_line(tmp_path: Path, damage: Callable[[Path], Any]) -> None:
    damage(tmp_path / "model.joblib")
    with pytest.raises(
        UserError, match=r"model.joblib: cannot be read: .*; `dvc repro train` writes it again"
    ):
        read_model(tmp_path / "model.joblib", "train")


@pytest.mark.parametrize("text", ["", "garbage", "[1]", '{"run_id": 1'])
def test_results_that_are_something_else_are_one_line(project: Path, text: str) -> None:
    Path("models/run.json").write_text(text, encoding="utf-8")
    for read in (lambda: read_json(Path("models/run.json"), "train"), Trained.read):
        with pytest.raises(
            UserError, match=r"run.json: cannot be read: .*; `dvc repro train` writes it again"
        ):
            read()


@pytest.mark.parametrize("text", ["5", "stages: 5", "stages: {train: [1]}", "[1]"])
def test_files_of_dvc_that_are_something_else_are_one_line(project: Path, text: str) -> None:
    for name in ("dvc.lock", "dvc.yaml"):
        Path(name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"dvc.lock: is not as DVC writes it"):
        md5_or_locked(Path("nothing"))
    with pytest.raises(UserError, match=r"dvc.yaml: is not as DVC writes it"):
        stages()


def said(stdout: int | IO[Any]) -> tuple[int, str]:
    """Print more than a pipe holds, as a command does."""
    start = "from penguins.engine.base import process"
    code = f"{start}; process.run(lambda: print('x' * 200_000))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(os.name == "nt", reason="there is no /dev/full, and pipes break otherwise")
def test_an_output_that_nobody_can_take_is_no_traceback() -> None:
    with Path("/dev/full").open("w") as full:
        code, line = said(full)
    assert (code, line.count("\n")) == (1, 1)
    assert "No space left on device" in line
    listener, end = os.pipe()
    os.close(listener)
    assert said(end) == (141, "")
    os.close(end)
