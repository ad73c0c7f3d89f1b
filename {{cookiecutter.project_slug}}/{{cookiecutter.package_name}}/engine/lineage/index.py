"""A temporary copy of git's index: what is staged in it does not change the user's repository."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..base import git

SUBMODULE = "160000"
NOTHING = ("000000", "0" * 40)  # mode and object of a file that does not exist
# for `diff-index` and not `diff`: no configuration of the user's changes what it prints
PATCH = ["--patch", "--full-index", "--no-ext-diff", "--no-textconv", "--no-color"]
PATCH += ["--src-prefix=a/", "--dst-prefix=b/"]


@dataclass(frozen=True)
class Change:
    """A changed file.

    Attributes:
        path: from the repository's root.
        old: mode and object before; `NOTHING` if it is new.
        new: mode and object after; `NOTHING` if it is deleted.
    """

    path: str
    old: tuple[str, str]
    new: tuple[str, str]


@dataclass(frozen=True)
class Index:
    """The copy. All methods raise GitError if git fails.

    Attributes:
        commit: the commit to compare with.
        within: the files to compare, as git's arguments.
        prefix: from the repository's root to the current folder, with `/` at its end; empty in the root.
        env: variables that make git use the copy.
    """

    commit: str
    within: tuple[str, ...]
    prefix: str
    env: dict[str, str]

    def ask(self, *arguments: str, given: bytes = b"") -> bytes:
        """Run git on the copy."""
        return git.ask(*arguments, env=self.env, given=given)

    def see_all(self) -> None:
        """Include the files that git was told to ignore (`--assume-unchanged`, `--skip-worktree`)."""
        listed = git.decoded(self.ask("ls-files", "-v", "-z")).split("\0")
        hidden = [entry[2:] for entry in listed if entry[:1].islower() or entry[:1] == "S"]
        given = git.encoded("".join(f"{path}\0" for path in hidden if Path(path).exists()))
        if given:
            for flag in ("--no-assume-unchanged", "--no-skip-worktree"):
                self.ask("update-index", flag, "-z", "--stdin", given=given)

    def add(self, paths: Iterable[str]) -> None:
        """Stage files, by their paths from the current folder."""
        given = git.encoded("".join(f"{path}\0" for path in paths))
        self.ask("update-index", "--add", "-z", "--stdin", given=given)

    def put_back(self, change: Change) -> None:
        """Stage a file as it is in the commit."""
        mode, sha = change.old
        self.ask("update-index", "-z", "--index-info", given=git.encoded(f"{mode} {sha}\t{change.path}\0"))

    def changes(self) -> list[Change]:
        """List the files that differ from the commit, sorted by path."""
        fields = git.decoded(self._compare("--raw", "--abbrev=40", "-z")).split("\0")
        changes = []
        for change, path in zip(fields[::2], fields[1::2], strict=False):
            old_mode, new_mode, old, new, _ = change.removeprefix(":").split(" ")
            changes.append(Change(path, (old_mode, old), (new_mode, new)))
        return changes

    def sizes(self, changes: Iterable[Change]) -> list[int]:
        """Return the size of each changed file in bytes, the greater of before and after."""
        shas = [sha for change in changes for _, sha in (change.old, change.new)]
        printed = self.ask("cat-file", "--batch-check=%(objectsize)", given="\n".join(shas).encode())
        sizes = [int(size) if size.isdigit() else 0 for size in printed.split(b"\n")]  # no number: no object
        return [max(pair) for pair in zip(sizes[::2], sizes[1::2], strict=False)]

    def patch(self, *options: str, of: Change | None = None) -> bytes:
        """Return the differences as a patch, of one file or of all."""
        return self._compare(*PATCH, *options, of=of)

    def edited_submodules(self) -> list[str]:
        """List the submodules with uncommitted changes, by their paths from the current folder."""
        printed = self.ask("diff-files", "--raw", "-z", "--ignore-submodules=none", *self.within)
        fields = git.decoded(printed).split("\0")
        changes = zip(fields[::2], fields[1::2], strict=False)
        return [self.from_here(path) for change, path in changes if SUBMODULE in change]

    def from_here(self, path: str) -> str:
        """Return a path from the repository's root as one from the current folder."""
        return Path(os.path.relpath(path, self.prefix or ".")).as_posix()

    def _compare(self, *options: str, of: Change | None = None) -> bytes:
        which = ("--", f":(top,literal){of.path}") if of else self.within
        always = ("--cached", "--no-renames", "--ignore-submodules=none")
        return self.ask("diff-index", *always, *options, self.commit, *which)


@contextmanager
def copied_index(commit: str, outside: Iterable[str], without: Iterable[str]) -> Iterator[Index]:
    """Copy the index within the block; the objects of new files are not written to the repository, either.

    Args:
        commit: the commit to compare with.
        outside: files outside of the current folder to compare, too, if git knows them.
        without: files and folders to leave out.

    Raises:
        GitError: there is no repository.
    """
    paths = git.ask("rev-parse", "--git-path", "index", "--git-path", "objects", "--show-prefix")
    index, objects, prefix = git.decoded(paths).split("\n")[:3]
    known = [path for path in outside if git.output("ls-files", "--error-unmatch", "--", path) is not None]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "index"
        if Path(index).exists():
            shutil.copy2(index, copy)  # with its time, by which git knows what may have been edited since
        repository = str(Path(objects).resolve())
        if os.pathsep in repository or repository.startswith('"'):  # https://git-scm.com/docs/git#_git_object
            repository = '"' + repository.replace("\\", "\\\\").replace('"', '\\"') + '"'
        env = {
            "GIT_INDEX_FILE": str(copy),
            "GIT_OBJECT_DIRECTORY": folder,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": repository,
        }
        within = ("--", ".", *known, *(f":(exclude){path}" for path in without))
        copied = Index(commit, within, prefix, env)
        copied.see_all()
        yield copied
