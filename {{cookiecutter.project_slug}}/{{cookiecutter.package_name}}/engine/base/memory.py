"""Returning freed memory to the system: allocators keep it, and a large table would come on top of it."""

import ctypes
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


def release() -> None:
    """Return what Arrow and C's allocator keep for later; call this after freeing a large table."""
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(AttributeError):  # glibc's; musl's allocator keeps nothing
            ctypes.CDLL(None).malloc_trim(0)


class Held(Generic[T]):
    """A large object that can be released, and is made again if it is needed later."""

    def __init__(self, value: T, again: Callable[[], T] | None = None) -> None:
        """Hold something.

        Args:
            value: the object.
            again: makes an equal one; None if the object cannot be freed.
        """
        self._value: T | None = value
        self._again = again

    def get(self) -> T:
        """Return the object."""
        if self._value is None:
            assert self._again is not None
            self._value = self._again()
        return self._value

    def let_go(self) -> None:
        """Free the object, if it can be made again."""
        if self._again is not None:
            self._value = None
