"""How to go back from bad data."""

from pathlib import Path

from ..base import git


def back_to_committed(data: Path) -> str:
    """Return the commands that bring back the data of the last commit; empty if its `.dvc` file is unchanged.

    `dvc repro` has written the new data's md5 into that file before a stage sees them.

    Args:
        data: the path of the data.
    """
    entry = f"{data.as_posix()}.dvc"
    state = git.text("status", "--porcelain", "--", entry) or ""
    return f"git checkout {entry} && dvc checkout {entry}" if state.strip().startswith("M") else ""
