"""The progress of long work: shown at once on a terminal, as a line now and then in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from threading import Event, Thread
from typing import Protocol

SHORT = 0.2  # seconds that work may take without being shown
TICK = 0.5  # seconds after which a terminal shows what is new
FIRST, MOST = (
    30.0,
    300.0,
)  # seconds until the first line in a log; each takes twice as long, up to five minutes


class Display(Protocol):
    """Where work is shown."""

    def show(self, text: str, seconds: float) -> None:
        """Show what is being done, and for how long it has been."""

    def close(self) -> None:
        """Show it no longer."""


class Terminal:
    """Shows only the latest text, and nothing at the end."""

    def __init__(self) -> None:
        """Import what draws on a terminal, which nothing else needs."""
        from rich.console import Console

        self._status = Console(stderr=True).status("")
        self._status.start()

    def show(self, text: str, seconds: float) -> None:
        """Show a text in place of the one before."""
        from rich.markup import escape

        self._status.update(escape(text))

    def close(self) -> None:
        """Remove the text."""
        self._status.stop()


class Log:
    """Prints a line, first after half a minute, then ever less often: a log keeps them all."""

    def __init__(self) -> None:
        """Print nothing yet."""
        self._next = FIRST

    def show(self, text: str, seconds: float) -> None:
        """Print a line, if it is time for one."""
        if seconds >= self._next:
            self._next = min(2 * self._next, self._next + MOST)
            print(f"{text} ({seconds:.0f} s)", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Print nothing: the output that follows says what was done."""


class Work:
    """Work that is under way, shown by a thread of its own while its block runs."""

    def __init__(self, message: str) -> None:
        """Take what is being done."""
        self.message = message
        self.detail: Callable[[], str] = str
        self._ended = Event()
        self._begun = time.monotonic()
        self._thread = Thread(target=self._show, daemon=True)

    def text(self) -> str:
        """Say what is being done, and how far it has come."""
        detail = self.detail()
        return f"{self.message}: {detail}" if detail else self.message

    def begin(self) -> None:
        """Begin to show it."""
        self._thread.start()

    def end(self) -> None:
        """Show it no longer."""
        self._ended.set()
        self._thread.join()

    def _show(self) -> None:
        if self._ended.wait(SHORT):
            return
        # a notebook's stream says that it is a terminal, and nothing can be drawn on it
        is_terminal = isinstance(sys.stderr, TextIOWrapper) and sys.stderr.isatty()
        display: Display = Terminal() if is_terminal else Log()
        try:
            while True:
                display.show(self.text(), time.monotonic() - self._begun)
                if self._ended.wait(TICK):
                    return
        finally:
            display.close()


_current: Work | None = None


@contextmanager
def working(message: str) -> Iterator[Work]:
    """Show what is being done while the block runs; within another such block, instead of that one's."""
    global _current
    if _current is not None:
        outer = _current.message, _current.detail
        _current.message, _current.detail = message, str
        try:
            yield _current
        finally:
            _current.message, _current.detail = outer
        return
    _current = work = Work(message)
    work.begin()
    try:
        yield work
    finally:
        _current = None
        work.end()


@contextmanager
def counting(message: str) -> Iterator[Callable[[int], None]]:
    """Show how far work has come that counts something.

    Args:
        message: the message with a place for a number: `reading {:,} rows`.

    Yields:
        What is to be called with the number, as often as it changes.
    """
    with working(message.format(0)) as work:

        def count(number: int) -> None:
            work.message = message.format(number)

        yield count


def tell(detail: Callable[[], str]) -> None:
    """Say how far the work that is under way, if any, has come.

    Args:
        detail: says it whenever it is asked, from another thread.
    """
    if _current is not None:
        _current.detail = detail
