"""Checks of git, params.yaml and the expectations."""

from collections.abc import Callable

from ..base import elsewhere, git, process
from ..base.errors import UserError
from ..base.paths import EXPECTATIONS
from ..judging.checks import load_checked_params
from ..validation.suite import load_suite
from .finding import Finding, problem, refused


def commits() -> Finding:
    """Check that there is a commit, which experiments need, and that git knows who the user is."""
    try:
        head = git.head()
    except git.GitError as error:
        return problem(str(error))
    missing = [name for name in ("user.name", "user.email") if not git.text("config", name)]
    if missing:
        commands = " and ".join(f'`git config --global {name} "…"`' for name in missing)
        return problem("git does not know who you are", commands)
    branch = git.text("symbolic-ref", "--quiet", "--short", "HEAD") or "no branch"
    return Finding(f"{branch} at {head[:7]}, as {git.text('config', 'user.name')}")


def params() -> Finding:
    """Check params.yaml as far as this is possible without the data."""
    try:
        checked = load_checked_params()
    except UserError as error:
        return refused(error)
    return Finding(f"params.yaml is valid: {checked.model.type} on {checked.data.path}")


def expectations() -> Finding:
    """Check that Great Expectations knows each expectation and its arguments."""
    try:
        load_suite()
    except UserError as error:
        return refused(error)
    return Finding(f"{EXPECTATIONS} is valid")


def begin_expectations() -> Callable[[], Finding]:
    """Begin the same check in another process: the import takes half of the time of all checks."""
    exit_code = elsewhere.start(__name__)
    # if it failed, the check is repeated here, and finds the reason again
    return lambda: expectations() if exit_code() else Finding(f"{EXPECTATIONS} is valid")


if __name__ == "__main__":
    process.prepare()
    process.prepare_libraries()
    process.run(lambda: print(len(load_suite())))
