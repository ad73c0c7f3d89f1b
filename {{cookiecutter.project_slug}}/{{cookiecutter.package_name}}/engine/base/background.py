"""Work that goes on while something else is done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def start(work: Callable[[], T]) -> Callable[[], T]:
    """Start work in a thread of its own.

    To import libraries keeps one processor busy for seconds, and to read a table or to predict another.

    Returns:
        A callable that blocks until the work is done, and returns its result or raises its error.
    """
    executor = ThreadPoolExecutor(1)
    try:
        return executor.submit(work).result
    finally:
        executor.shutdown(wait=False)
