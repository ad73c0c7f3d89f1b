"""DVC: the cache, the remote, and whether the data is here."""

import json
import os
from pathlib import Path

from ..base.errors import UserError
from ..base.paths import PACKAGE, project_root
from ..storage import profile, remote
from .finding import Finding, problem, refused, warning


def cache() -> Finding:
    """Check that DVC's cache can be written."""
    from dvc.config import Config

    root = project_root()
    place = Path(Config(str(root / ".dvc"))["cache"].get("dir") or root / ".dvc" / "cache")
    existing = next(folder for folder in (place, *place.parents) if folder.is_dir())
    if os.access(existing, os.W_OK):
        return Finding(str(place))
    return problem(f"{existing} cannot be written", "check who may write it: `dvc cache dir`")


def locks() -> Finding:
    """Check the list of what each running `dvc` reads and writes, which Ctrl-C may have left half written."""
    path = project_root() / ".dvc" / "tmp" / "rwlock"
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Finding("no `dvc` has run yet")
    except ValueError:
        return problem(f"{path} is damaged, and `dvc repro` refuses it", "delete it while no `dvc` runs")
    return Finding("no `dvc` command was interrupted in the middle of a write")


def shared() -> Finding:
    """Check that the remote can be read and written, and that `dvc` has the credentials of .env."""
    try:
        with remote.opened() as (repo, place):
            if remote.folder_not_here(place):
                first = f"`dvc push` makes it; to share it: `python -m {PACKAGE} remote URL`"
                return warning(f"{remote.address(place)} is a folder that is not there yet", first)
            remote.check_readable(place)
            remote.check_writable(place)
            if place.fs.protocol == "s3" and not profile.are_given(repo):
                return warning(
                    f"{remote.address(place)}, but `dvc` does not have the credentials of .env",
                    f"`python -m {PACKAGE} remote`",
                )
            return Finding(f"{remote.address(place)} can be read and written")
    except UserError as error:
        return refused(error)


def files() -> Finding:
    """Check that the files that DVC tracks are here."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo(str(project_root())) as repo:
            outs = [out for out in repo.index.outs if out.use_cache]
            recorded = [out for out in outs if out.hash_info]
            gone = sorted(str(out) for out in recorded if not out.exists)
    except DvcException as error:
        return problem(str(error).splitlines()[0], "`git diff dvc.lock` shows what was changed")
    if gone:
        what = f"{len(gone)} of {len(recorded)} files that DVC tracks are not here, such as {gone[0]}"
        return problem(what, "`dvc pull`")
    if len(recorded) < len(outs):
        return warning(f"{len(outs) - len(recorded)} files were not made yet", "`dvc repro`")
    return Finding(f"all {len(recorded)} that DVC tracks are here")
