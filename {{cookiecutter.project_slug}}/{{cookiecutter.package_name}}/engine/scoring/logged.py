"""The requests that `serve --log-requests` has kept: a folder of parquet files, each of one version."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from ..base.errors import UserError

# the columns besides those that the model takes and those that it has predicted
ID, PLACE, TIME, VERSION = "request_id", "request_row", "request_time", "model_version"
PREDICTED, PROBABILITY = "predicted", "probability_"  # those of `judging.prediction.predict`
DESCRIPTION = b"requests"  # the key in a file's metadata
ENDING = ".parquet"


@dataclass(frozen=True)
class Description:
    """What a file says about itself.

    Attributes:
        model: the registered model's name.
        version: the version that answered.
        left_out: the columns that the version takes and the file does not have.
    """

    model: str
    version: str
    left_out: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Return it as it is in the metadata."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def of(cls, path: Path) -> "Description | None":
        """Read the description of a file; None if it is not a file of requests.

        Raises:
            OSError, ValueError: it cannot be read.
        """
        from pyarrow.parquet import read_schema

        text = (read_schema(path).metadata or {}).get(DESCRIPTION)
        if text is None:
            return None
        content = json.loads(text)
        return cls(content["model"], content["version"], tuple(content["left_out"]))


def files_in(folder: Path) -> list[Path]:
    """List the files in a folder of requests, the oldest first.

    Raises:
        UserError: there is no file.
    """
    files = sorted(path for path in folder.rglob(f"*{ENDING}") if path.is_file())
    if not files:
        raise UserError(f"{folder}: has no requests (*{ENDING}), which `serve --log-requests` writes")
    return files


def reserved(names: Iterable[str]) -> list[str]:
    """Return the names that have another meaning in a file of requests."""
    return [
        name
        for name in names
        if name in (ID, PLACE, TIME, VERSION, PREDICTED) or name.startswith(PROBABILITY)
    ]
