"""How a stage speaks: one summary table, one line for a mistake, nothing from the libraries."""

import atexit
import gc
import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from traceback import format_exception
from types import TracebackType
from typing import TYPE_CHECKING

from .errors import UserError
from .text import masked

if TYPE_CHECKING:
    from rich.text import Text


def prepare() -> None:
    """Set up a process that is about to import its libraries: call it before they are.

    Their 400 000 objects and more live to the end. To look through them for garbage all the while that
    they are imported, and once more when the process ends, would be a third of a stage's time. And
    whoever interrupts it meanwhile is told so in a line.
    """
    gc.set_threshold(1_000_000, 50, 50)
    atexit.register(gc.freeze)
    sys.excepthook = _excepthook


def run(main: Callable[[], None]) -> None:
    """Run a stage: a user's mistake ends it with one line a mistake and exit code 1."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops it: all is put in order first
    for stream in (sys.stdout, sys.stderr):  # a letter that the terminal lacks is no reason to stop
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    for name in ("alembic", "great_expectations"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    try:
        _check_folder()
        main()
    except UserError as error:
        sys.exit("\n".join(f"error: {line}" for line in masked(str(error)).splitlines()))
    except KeyboardInterrupt:
        sys.exit("error: interrupted")


def _check_folder() -> None:
    """Refuse to run elsewhere than where `dvc.yaml` is, or with another copy's code than the one there.

    Raises:
        UserError: that is so; says what to do.
    """
    here, package = Path.cwd(), Path(__file__).resolve().parent
    if not (here / "dvc.yaml").is_file():
        raise UserError(f'{here} has no dvc.yaml: go to where the project is: cd "{package.parent}"')
    own = (here / package.name).resolve()
    if own.is_dir() and own != package:
        raise UserError(f"the code of {package} would run here: unset PYTHONPATH and PYTHONSAFEPATH")


def _excepthook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Say in a line that it was interrupted; of whatever else, no password."""
    if issubclass(kind, KeyboardInterrupt):
        print("error: interrupted", file=sys.stderr)
    else:
        print(masked("".join(format_exception(kind, error, traceback))), end="", file=sys.stderr)


def summary(title: str, rows: Mapping[str, object]) -> None:
    """Print a stage's result as a table of two columns."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title, style="bold"), title_justify="left", show_header=False)
    table.add_column()
    table.add_column(overflow="fold")  # an address or an id is there whole
    for name, value in rows.items():
        table.add_row(Text(name), _cell(value))
    Console().print(table)


def table(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print a list as a table, with the first row's names as its head."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title, style="bold"), title_justify="left")
    for name in rows[0] if rows else ():
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(_cell, row.values()))
    Console().print(table)


def _cell(value: object) -> "Text":
    """Lay a value out, without a password in it."""
    from rich.text import Text

    return Text(f"{value:.4g}" if isinstance(value, float) else masked(str(value)))


@contextmanager
def working(message: str) -> Iterator[None]:
    """Show that something which may take long is under way; on a terminal only."""
    from rich.console import Console

    with Console(stderr=True).status(message):
        yield
