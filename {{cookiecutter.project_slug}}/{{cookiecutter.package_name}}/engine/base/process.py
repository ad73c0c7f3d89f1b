"""The process of a stage or a command: set up once; a line for a mistake, nothing from the libraries."""

import atexit
import gc
import logging
import os
import re
import signal
import sys
import warnings
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from traceback import format_exception
from types import TracebackType
from typing import TextIO

from . import started  # noqa: F401  # before any other of the package's files is read
from .errors import UserError, in_a_line
from .faults import fault
from .paths import CODE
from .text import masked

# What libraries warn of that is no news to whoever runs a stage; deprecations are hidden by Python itself.
NOISE = (
    "Hint: Inferred schema contains integer column",  # MLflow's, of what is predicted, which has no gaps
    r".* is (an )?experimental",  # Optuna's, of what the lock pins
)

SIGPIPE = 128 + 13  # the exit code of a shell's command that was ended so


def prepare() -> None:
    """Set up a process that is about to import its libraries: call it before they are.

    Their 400 000 objects and more live to the end. To look through them for garbage all the while that
    they are imported, and once more when the process ends, would be a third of a stage's time. And
    whoever interrupts it meanwhile is told so in a line, as are warnings.
    """
    gc.set_threshold(1_000_000, 50, 50)
    atexit.register(gc.freeze)
    sys.excepthook = _excepthook
    warnings.showwarning = _warn
    if not sys.warnoptions:
        warnings.simplefilter("ignore", SyntaxWarning)  # of libraries' sources, in newer Pythons
        for message in NOISE:
            warnings.filterwarnings("ignore", message)


def run(main: Callable[[], None]) -> None:
    """Run a stage: a user's mistake ends it with one line a mistake and exit code 1."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops it: all is put in order first
    for stream in (sys.stdout, sys.stderr):  # a letter that the terminal lacks is no reason to stop
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    for name in ("alembic", "great_expectations"):
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # in 90 lines what we say in one
    try:
        with in_a_line():
            try:
                _check_folder()
                main()
            finally:
                _flush()
    except UserError as error:
        sys.exit("\n".join(f"error: {line}" for line in masked(str(error)).splitlines()))
    except KeyboardInterrupt:
        sys.exit("error: interrupted")
    except BrokenPipeError:  # nobody listens any more, as after `| head -1`
        sys.exit(SIGPIPE)
    except Exception as error:
        if told := fault(error):  # in the user's half of the project
            sys.exit(f"error: {masked(told)}")
        raise


def _flush() -> None:
    """Let go what was printed; if it cannot be, print nothing more.

    Raises:
        OSError: it cannot be.
    """
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries again at its end
        error.filename = "standard output"
        raise


def _check_folder() -> None:
    """Refuse to run elsewhere than where `dvc.yaml` is, or with another copy's code than the one there.

    Raises:
        UserError: that is so; says what to do.
    """
    here, package = Path.cwd(), CODE
    if not (here / "dvc.yaml").is_file():
        raise UserError(f'{here} has no dvc.yaml: go to where the project is: cd "{package.parent}"')
    own = (here / package.name).resolve()
    if own.is_dir() and own != package:
        raise UserError(f"the code of {package} would run here: unset PYTHONPATH and PYTHONSAFEPATH")


_said: set[str] = set()  # what was warned of, numbers left out: a search would say it in each trial


def _warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Say a library's warning in a line, once; takes what `warnings.showwarning` does."""
    text = " ".join(str(message).split())
    if category.__name__ == "InconsistentVersionWarning":
        made, here = (getattr(message, f"{which}_sklearn_version") for which in ("original", "current"))
        text = (
            f"a model was made with scikit-learn {made}, and {here} is installed: it may predict otherwise; "
            f"`dvc repro -f train` makes it anew, `pip install scikit-learn=={made}` runs it as it was"
        )
    key = re.sub(r"\d+", "", text)
    if key not in _said:
        _said.add(key)
        print(f"warning: {masked(text)[:500]}", file=sys.stderr)


def _excepthook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Say in a line that it was interrupted; of whatever else, no password."""
    if issubclass(kind, KeyboardInterrupt):
        print("error: interrupted", file=sys.stderr)
    else:
        print(masked("".join(format_exception(kind, error, traceback))), end="", file=sys.stderr)
