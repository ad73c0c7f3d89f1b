"""How the code differs from a commit that stays: the run's own may be squashed, rebased or amended away."""

from ..base import git
from ..base.git import GitError
from .diff import diff_from

BASE = "git.base"  # the tag with that commit
SINCE_MD5 = "git.since"  # the tag with the md5 of the changes since; there is none if there are none
SINCE = "code.since-base.diff"  # the artifact with the changes since, those of the run's own commits included
MAIN = ("refs/remotes/*/HEAD", "refs/remotes/*/main", "refs/remotes/*/master")


def since_published(commit: str) -> tuple[str, bytes]:
    """Return the commit that stays, and the changes since as `git apply` takes them; nothing if that is it.

    Args:
        commit: that the code is, or was changed from; empty if there is none.
    """
    base = published(commit) if commit else ""
    if base in ("", commit):
        return "", b""
    try:
        return base, diff_from(base).content
    except GitError:  # which was said when the run's own changes were looked for
        return "", b""


def published(commit: str) -> str:
    """Return the newest commit before one that a remote has on its main branch, or else the very first."""
    for head in (git.text("for-each-ref", "--format=%(refname)", *MAIN) or "").splitlines():
        if base := git.text("merge-base", commit, head):
            return base
    return (git.text("rev-list", "--max-parents=0", commit) or "").rpartition("\n")[2]
