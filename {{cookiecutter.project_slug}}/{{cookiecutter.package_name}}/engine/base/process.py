"""The process of a stage or a command: set up once, quiet, and with one line for a user's mistake."""

import atexit
import gc
import os
import re
import sys
import warnings
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import NoReturn, TextIO

from . import started  # noqa: F401  # before any other of the package's files is read
from .errors import UserError
from .faults import exits, fault, refusals_as_user_errors
from .interrupts import check, end_at_signals, is_interrupt, raise_at_signals, report, unraisablehook
from .paths import CODE, IMAGE, PIPELINE
from .text import masked

# Warnings of libraries that a user can do nothing about; Python itself hides those of deprecations.
NOISE = (
    "Hint: Inferred schema contains integer column",  # MLflow's, of the predictions, which are never missing
    r".* is (an )?experimental",  # Optuna's, whose version the lock pins
)

# MLflow imports these for language models, and with them a web server: a quarter of its import
UNUSED = ("mlflow.genai", "mlflow.genai.judges", "mlflow.genai.scorers", "mlflow.gateway")

SIGPIPE = 128 + 13  # the exit code that a shell gives a command which this signal ended


def prepare() -> None:
    """Set up a process; call this before its libraries are imported.

    The more than 400,000 objects of the libraries live until the process ends. Searching them for garbage
    again and again during the imports, and once more at the end, would take a third of a stage's time.
    Warnings, and an interrupt during the imports, are printed in one line.
    """
    gc.set_threshold(1_000_000, 50, 50)
    atexit.register(gc.freeze)
    raise_at_signals()
    sys.excepthook = _excepthook
    sys.unraisablehook = unraisablehook
    warnings.showwarning = _warn
    if not sys.warnoptions:
        warnings.simplefilter("ignore", SyntaxWarning)  # newer Pythons warn about libraries' sources
        for message in NOISE:
            warnings.filterwarnings("ignore", message)


def prepare_libraries() -> None:
    """Turn off what libraries log, and what they import needlessly; call this before they are imported."""
    import logging

    from . import lazy

    lazy.packages(*UNUSED)
    for name in ("alembic", "great_expectations"):
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # 90 lines for what we print in one


def run(main: Callable[[], None]) -> None:
    """Run a stage or a command; a user's mistakes end the process with one line each and exit code 1."""
    for stream in (sys.stdout, sys.stderr):  # a character that the terminal lacks must not stop the process
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with refusals_as_user_errors():
            try:
                _check_folder()
                main()
            finally:
                _flush()
                check()
    except UserError as error:
        sys.exit("\n".join(f"error: {line}" for line in masked(str(error)).splitlines()))
    except KeyboardInterrupt:
        _end_interrupted()
    except SystemExit as end:
        if line := exits(end):
            sys.exit(f"error: {masked(line)}")
        raise
    except BrokenPipeError:  # the reader is gone, for example after `| head -1`
        sys.exit(SIGPIPE)
    except Exception as error:
        if is_interrupt(error):  # C code may have turned it into an error of its own
            _end_interrupted()
        if line := fault(error):  # in the user's half of the project
            sys.exit(f"error: {masked(line)}")
        raise
    finally:
        end_at_signals()


def _end_interrupted() -> NoReturn:
    """End the process with one line."""
    end_at_signals()
    report()
    sys.exit(1)


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
    if not (here / PIPELINE).is_file() and not (here / IMAGE).is_file():
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
    end_at_signals()
    if is_interrupt(error):
        report()
    else:
        from traceback import format_exception  # only now: each process of a stage would import it

        print(masked("".join(format_exception(kind, error, traceback))), end="", file=sys.stderr)
