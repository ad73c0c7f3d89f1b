"""A snapshot of a stage's parameters, code and data at its start: none of them may change while it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

from ..base import started
from ..base.errors import UserError
from ..base.files import States, files_in, states
from ..base.hashing import file_md5
from ..base.paths import PARAMS
from . import pipeline
from .undeclared import check_declared

TUNE = "tune"  # this is not a stage: it depends on what three stages depend on
SMALL = 2**20  # bytes; up to this size, a file that was rewritten meanwhile is compared by its content


class ChangedError(UserError):
    """Something that a stage depends on changed while it ran."""


@dataclass(frozen=True)
class Snapshot:
    """What a stage depends on, as it was at the stage's start.

    Attributes:
        stage: its name.
        files: the state of each file that it depends on; for code, before it was imported.
        md5s: the md5s of the small files, by path.
        content: the content of params.yaml.
        params: the values in params.yaml that the stage depends on, by name.
    """

    stage: str
    files: States
    md5s: dict[str, str]
    content: bytes
    params: dict[str, Any]

    @classmethod
    def of(cls, stage: str) -> "Snapshot":
        """Take a snapshot, in a few milliseconds: large files are not read."""
        content, params, files = PARAMS.read_bytes(), pipeline.parameters(*_stages(stage)), _files_of(stage)
        small = [path for path, state in files.items() if state and state[1] <= SMALL]
        md5s = {path: file_md5(Path(path)) for path in small}
        for path in files:
            if (imported := started.FILES.get(str(Path(path).resolve()), files[path])) != files[path]:
                files[path] = imported
                md5s.pop(path, None)  # the content that was imported is not known
        return cls(stage, files, md5s, content, params)

    def check(self) -> None:
        """Check that nothing has changed.

        Raises:
            ChangedError: something has changed; the message names it.
        """
        now, params = _files_of(self.stage), pipeline.parameters(*_stages(self.stage))
        changed = [f"{PARAMS} ({name})" for name in self.params if params.get(name) != self.params[name]]
        # `tune` reads params.yaml once, and reports by itself if it may not write the result
        if self.stage == TUNE:
            changed.clear()
        for path in sorted({*self.files, *now}):
            same_state = self.files.get(path) == now.get(path)
            if not same_state and (path not in self.md5s or self.md5s[path] != file_md5(Path(path))):
                changed.append(path)
        if changed:
            some = ", ".join(changed[:3]) + (" …" if len(changed) > 3 else "")
            raise ChangedError(f"{some}: changed while {self.stage} ran; run it again")


_taken: list[Snapshot] = []


@contextmanager
def unchanged(stage: str) -> Iterator[None]:
    """Fail a stage if something that it depends on changes within the block. It is a decorator, too.

    Raises:
        UserError: dvc.yaml does not name all of the stage's code.
        ChangedError: something changed; the stage's outputs are deleted, except those that DVC has to keep.
    """
    check_declared(searched=stage == TUNE)
    taken = Snapshot.of(stage)
    _taken.append(taken)
    try:
        yield
        if stage != TUNE:  # `tune` checks at the end of its run, and then writes params.yaml itself
            taken.check()
    except ChangedError:
        for path in pipeline.outputs(stage):
            rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        raise
    finally:
        _taken.remove(taken)


def check() -> None:
    """Check the stages that are running now, before something is done that cannot be undone.

    Raises:
        ChangedError: something that they depend on has changed.
    """
    for taken in _taken:
        taken.check()


def params_file() -> bytes:
    """Return the content of params.yaml at the start of the stage that is running; without one, now."""
    return _taken[-1].content if _taken else PARAMS.read_bytes()


def _stages(stage: str) -> tuple[str, ...]:
    return ("validate", "train", "evaluate") if stage == TUNE else (stage,)


def _files_of(stage: str) -> States:
    """Return the states of all files that a stage depends on, including those in folders."""
    listed = [Path(path) for one in _stages(stage) for path in pipeline.dependencies(one)]
    if stage == TUNE:
        written = {path for one in _stages(stage)[1:] for path in pipeline.outputs(one)}
        listed = [path for path in listed if path not in written]
    return states(path for listed_path in listed for path in files_in(listed_path))
