"""The artifacts of a tracking store: a folder, or a bucket of an object store."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import UserError, first_line
from ..base.text import masked

AT_ONCE = 8  # how many files are copied at the same time


@dataclass(frozen=True)
class Stored:
    """A stored file.

    Attributes:
        size: the file's size in bytes.
        mark: a value that changes whenever the file does: an object's ETag, or a file's time.
    """

    size: int
    mark: str


class Files:
    """The files under a URI, which fsspec can access."""

    def __init__(self, uri: str) -> None:
        """Take a folder or a URI, such as `s3://bucket/path`; an endpoint is in the environment.

        Raises:
            UserError: nothing can be stored there.
        """
        import fsspec
        from fsspec.implementations.local import LocalFileSystem

        self.uri = uri
        # MLflow's own variable for the endpoint; AWS's variable is read by the library
        endpoint = os.environ.get("MLFLOW_S3_ENDPOINT_URL") if uri.startswith("s3:") else None
        with self._errors():
            self.system, root = fsspec.url_to_fs(uri, **({"endpoint_url": endpoint} if endpoint else {}))
        self.root = str(root).rstrip("/")
        self.is_local = isinstance(self.system, LocalFileSystem)

    def listed(self) -> dict[str, Stored]:
        """List all files, by their paths under the URI."""
        with self._errors():
            found: dict[str, dict[str, Any]] = self.system.find(self.root, detail=True)
        return {
            path[len(self.root) :].lstrip("/"): Stored(
                int(entry["size"]), str(entry.get("ETag") or entry.get("mtime")).strip('"')
            )
            for path, entry in found.items()
        }

    def get(self, path: str, to: Path) -> None:
        """Copy a stored file into a folder of this machine, under its path."""
        file = to / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._errors():
            self.system.get_file(f"{self.root}/{path}", str(file))

    def put(self, path: str, file: Path) -> None:
        """Store a file of this machine under a path; an existing one is replaced."""
        target = f"{self.root}/{path}"
        with self._errors():
            if self.is_local:
                self.system.makedirs(target.rpartition("/")[0], exist_ok=True)
            self.system.put_file(str(file), target)

    def at(self, location: str) -> str | None:
        """Return the path under the URI of a location in the database; None if it is not under the URI."""
        if location.startswith("mlflow-artifacts:"):
            return location.removeprefix("mlflow-artifacts:").lstrip("/")
        name = str(self.system._strip_protocol(location)).rstrip("/")
        return name[len(self.root) :].lstrip("/") if f"{name}/".startswith(f"{self.root}/") else None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what the file system or the object store refuses into a UserError."""
        try:
            yield
        except Exception as error:  # each kind of store raises its own errors
            reason = first_line(error)
            advice = "check the address, and the credentials in the environment"
            raise UserError(f"{masked(self.uri)}: the artifacts: {masked(reason)}; {advice}") from None


def for_each(paths: list[str], work: Callable[[str], None]) -> None:
    """Do the same work for many files, several at the same time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(work, paths):
            pass
