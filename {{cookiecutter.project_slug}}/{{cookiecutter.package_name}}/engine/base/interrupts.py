"""Ctrl-C and SIGTERM, at any moment: `finally` blocks run, and the process ends with one line.

An interrupt is an exception, which can get lost: in a library's bare `except:`, in C code that clears errors,
or in a destructor. So a thread checks whether the main thread is handling it and, if not, interrupts again.
While it is being handled, for example in a `finally` block, further signals do nothing.
"""

import os
import signal
import sys
from _thread import interrupt_main, start_new_thread
from contextlib import suppress
from threading import main_thread
from time import monotonic, sleep
from types import FrameType

MOMENT = 0.2  # seconds between two checks
PATIENCE = 2.0  # seconds after an interrupt in which another Ctrl-C does nothing


def raise_at_signals() -> None:
    """Raise KeyboardInterrupt at either signal."""
    signal.signal(signal.SIGTERM, _interrupt)  # so that `finally` blocks run, as after Ctrl-C
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a job in the background ignores it
        signal.signal(signal.SIGINT, _interrupt)


_since: float | None = None  # when this process was interrupted, by the monotonic clock
_has_warned = False  # whether it has said what the next Ctrl-C does


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Interrupt what is running; a second signal does not break into the `finally` blocks of the first.

    The second may be the same one: a signal to a whole group of processes also reaches the process that
    stands in for a stage, which passes it on.

    Raises:
        KeyboardInterrupt: this is the first signal, or the first one was lost.
    """
    global _since, _has_warned
    if _since is None:
        _since, _has_warned = monotonic(), False
        with suppress(RuntimeError):  # the system has no more threads, so that a signal may be lost
            start_new_thread(_watch, (_since,))  # without the locks of `threading`, which may be held
        raise KeyboardInterrupt
    _end_if_repeated(number)
    check()


def _watch(since: float) -> None:
    """Interrupt again, whenever an interrupt has been lost, until the process ends or is `resumed`."""
    main = main_thread().ident or 0
    while _since == since:
        sleep(MOMENT)
        handled: object = sys._current_exceptions().get(main)
        error = handled[1] if isinstance(handled, tuple) else handled  # Python 3.11 has three values
        lost = not is_interrupt(error) and _since == since
        if lost and signal.getsignal(signal.SIGTERM) is _interrupt:
            if sys.platform == "win32":
                interrupt_main(signal.SIGTERM)
            else:  # a signal also ends a sleep
                signal.pthread_kill(main, signal.SIGTERM)


def is_interrupt(error: object) -> bool:
    """Tell whether an error is an interrupt, or was raised in its place while one was handled."""
    while isinstance(error, BaseException):
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__context__
    return False


def check() -> None:
    """Check that an interrupt was not lost.

    Raises:
        KeyboardInterrupt: one was lost: this process was interrupted, and nothing handles it.
    """
    if _since is not None and not is_interrupt(sys.exception()):
        raise KeyboardInterrupt


def resumed() -> None:
    """Say that an interrupt has been handled: call this where it is caught on purpose."""
    global _since
    _since = None


def _end_if_repeated(number: int) -> None:
    """End the process if Ctrl-C is typed repeatedly, as when a `finally` block hangs; warn once before."""
    global _has_warned
    if number == signal.SIGINT and _since is not None and monotonic() - _since > PATIENCE:
        if _has_warned:
            _exit()
        _has_warned = True
        _write("cleaning up: Ctrl-C again ends it at once\n")


def end_at_signals() -> None:
    """End at a signal from now on: an exception while Python cleans up would be a traceback, or get lost."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    if _since is None:
        _exit()
    _end_if_repeated(number)


def _exit() -> None:
    report()
    os._exit(1)


_reported = False  # whether the line has been printed


def report() -> None:
    """Print one line, once."""
    global _reported
    if not _reported:
        _write("error: interrupted\n")
        _reported = True


def _write(line: str) -> None:
    """Write to standard error, even if a signal has interrupted a print, which cannot be entered again."""
    with suppress(OSError):  # there is no standard error
        os.write(2, line.encode())


def unraisablehook(unraisable: "sys.UnraisableHookArgs") -> None:
    """Print an error that Python cannot raise, such as in a destructor; an interrupt is repeated instead."""
    if _since is None or unraisable.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(unraisable)
