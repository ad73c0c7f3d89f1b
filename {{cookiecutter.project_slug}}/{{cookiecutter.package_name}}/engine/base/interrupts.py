"""Ctrl-C and SIGTERM, at any moment: `finally` blocks run, and the process ends with one line."""

import os
import signal
import sys
from _thread import interrupt_main
from contextlib import suppress
from threading import Timer, main_thread
from time import monotonic
from types import FrameType

SAME_SIGNAL = 2.0  # seconds; one that is passed on comes late on a busy machine


def raise_at_signals() -> None:
    """Raise KeyboardInterrupt at either signal."""
    signal.signal(signal.SIGTERM, _interrupt)  # so that `finally` blocks run, as after Ctrl-C
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a job in the background ignores it
        signal.signal(signal.SIGINT, _interrupt)


_interrupted = float("-inf")  # when, by the monotonic clock


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Interrupt what is under way; a second signal at once is taken for the same one.

    Whoever stops a whole group of processes also stops the one that stands for a stage, which passes it on.

    Raises:
        KeyboardInterrupt: for the first one.
    """
    global _interrupted
    before, _interrupted = _interrupted, monotonic()
    if _interrupted - before > SAME_SIGNAL:
        raise KeyboardInterrupt


def end_at_signals() -> None:
    """From now on end at a signal: an exception while Python cleans up would be a traceback, or be lost."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    report()
    os._exit(1)


_reported = False  # whether the line has been printed


def report() -> None:
    """Print one line, once; a print that was interrupted by a signal cannot be entered again, a write can."""
    global _reported
    if not _reported:
        with suppress(OSError):  # there is no standard error
            os.write(2, b"error: interrupted\n")
        _reported = True


def unraisablehook(unraisable: "sys.UnraisableHookArgs") -> None:
    """Interrupt again what was interrupted where Python can raise nothing, as in a destructor."""
    global _interrupted
    handlers = (_interrupt, signal.default_int_handler)  # Python's own, while libraries are imported
    if unraisable.exc_type is KeyboardInterrupt and signal.getsignal(signal.SIGINT) in handlers:
        _interrupted = float("-inf")
        Timer(0.01, _interrupt_main_thread).start()  # once this function, too, has returned
    else:
        sys.__unraisablehook__(unraisable)


def _interrupt_main_thread() -> None:
    if sys.platform == "win32":
        interrupt_main()
    else:  # a signal also ends a sleep
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
