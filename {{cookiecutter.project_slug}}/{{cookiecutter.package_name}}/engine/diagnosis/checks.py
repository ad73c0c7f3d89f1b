"""All checks, in the order in which their results are best read."""

from collections.abc import Callable, Iterator

from ..base.errors import UserError, kind_and_line
from . import data, machine, repository, store
from .finding import Finding, problem, refused

# each of these checks has one finding; the check of the store has up to three
CHECKS: dict[str, Callable[[], Finding]] = {
    "engine": machine.engine,
    "python": machine.python,
    "packages": machine.packages,
    "disk": machine.disk,
    "telemetry": machine.telemetry,
    "git": repository.commits,
    "params": repository.params,
    "cache": data.cache,
    "locks": data.locks,
    "remote": data.shared,
    "data": data.files,
    "expectations": repository.expectations,
}
STORE = ("store", "clock", "artifacts")


def run() -> Iterator[tuple[str, Finding]]:
    """Run all checks; if a check itself fails, this is a problem, and the others still run."""
    slowest = {"expectations": repository.begin_expectations()}
    for name, check in (CHECKS | slowest).items():
        yield name, _guarded(check)[0]
    yield from zip(STORE, _guarded(store.tracking), strict=False)


def _guarded(check: Callable[[], Finding | list[Finding]]) -> list[Finding]:
    try:
        found = check()
        return found if isinstance(found, list) else [found]
    except UserError as error:
        return [refused(error)]
    except Exception as error:  # `doctor` is there to show whatever a library raises
        return [problem(f"cannot be checked: {kind_and_line(error)}")]
