"""Work in a thread of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def start(work: Callable[[], T]) -> Callable[[], T]:
    """Start work in a thread of its own.

    Importing libraries keeps one core busy for seconds; reading a table or predicting can use another.

    Returns:
        A callable that blocks until the work is done, and returns its result or raises its error.
    """
    executor = ThreadPoolExecutor(1)
    try:
        return executor.submit(work).result
    finally:
        executor.shutdown(wait=False)
