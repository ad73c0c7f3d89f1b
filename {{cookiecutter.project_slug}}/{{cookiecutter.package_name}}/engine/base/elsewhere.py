"""Work in a process of its own, which returns only its exit code."""

import subprocess
import sys
from collections.abc import Callable

Starter = Callable[[str], Callable[[], int]]


def _start(module: str) -> Callable[[], int]:
    nowhere = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-m", module], stdout=nowhere, stderr=nowhere).wait


_starter: Starter = _start


def start(module: str) -> Callable[[], int]:
    """Run a module in a process of its own.

    Returns:
        A callable that blocks until it has ended, and returns its exit code.
    """
    return _starter(module)


def use(starter: Starter) -> None:
    """Start such processes in another way from now on."""
    global _starter
    _starter = starter
