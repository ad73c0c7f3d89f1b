"""Writing what was decided: all of it, or nothing."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..base import dvc, git
from ..base.errors import UserError
from ..base.files import write, write_text

RAW = Path("data/raw")
IGNORED = RAW / ".gitignore"


def check_clean(table: Path) -> None:
    """Check that git can undo what will be written; the table itself need not be committed.

    Raises:
        UserError: something else is not committed.
    """
    try:
        git.head()
        printed = git.ask("status", "--porcelain", "-z", "--untracked-files=all", ".")
    except git.GitError as error:
        raise UserError(str(error)) from None
    top = Path(git.text("rev-parse", "--show-toplevel") or ".")
    lines = [line for line in git.decoded(printed).split("\0") if line]
    dirty = [line[3:] for line in lines if not (top / line[3:]).resolve().is_relative_to(table.resolve())]
    if dirty:
        more = f" and {len(dirty) - 3} more" if dirty[3:] else ""
        raise UserError(
            f"{', '.join(dirty[:3])}{more}: not committed; commit or `git stash` first, so that "
            "`git restore` can undo what `adopt` writes"
        )


@contextmanager
def undone_if_it_fails(paths: list[Path]) -> Iterator[None]:
    """Restore files to what they were if the block fails."""
    before = {path: path.read_bytes() if path.is_file() else None for path in paths}
    try:
        yield
    except BaseException:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            elif not path.is_file() or path.read_bytes() != content:
                write(path, lambda to, content=content: to.write_bytes(content))  # type: ignore[misc]
        raise


def put(file: Path, to: Path) -> bool:
    """Copy a table to its place in the project; return False if it is there already."""
    if to.exists() and to.samefile(file):
        return False
    write(to, lambda path: shutil.copyfile(file, path))
    return True


def track(path: Path) -> None:
    """Let DVC track a file.

    Raises:
        UserError: DVC refuses; the text says why.
    """
    done = subprocess.run(
        dvc.command("add", "--quiet", str(path)), capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        said = dvc.printed_errors(done.stderr + done.stdout) or [f"exit code {done.returncode}"]
        raise UserError(f"{path}: dvc add: {said[0]}")


def take_out(old: Path, tracked: Path) -> None:
    """Remove the previous table, which DVC's cache has: DVC's file about it, and the data."""
    tracked.unlink(missing_ok=True)
    if IGNORED.is_file():
        lines = IGNORED.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line != f"/{old.name}"]
        write_text(IGNORED, "".join(f"{line}\n" for line in kept))
    if old.is_file():
        old.unlink()


def is_cached(tracked: Path) -> bool:
    """Tell whether DVC's cache has the data of a `.dvc` file, so that `dvc checkout` can bring it back."""
    from ..base.yaml import read_yaml

    content = read_yaml(tracked) if tracked.is_file() else {}
    outs = content.get("outs", []) if isinstance(content, Mapping) else []
    digest = str(outs[0].get("md5", "")) if outs else ""
    return bool(digest) and (cache_folder() / digest[:2] / digest[2:]).is_file()


def cache_folder() -> Path:
    """Return the folder of DVC's cache, which projects may share."""
    done = subprocess.run(dvc.command("cache", "dir"), capture_output=True, text=True, encoding="utf-8")
    folder = done.stdout.strip() if done.returncode == 0 else ".dvc/cache"
    return Path(folder) / "files" / "md5"
