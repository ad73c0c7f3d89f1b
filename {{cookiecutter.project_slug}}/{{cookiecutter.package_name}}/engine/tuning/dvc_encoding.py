"""Whether DVC can run experiments in folders of their own here: letters outside ASCII prevent it."""

from pathlib import Path

from ..base import git


def not_ascii(root: Path) -> str:
    """Say why DVC cannot run experiments in folders of their own here; empty if it can.

    DVC (3.67) copies the path of its cache and the settings of this clone into such a folder
    (`TempDirExecutor` in dvc/repo/experiments/executor/local.py), and writes them as ASCII.

    Args:
        root: the project's.
    """
    from dvc.config import Config

    config = Config(str(root / ".dvc"))
    cache = str(config["cache"].get("dir") or root / ".dvc" / "cache")
    texts = {
        f"{cache}: the path": cache,
        ".dvc/config.local: a setting": str(config.read("local")),
        ".git/config: a setting": git.text("config", "--local", "--list", cwd=root) or "",
    }
    for what, text in texts.items():
        if not text.isascii():
            return (
                f"{what} has letters outside ASCII, so DVC cannot run `dvc exp run --temp` or `--queue`; "
                "`dvc repro`, `dvc exp run` and `tune` without --queue work (docs/tuning.md has a way out)"
            )
    return ""
