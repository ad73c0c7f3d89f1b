"""Running git as the user that `isolated` sets up: settings of this machine or of a hook have no effect."""

from pathlib import Path

from tests.support.baked import run


def git(*arguments: str | Path, cwd: Path | None = None) -> str:
    """Run git in a folder, the current one if none is given, and return what it prints."""
    return run(cwd or Path.cwd(), "git", *arguments).stdout.strip()


def commit(*more: str, cwd: Path | None = None) -> str:
    """Commit everything in a folder, even if nothing has changed, and return the commit."""
    git("add", "--all", ".", cwd=cwd)
    git("commit", "--quiet", "--allow-empty", "--message", "change", *more, cwd=cwd)
    return git("rev-parse", "HEAD", cwd=cwd)
