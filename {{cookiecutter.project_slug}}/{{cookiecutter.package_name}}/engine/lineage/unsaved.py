"""What `dvc exp apply` needs, and which changes in the workspace it would discard.

That command checks out by force: in the entire git repository, and everything that DVC tracks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import git
from ..base.hashing import file_md5
from .experiments import Experiment, all_experiments

if TYPE_CHECKING:
    from dvc.output import Output
    from dvc.repo import Repo
    from dvc_data.hashfile.hash_info import HashInfo

LOCKS = ":(exclude,glob)**/dvc.lock"


@dataclass(frozen=True)
class Tracked:
    """Paths in the project of files that DVC tracks or writes.

    Attributes:
        unsaved: files that a person made and whose content is not in the cache.
        rewritten: files that the pipeline writes, and whose content is not in the cache.
        missing: files of the experiment whose content this clone does not have.
        reported: files that the pipeline writes and git tracks.
    """

    unsaved: list[str]
    rewritten: list[str]
    missing: list[str]
    reported: list[str]


def tracked(experiment: Experiment) -> Tracked:
    """Compare the files that DVC tracks in the workspace with those of an experiment."""
    from dvc.repo import Repo
    from dvc.repo.brancher import switch

    with Repo() as repo:
        with switch(repo, experiment.commit):
            theirs = {_path(repo, out): out for out in repo.index.outs if out.use_cache}
        outs = {_path(repo, out): out for out in repo.index.outs}
        status = repo.data_status(granular=True)
        edited = [path for paths in status["uncommitted"].values() for path in paths]
        edited = [path["new"] if isinstance(path, dict) else path for path in edited]
        for path in set(theirs) - set(outs):
            edited += [file.as_posix() for file in [Path(path), *Path(path).rglob("*")]]
        same = [path for path in set(outs) & set(theirs) if outs[path].hash_info == theirs[path].hash_info]
        made = [path for path, out in {**theirs, **outs}.items() if out.stage.cmd]
        cached = repo.cache.local.exists

        only_here = [path for path in status["not_in_cache"] if not _is_under(path, same)]
        at_risk = ((path, file_md5(Path(path))) for path in {*edited, *only_here})
        lost = {path for path, md5 in at_risk if md5 and not cached(md5)}
        rewritten = {path for path in lost if _is_under(path, made)}
        kept = {path for path in same if not any(_is_under(one, [path]) for one in edited)}
        missing = [
            path
            for path, out in theirs.items()
            if path not in kept and not all(map(cached, _contents(repo, out.hash_info)))
        ]
        reported = [path for path, out in outs.items() if not out.use_cache]
        return Tracked(sorted(lost - rewritten), sorted(rewritten), sorted(missing), reported)


def edits(experiment: Experiment, reported: list[str]) -> list[str]:
    """List the files of the git repository with edits that no commit and no experiment has.

    A new file that the experiment does not have is kept, and so is not listed.

    Args:
        experiment: the experiment to apply.
        reported: paths that the pipeline writes, and can write again.
    """
    paths = (":/", LOCKS, *(f":(exclude){path}" for path in reported))
    status = git.text("status", "--porcelain", "--untracked-files=no", "--no-renames", "--", *paths) or ""
    edited = [line[3:].strip('"') for line in status.splitlines()]
    these = [f":(top,literal){path}" for path in edited]
    commits = [other.commit for other in all_experiments()] if edited else []
    if any(git.output("diff", "--quiet", commit, "--", *these) is not None for commit in commits):
        edited = []
    top = Path(git.text("rev-parse", "--show-toplevel") or ".")
    new = ("--name-only", "--no-renames", "--diff-filter=A", "-z")
    for path in filter(None, (git.text("diff", *new, "HEAD", experiment.commit) or "").split("\0")):
        here = git.text("hash-object", "--", path, cwd=top) if (top / path).is_file() else None
        if here not in (None, git.text("rev-parse", f"{experiment.commit}:{path}")):
            edited.append(path)
    return edited


def _path(repo: "Repo", out: "Output") -> str:
    """Return the path of an output in the project, in the workspace as in a commit."""
    return "/".join(repo.fs.relparts(out.fs_path, repo.root_dir))


def _is_under(path: str, places: Iterable[str]) -> bool:
    """Tell whether a path is one of some places, or in one of them."""
    return any(f"{Path(path).as_posix()}/".startswith(f"{place}/") for place in places)


def _contents(repo: "Repo", content: "HashInfo") -> Iterator[str]:
    """List the md5s of a file, or of a folder and the files in it."""
    from dvc_data.hashfile.tree import Tree

    if not content.value:  # the stage was never run
        return
    yield content.value
    if content.isdir and repo.cache.local.exists(content.value):
        yield from (entry.value for _, _, entry in Tree.load(repo.cache.local, content))
