"""How much space the files of runs and models take, wherever the store keeps them."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from .deletion import size
from .local_store import local_folder

AT_ONCE = 8  # folders that a server is asked for at the same time


def sizes(uris: Iterable[str]) -> dict[str, int | None]:
    """Return the bytes of the files at artifact URIs, by URI; None if they cannot be seen from here.

    A server is asked folder by folder, which takes some seconds for a hundred runs.
    """
    wanted = list(dict.fromkeys(uris))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(wanted, pool.map(_size, wanted), strict=True))


def _size(uri: str) -> int | None:
    if local_folder(uri):
        return size([uri])
    from mlflow.exceptions import MlflowException
    from mlflow.store.artifact.artifact_repository_registry import (
        get_artifact_repository,
    )

    try:
        repository = get_artifact_repository(uri)
        total, folders = 0, [""]
        for folder in folders:
            for entry in repository.list_artifacts(folder or None):
                total += 0 if entry.is_dir else entry.file_size or 0
                folders += [entry.path] if entry.is_dir else []
        return total
    except (
        MlflowException,
        ImportError,
        OSError,
    ):  # no right to see it, or no library for this kind of place
        return None
