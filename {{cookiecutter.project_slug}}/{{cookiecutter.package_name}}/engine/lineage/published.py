"""How the code differs from a commit that will stay; the run's may be squashed, rebased or amended."""

from ..base import git
from ..base.git import GitError
from .diff import diff_from

BASE = "git.base"  # the tag with that commit
SINCE_MD5 = "git.since"  # the tag with the md5 of the changes since; there is none if there are none
# the artifact with the changes since, including those in the run's own commits
SINCE = "code.since-base.diff"
MAIN = ("refs/remotes/*/HEAD", "refs/remotes/*/main", "refs/remotes/*/master")


def since_published(commit: str) -> tuple[str, bytes]:
    """Return the commit that will stay and the changes since, as a patch; both empty if it is `commit`.

    Args:
        commit: the commit that the run's code comes from; empty if there is none.
    """
    base = published(commit) if commit else ""
    if base in ("", commit):
        return "", b""
    try:
        return base, diff_from(base).content
    except GitError:  # this was already reported when the run's own changes were recorded
        return "", b""


def published(commit: str) -> str:
    """Return a commit's newest ancestor on the main branch of a remote, or else its very first ancestor."""
    for head in (git.text("for-each-ref", "--format=%(refname)", *MAIN) or "").splitlines():
        if base := git.text("merge-base", commit, head):
            return base
    return (git.text("rev-list", "--max-parents=0", commit) or "").rpartition("\n")[2]
