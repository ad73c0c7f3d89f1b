"""The parquet files of requests that are kept: where they are, and which columns they leave out."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from ..base.errors import UserError, first_line
from ..base.files import write
from ..base.paths import PARAMS
from ..base.yaml import nearest
from ..scoring.logged import DESCRIPTION, ENDING, ID, PLACE, TIME, VERSION, Description, reserved

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Kept:
    """A request that is still to be written.

    Attributes:
        id: the request's id.
        time: when it was answered.
        rows: n rows x the columns that the model takes.
        predicted: n rows, as `Predictor.predict` returns them.
    """

    id: str
    time: datetime
    rows: "pd.DataFrame"
    predicted: "pd.DataFrame"


def save(folder: Path, model: str, version: str, kept: list[Kept], private: frozenset[str]) -> None:
    """Write a file: either it is complete, or it is not there.

    Args:
        folder: the folder that has a folder for each day.
        model: the registered model's name.
        version: the version that answered all of the requests.
        kept: the requests.
        private: the columns to leave out.

    Raises:
        OSError: it cannot be written.
    """
    import pyarrow as pa
    from pyarrow.parquet import write_table

    table, left_out = _table(version, kept, private)
    described = {DESCRIPTION: Description(model, version, tuple(left_out)).to_bytes()}
    content = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(described)

    def writer(to: Path) -> None:
        write_table(content, to)
        with to.open("rb+") as file:
            os.fsync(file.fileno())

    now = datetime.now(UTC)
    name = f"{now:%H%M%S-%f}-{version}-{uuid4().hex[:8]}{ENDING}"
    write(folder / f"{now:%Y-%m-%d}" / name, writer)


def _table(version: str, kept: list[Kept], private: frozenset[str]) -> "tuple[pd.DataFrame, list[str]]":
    """Put requests into one table; also return the columns that are left out.

    A column whose name has another meaning in the file is left out, too.
    """
    import pandas as pd

    rows = pd.concat([one.rows for one in kept], ignore_index=True)
    names = [str(name) for name in rows.columns]
    left_out = [name for name in names if name in private or name in reserved(names)]
    places = [(one.id, place, one.time, version) for one in kept for place in range(len(one.rows))]
    request = pd.DataFrame(places, columns=[ID, PLACE, TIME, VERSION])
    predicted = pd.concat([one.predicted for one in kept], ignore_index=True)
    return pd.concat([request, rows.drop(columns=left_out), predicted], axis=1), left_out


def prepare(folder: Path | None, sample: float) -> None:
    """Make the folder, which git ignores, and try to write there.

    Args:
        folder: the folder; None if no requests are kept.
        sample: the share of the requests that is kept.

    Raises:
        UserError: nothing can be written there, or the share is not valid.
    """
    if folder is None:
        if sample != 1:
            raise UserError("--sample: is the share that --log-requests keeps: give that option, too")
        return
    if not 0 < sample <= 1:
        raise UserError(f"--sample: needs a number above 0 and at most 1; got {sample:g}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (ignored := folder / ".gitignore").exists():
            write(ignored, lambda to: to.write_text("*\n"))
        tried = folder / f"{uuid4().hex}.try"
        tried.touch()
        tried.unlink()
    except OSError as error:
        raise UserError(f"{folder}: requests cannot be written there: {first_line(error)}") from None


def check_private(private: Iterable[str], known: list[str]) -> None:
    """Check that each private column exists: a misspelt name would hide nothing.

    Args:
        private: the names of the private columns.
        known: the columns that the model takes, and the project's.

    Raises:
        UserError: there is no such column.
    """
    for name in private:
        if name not in known:
            raise UserError(f"{PARAMS}: serve.private: there is no column {name!r}; {nearest(name, known)}")
