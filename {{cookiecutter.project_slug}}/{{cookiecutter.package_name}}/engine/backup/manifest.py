"""A backup is a folder whose name is a time; its manifest lists the files in it with their digests."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..base.errors import UserError, first_line
from ..base.files import write_json

NAME = "%Y-%m-%dT%H%M%SZ"  # a backup's folder: its time in UTC, without the colons that Windows forbids
FILE, ARTIFACTS = "manifest.json", "artifacts"


@dataclass(frozen=True)
class Copied:
    """A file of a backup.

    Attributes:
        size: the file's size in bytes.
        mark: the mark of the file of which this is a copy; see `files.Stored`.
        sha256: the SHA-256 of the file's content.
    """

    size: int
    mark: str
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The list of what a backup contains.

    Attributes:
        schema: the version of the database's tables, which only some versions of MLflow can read.
        artifacts_uri: where the artifacts were.
        databases: the names of the dumps, by the database: `store`, `accounts`.
        files: all files, with the dumps, by their paths in the backup.
        lost: the versions whose model had no files when the backup was made.
    """

    schema: str
    artifacts_uri: str
    databases: dict[str, str]
    files: dict[str, Copied]
    lost: list[str]

    def write(self, backup: Path) -> None:
        """Write the manifest into a backup's folder."""
        write_json(backup / FILE, asdict(self))

    @classmethod
    def read(cls, backup: Path) -> "Manifest":
        """Read the manifest of a backup.

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
        """Check that every file is still there, with the same content.

        Raises:
            UserError: a file is gone or has changed.
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
    """Return when a backup was made; None if the folder is not a complete backup."""
    try:
        made = datetime.strptime(backup.name, NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return made if (backup / FILE).is_file() else None


def backups_in(folder: Path) -> list[Path]:
    """List the backups in a folder, the oldest first."""
    return sorted(path for path in folder.glob("*Z") if time_of(path)) if folder.is_dir() else []


def newest(path: Path) -> Path:
    """Return a backup: the folder itself if it is one, else the newest backup in it.

    Raises:
        UserError: there is none.
    """
    if (path / FILE).is_file():
        return path
    if backups := backups_in(path):
        return backups[-1]
    raise UserError(f"{path}: holds no backup; `backup` makes one")
