"""DVC's default remote: where it is, and whether it can be read and written from here."""

import os
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import env_file
from ..base.paths import PACKAGE, project_root
from .problems import UnusableError, unusable

if TYPE_CHECKING:
    from dvc.data_cloud import Remote
    from dvc.repo import Repo

SECONDS = 3  # the time within which S3 must accept a connection; botocore would wait for a minute, five times


@contextmanager
def opened(url: str = "", name: str = "") -> "Iterator[tuple[Repo, Remote]]":
    """Open the project's repository and its default remote; nothing is sent yet.

    Args:
        url: another address for the remote; empty for the one in the configuration.
        name: the remote's name; empty for the default remote.

    Raises:
        UnusableError: there is no remote, or the library that DVC needs for its kind is not installed.
    """
    from dvc.config import Config
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    env_file.load()
    root = project_root()
    config = Config(str(root / ".dvc"))
    name = name or config["core"].get("remote", "")
    place = url or config["remote"].get(name, {}).get("url", "")
    if not place:
        raise UnusableError(f"there is no DVC remote: `python -m {PACKAGE} remote URL` sets one")
    settings: dict[str, Any] = {"url": place}
    if place.startswith("s3:"):
        settings["connect_timeout"] = SECONDS
    with Repo(str(root), config={"remote": {name: settings}}) as repo:
        try:
            remote = repo.cloud.get_remote(name)
        except (DvcException, ImportError) as error:
            raise unusable(place, error) from error
        if remote.fs.protocol == "s3":  # s3fs itself repeats requests that broke off
            remote.fs.fs_args.setdefault("config_kwargs", {})["retries"] = {"total_max_attempts": 1}
        yield repo, remote


def check_readable(remote: "Remote") -> None:
    """Check that the remote answers, and accepts our credentials; it may well be empty.

    An http(s) remote is not asked, since its files cannot be listed.

    Raises:
        UnusableError: the remote is a folder that this machine does not have, does not answer, or refuses us.
    """
    if reason := folder_not_here(remote):
        raise UnusableError(reason)
    try:
        remote.fs.fs.ls(remote.path, detail=False)
    except NotImplementedError:
        return  # http(s)
    except FileNotFoundError as error:  # nothing has been pushed yet, or there is no bucket
        if error.__cause__ and "NoSuchBucket" in str(error.__cause__):
            raise unusable(address(remote), error) from error
    except Exception as error:  # each kind of remote raises its own errors
        raise unusable(address(remote), error) from error


def check_writable(remote: "Remote") -> None:
    """Check that files can be put into the remote, by writing one and deleting it again.

    Raises:
        UnusableError: a file cannot be written or deleted; the text says why.
    """
    from dvc_objects.fs.base import ObjectFileSystem

    probe = remote.fs.join(remote.path, f"written-by-{getuser()}.txt")
    try:
        if not isinstance(remote.fs, ObjectFileSystem):  # an object store might make a bucket instead
            remote.fs.makedirs(remote.path, exist_ok=True)
        remote.fs.fs.pipe_file(probe, b"")
        remote.fs.fs.rm_file(probe)
    except Exception as error:  # each kind of remote raises its own errors
        raise unusable(address(remote), error) from error


def has(remote: "Remote", md5: str) -> bool:
    """Tell whether the remote has a file. DVC itself reports every error as a missing file.

    Raises:
        UnusableError: the remote cannot be read from here.
    """
    if remote.fs.protocol != "local":
        check_readable(remote)
    try:
        remote.odb.fs.info(remote.odb.oid_to_path(md5))
    except FileNotFoundError:
        return False
    except Exception as error:  # each kind of remote raises its own errors
        raise unusable(address(remote), error) from error
    return True


def address(remote: "Remote") -> str:
    """Return where the remote is, as a person would write it."""
    if remote.fs.protocol == "local":
        return os.path.abspath(str(remote.path))  # noqa: PTH100, `resolve` would follow links
    return str(remote.fs.unstrip_protocol(remote.path))


def relative_folder() -> str:
    """Return the default remote as written in .dvc/config, if it is a relative path; otherwise empty."""
    config = ConfigParser(interpolation=None)
    config.read(project_root() / ".dvc" / "config", encoding="utf-8")
    name = config.get("core", "remote", fallback="")
    url = config.get(f"'remote \"{name}\"'", "url", fallback="")
    return "" if "://" in url or Path(url).is_absolute() else url


def folder_not_here(remote: "Remote") -> str:
    """Return the error for a remote that is a folder which this machine does not have; otherwise empty."""
    if remote.fs.protocol != "local" or Path(remote.path).is_dir():
        return ""
    return (
        f"{remote.path}: DVC's remote is a folder, which this machine does not have; share one: "
        f"`python -m {PACKAGE} remote s3://BUCKET/PATH`, commit .dvc/config and `dvc push`"
    )
