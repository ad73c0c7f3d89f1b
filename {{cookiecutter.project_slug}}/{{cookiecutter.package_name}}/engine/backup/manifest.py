"""What a backup holds: a folder whose name is the time, and in it a list of its files with their digests."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..base.errors import UserError, first_line
from ..base.files import write_json

NAME = "%Y-%m-%dT%H%M%SZ"  # of a backup's folder: its time in UTC, without what Windows cannot write
FILE, ARTIFACTS = "manifest.json", "artifacts"


@dataclass(frozen=True)
class Copied:
    """A file of a backup.

    Attributes:
        size: in bytes.
        mark: the mark of the file that it is a copy of; see `files.Stored`.
        sha256: the SHA-256 of its content.
    """

    size: int
    mark: str
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes:
        schema: the version of the database's tables, which only some versions of MLflow can read.
        artifacts_uri: where the artifacts were.
        databases: the dumps' names, by what they are of: `store`, `accounts`.
        files: all other files and the dumps, by their paths in the backup.
        lost: the versions whose model had no files when the backup was made.
    """

    schema: str
    artifacts_uri: str
    databases: dict[str, str]
    files: dict[str, Copied]
    lost: list[str]

    def write(self, backup: Path) -> None:
        """Write it into a backup's folder."""
        write_json(backup / FILE, asdict(self))

    @classmethod
    def read(cls, backup: Path) -> "Manifest":
        """Read that of a backup.

        Raises:
            UserError: there is none, or it cannot be read.
        """
        try:
            content = json.loads((backup / FILE).read_text(encoding="utf-8"))
            files = {path: Copied(**entry) for path, entry in content.pop("files").items()}
            return cls(**content, files=files)
        except FileNotFoundError:
            raise UserError(f"{backup}: not a backup: it has no {FILE}") from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UserError(f"{backup / FILE}: cannot be read: {first_line(error)}; take another") from None

    def check(self, backup: Path) -> None:
        """Check that every file is there as it was copied, to the last byte.

        Raises:
            UserError: one is not.
        """
        for path, copied in self.files.items():
            file = backup / path
            if not file.is_file() or digest(file) != copied.sha256:
                what = "changed" if file.is_file() else "gone"
                raise UserError(f"{file}: is {what} since the backup was made; restore another backup")


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def time_of(backup: Path) -> datetime | None:
    """Return when a backup was made; None if the folder is not a whole backup."""
    try:
        made = datetime.strptime(backup.name, NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return made if (backup / FILE).is_file() else None


def backups_in(folder: Path) -> list[Path]:
    """List the backups in a folder, the oldest first."""
    return sorted(path for path in folder.glob("*Z") if time_of(path)) if folder.is_dir() else []


def newest(path: Path) -> Path:
    """Return a backup: the folder itself if it is one, else the newest in it.

    Raises:
        UserError: there is none.
    """
    if (path / FILE).is_file():
        return path
    if backups := backups_in(path):
        return backups[-1]
    raise UserError(f"{path}: holds no backup; `backup` makes one")
