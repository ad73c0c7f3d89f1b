"""What a DVC experiment needs to be applied, and what of the workspace would be lost by it.

`dvc exp apply` checks out by force: in the whole git repository, and whatever DVC tracks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import git
from ..hashing import file_md5
from .experiments import Experiment, all_experiments

if TYPE_CHECKING:
    from dvc.output import Output
    from dvc.repo import Repo
    from dvc_data.hashfile.hash_info import HashInfo

LOCKS = ":(exclude,glob)**/dvc.lock"


@dataclass(frozen=True)
class Tracked:
    """What DVC says of the files that it tracks, by their paths in the project.

    Attributes:
        unsaved: files that people made, whose content is in no cache.
        rewritten: files that the pipeline makes, whose content is in no cache.
        missing: what the experiment has and this clone has not.
        reported: files that the pipeline makes and git keeps.
    """

    unsaved: list[str]
    rewritten: list[str]
    missing: list[str]
    reported: list[str]


def tracked(experiment: Experiment) -> Tracked:
    """Ask DVC."""
    from dvc.repo import Repo
    from dvc.repo.brancher import switch

    with Repo() as repo:
        with switch(repo, experiment.commit):
            theirs = {_path(repo, out): out for out in repo.index.outs if out.use_cache}
        outs = {_path(repo, out): out for out in repo.index.outs}
        edited = [path for paths in repo.data_status(granular=True)["uncommitted"].values() for path in paths]
        edited = [path["new"] if isinstance(path, dict) else path for path in edited]
        for path in set(theirs) - set(outs):
            edited += [str(file) for file in [Path(path), *Path(path).rglob("*")]]
        made = tuple(path for path, out in {**theirs, **outs}.items() if out.stage.cmd)
        cached = repo.cache.local.exists
        lost = sorted({path for path in edited if (md5 := file_md5(Path(path))) and not cached(md5)})
        changed = tuple(edited)
        missing = [
            path
            for path, out in theirs.items()
            if not (path in outs and outs[path].hash_info == out.hash_info and not _under(path, changed))
            and not all(map(cached, _contents(repo, out.hash_info)))
        ]
        return Tracked(
            [path for path in lost if not path.startswith(made)],
            [path for path in lost if path.startswith(made)],
            sorted(missing),
            [path for path, out in outs.items() if not out.use_cache],
        )


def edits(experiment: Experiment, reported: list[str]) -> list[str]:
    """List the files of the git repository that would be lost: in no commit, not of an experiment either.

    What is new and not in the experiment stays.

    Args:
        experiment: that is to be applied.
        reported: paths that the pipeline writes, and would write again.
    """
    paths = (":/", LOCKS, *(f":(exclude){path}" for path in reported))
    status = git.text("status", "--porcelain", "--untracked-files=no", "--no-renames", "--", *paths) or ""
    edited = [line[3:].strip('"') for line in status.splitlines()]
    commits = [other.commit for other in all_experiments()]
    if any(git.output("diff", "--quiet", commit, "--", *paths) is not None for commit in commits):
        edited = []
    top = Path(git.text("rev-parse", "--show-toplevel") or ".")
    new = ("--name-only", "--no-renames", "--diff-filter=A", "-z")
    for path in filter(None, (git.text("diff", *new, "HEAD", experiment.commit) or "").split("\0")):
        here = git.text("hash-object", "--", path, cwd=top) if (top / path).is_file() else None
        if here not in (None, git.text("rev-parse", f"{experiment.commit}:{path}")):
            edited.append(path)
    return edited


def _path(repo: "Repo", out: "Output") -> str:
    """Return the path of an output in the project, wherever the repository is looked at."""
    return "/".join(repo.fs.relparts(out.fs_path, repo.root_dir))


def _under(path: str, changed: tuple[str, ...]) -> bool:
    return any(f"{one}/".startswith(f"{path}/") for one in changed)


def _contents(repo: "Repo", content: "HashInfo") -> Iterator[str]:
    """List the objects of a file or a folder."""
    from dvc_data.hashfile.tree import Tree

    yield content.value
    if content.isdir and repo.cache.local.exists(content.value):
        yield from (entry.value for _, _, entry in Tree.load(repo.cache.local, content))
