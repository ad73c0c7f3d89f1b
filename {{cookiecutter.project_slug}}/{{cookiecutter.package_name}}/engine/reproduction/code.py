"""The code of a run: a commit, and uncommitted changes to it."""

from typing import NamedTuple

from ..base import git
from ..registry.provenance import ModelInputs
from ..tracking.recipes import Recipe


class Code(NamedTuple):
    """A commit and the changes to it.

    Attributes:
        commit: its hash.
        diff: the changes, in the format of `git apply`.
        note: what to tell the user if this is not the run's own commit; empty if it is.
    """

    commit: str
    diff: bytes
    note: str = ""


def code_of(recipe: Recipe) -> Code:
    """Return the code of a run: its own commit or, if that is gone since history was rewritten, an equal one.

    Returns:
        The run's own commit if no other has its code: checking it out fails with a message.
    """
    own, base, gone = recipe.commit, recipe.base, f"{recipe.commit[:7]} is gone"
    if _is_here(own):
        return Code(own, recipe.diff)
    if _is_here(base):
        return Code(base, recipe.since, f"that of {base[:7]} and the recorded changes since; {gone}")
    if equal := ModelInputs(recipe.dependencies, recipe.params).commit():
        return Code(equal, b"", f"that of {equal[:7]}, which has the same files; {gone}")
    return Code(own, recipe.diff)


def _is_here(commit: str) -> bool:
    return bool(commit and git.text("rev-parse", "--verify", "--quiet", f"{commit}^0"))
