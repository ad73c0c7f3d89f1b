"""Reading a file as a table, and declaring what its reading requires.

An error of reading names what has to be declared; it is declared, and the file is read again.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError, first_line
from ..base.yaml import nearest
from ..params import Columns, Data, Format
from ..table.cells import ANY_NUMBER
from ..table.files import JSON, read_file
from ..table.lines import ending
from ..table.remedy import Remedy, Unreadable
from .wishes import Wishes

if TYPE_CHECKING:
    import pandas as pd

ATTEMPTS = 12  # how often a file is read, each time with one more declaration
NAMED = 5  # how many numbers are shown


@dataclass(frozen=True)
class Source:
    """A table as it was read.

    Attributes:
        data: how it is read; `data.path` has the name that the file will have in the project.
        raw: the cells of the table.
        notes: what was noticed in the file, one line each.
    """

    data: Data
    raw: "pd.DataFrame"
    notes: tuple[str, ...]


def read_declaring(file: Path, table: Path, wishes: Wishes, notes: list[str]) -> Source:
    """Read a file, and declare what its reading requires.

    Args:
        file: the file of one table; it is renamed if its content requires another ending.
        table: the path that the user gave.
        wishes: the user's wishes, with the target and the words for a missing value.
        notes: what was noticed in the file before.

    Raises:
        UserError: the file is not a table, or lacks a column that the user names.
    """
    data = start(file, wishes)
    for _ in range(ATTEMPTS):
        try:
            raw, names = read_file(data)
        except Unreadable as error:
            declared = _declared(data, error.remedy or Remedy())
            if declared == data:
                raise _unread(table, error) from None
            notes = [*notes, f"{error.what}; dropped" if error.remedy and error.remedy.drop else error.what]
            data = declared
        except (OSError, ValueError) as error:
            raise _unread(table, error) from None
        else:
            if raw.empty:
                raise UserError(f"{table}: has no rows")
            if ending(data.path) not in (".parquet", *JSON):
                _check_header(table, names)
            _check_names(table, names, wishes)
            return Source(data, raw, tuple(notes))
    raise UserError(f"{table}: cannot be read as a table: {notes[-1]}")


def start(file: Path, wishes: Wishes) -> Data:
    """Return how a file is read before anything is known about it."""
    return Data(
        task=wishes.task,  # type: ignore[arg-type]
        path=file,
        target=wishes.target,
        missing=list(wishes.missing),
        missing_in=dict(wishes.missing_in),
        date_formats=dict(wishes.date_formats),
        columns=Columns(drop=list(wishes.drop)),
    )


def read_again(source: Source, **keys: Any) -> Source:
    """Read a table again with other settings, such as the format or the words for a missing value."""
    data = source.data.model_copy(update=keys)
    raw, _ = read_file(data)
    return Source(data, raw, source.notes)


def _declared(data: Data, remedy: Remedy) -> Data:
    """Declare what a remedy for a file says."""
    if remedy.format:
        form = data.format.model_dump() | dict(remedy.format[0])
        return data.model_copy(update={"format": Format(**form)})
    if remedy.ending:
        to = data.path.with_name(data.path.name.split(".")[0] + remedy.ending)
        data.path.rename(to)
        return data.model_copy(update={"path": to})
    drop = [*data.columns.drop, *(name for name in remedy.drop if name not in data.columns.drop)]
    return data.model_copy(update={"columns": data.columns.model_copy(update={"drop": drop})})


def _unread(table: Path, error: Exception) -> UserError:
    return UserError(f"{table}: cannot be read as a table: {first_line(error)}")


def _check_header(table: Path, names: list[str]) -> None:
    """Check that a text file begins with a header and not with a row; numbers from 0 or 1 on may be names."""
    is_row = all(ANY_NUMBER.fullmatch(name) for name in names)
    if is_row and names not in ([str(at + first) for at in range(len(names))] for first in (0, 1)):
        line = ", ".join(names[:NAMED])
        raise UserError(f"{table}: its first line holds numbers, not names ({line}): write names above it")


def _check_names(table: Path, names: list[str], wishes: Wishes) -> None:
    said = {"target": [wishes.target], "drop": wishes.drop, "keep": wishes.keep, "group": wishes.groups or ()}
    said |= {"time": [wishes.time] if wishes.time else [], "date-format": list(wishes.date_formats)}
    said |= {"missing": list(wishes.missing_in)}
    errors = [
        f"--{option}: {table} has no column {name!r}; {nearest(name, names)}"
        for option, columns in said.items()
        for name in columns
        if name not in names
    ]
    if errors:
        raise UserError("\n".join(errors))
