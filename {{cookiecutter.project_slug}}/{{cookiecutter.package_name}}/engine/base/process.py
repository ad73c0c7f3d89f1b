"""The process of a stage or a command: set up once, quiet, and with one line for a user's mistake."""

import atexit
import gc
import logging
import os
import re
import signal
import sys
import warnings
from _thread import interrupt_main
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from threading import Timer, main_thread
from time import monotonic
from traceback import format_exception
from types import FrameType, TracebackType
from typing import TextIO

from . import started  # noqa: F401  # before any other of the package's files is read
from .errors import UserError
from .faults import fault, refusals_as_user_errors
from .paths import CODE
from .text import masked

# Warnings of libraries that a user can do nothing about; Python itself hides those of deprecations.
NOISE = (
    "Hint: Inferred schema contains integer column",  # MLflow's, of the predictions, which are never missing
    r".* is (an )?experimental",  # Optuna's, whose version the lock pins
)

SAME_SIGNAL = 0.5  # seconds
SIGPIPE = 128 + 13  # the exit code that a shell gives a command which this signal ended


def prepare() -> None:
    """Set up a process; call this before its libraries are imported.

    Their more than 400,000 objects live until the process ends. Searching them for garbage again and again
    during the imports, and once more at the end, would take a third of a stage's time. Warnings, and an
    interrupt during the imports, are printed in one line.
    """
    gc.set_threshold(1_000_000, 50, 50)
    atexit.register(gc.freeze)
    sys.excepthook = _excepthook
    sys.unraisablehook = _unraisablehook
    warnings.showwarning = _warn
    if not sys.warnoptions:
        warnings.simplefilter("ignore", SyntaxWarning)  # newer Pythons warn of libraries' sources
        for message in NOISE:
            warnings.filterwarnings("ignore", message)


def run(main: Callable[[], None]) -> None:
    """Run a stage or a command; a user's mistakes end the process with one line each and exit code 1."""
    signal.signal(signal.SIGTERM, _interrupt)  # so that `finally` blocks run, as after Ctrl-C
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a job in the background ignores it
        signal.signal(signal.SIGINT, _interrupt)
    for stream in (sys.stdout, sys.stderr):  # a character that the terminal lacks must not stop the process
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    for name in ("alembic", "great_expectations"):
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # 90 lines for what we print in one
    try:
        with refusals_as_user_errors():
            try:
                _check_folder()
                main()
            finally:
                _flush()
    except UserError as error:
        sys.exit("\n".join(f"error: {line}" for line in masked(str(error)).splitlines()))
    except KeyboardInterrupt:
        _end_at_signals()
        _report_interrupt()
        sys.exit(1)
    except BrokenPipeError:  # the reader is gone, as after `| head -1`
        sys.exit(SIGPIPE)
    except Exception as error:
        if line := fault(error):  # in the user's half of the project
            sys.exit(f"error: {masked(line)}")
        raise
    finally:
        _end_at_signals()


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


def _end_at_signals() -> None:
    """From now on end at a signal: an exception while Python cleans up would be a traceback, or be lost."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    _report_interrupt()
    os._exit(1)


_reported = False  # whether the line has been printed


def _report_interrupt() -> None:
    """Print one line, once; a print that was interrupted by a signal cannot be entered again, a write can."""
    global _reported
    if not _reported:
        with suppress(OSError):  # there is no standard error
            os.write(2, b"error: interrupted\n")
        _reported = True


def _flush() -> None:
    """Flush standard output; if that fails, print nothing more.

    Raises:
        OSError: it failed.
    """
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python flushes again at exit
        error.filename = "standard output"
        raise


def _check_folder() -> None:
    """Check that the process runs in the folder of `dvc.yaml`, and with the code of that folder.

    Raises:
        UserError: it does not; the message says what to do.
    """
    here, package = Path.cwd(), CODE
    if not (here / "dvc.yaml").is_file():
        raise UserError(f'{here} has no dvc.yaml: go to where the project is: cd "{package.parent}"')
    own = (here / package.name).resolve()
    if own.is_dir() and own != package:
        raise UserError(f"the code of {package} would run here: unset PYTHONPATH and PYTHONSAFEPATH")


_shown: set[str] = set()  # the warnings so far, without their numbers: a search repeats them in each trial


def _warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a library's warning in one line, once; takes the arguments of `warnings.showwarning`."""
    text = " ".join(str(message).split())
    if category.__name__ == "InconsistentVersionWarning":
        made, here = (getattr(message, f"{which}_sklearn_version") for which in ("original", "current"))
        text = (
            f"a model was made with scikit-learn {made}, and {here} is installed: it may predict "
            f"differently; `dvc repro -f train` trains it again, `pip install scikit-learn=={made}` runs it "
            "as it was"
        )
    key = re.sub(r"\d+", "", text)
    if key not in _shown:
        _shown.add(key)
        print(f"warning: {masked(text)[:500]}", file=sys.stderr)


def _excepthook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Print an interrupt in one line, and any other error's traceback without passwords."""
    if issubclass(kind, KeyboardInterrupt):
        _report_interrupt()
    else:
        print(masked("".join(format_exception(kind, error, traceback))), end="", file=sys.stderr)


def _unraisablehook(unraisable: "sys.UnraisableHookArgs") -> None:
    """Interrupt again what was interrupted where Python can raise nothing, as in a destructor."""
    global _interrupted
    if unraisable.exc_type is KeyboardInterrupt and signal.getsignal(signal.SIGINT) is _interrupt:
        _interrupted = float("-inf")
        Timer(0.01, _interrupt_main_thread).start()  # once this function, too, has returned
    else:
        sys.__unraisablehook__(unraisable)


def _interrupt_main_thread() -> None:
    if sys.platform == "win32":
        interrupt_main()
    else:  # a signal also ends a sleep
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
