"""Work that begins before its result is needed, while this process imports its libraries."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from . import background

T = TypeVar("T")

_begun: dict[Hashable, Callable[[], Any]] = {}


def begin(key: Hashable, work: Callable[[], object]) -> None:
    """Begin work in a thread of its own; `take` with an equal key returns its result."""
    _begun[key] = background.start(work)


def take(key: Hashable, work: Callable[[], T]) -> T:
    """Return the result of the work begun under this key, or raise its error; without one, do it now.

    A result is handed out once: it may be large, and nothing else refers to it.
    """
    result: T = _begun.pop(key, work)()
    return result
