"""Which commit, with which changes, is the code of a run."""

from typing import NamedTuple

from ..base import git
from ..registry.provenance import Made
from ..tracking.recipes import Recipe


class Code(NamedTuple):
    """A commit, the changes to it as `git apply` takes them, and what to say if it is not the run's own."""

    commit: str
    diff: bytes
    note: str = ""


def code_of(recipe: Recipe) -> Code:
    """Find the code of a run: its own commit or, if that was rewritten and is gone, another one."""
    own, base, gone = recipe.commit, recipe.base, f"{recipe.commit[:7]} is gone"
    if _is_here(own):
        return Code(own, recipe.diff)
    if _is_here(base):
        return Code(base, recipe.since, f"that of {base[:7]} and the recorded changes since; {gone}")
    if equal := Made(recipe.dependencies, recipe.params).commit():
        return Code(equal, b"", f"that of {equal[:7]}, which has the same files; {gone}")
    return Code(own, recipe.diff)


def _is_here(commit: str) -> bool:
    return bool(commit and git.text("rev-parse", "--verify", "--quiet", f"{commit}^0"))
