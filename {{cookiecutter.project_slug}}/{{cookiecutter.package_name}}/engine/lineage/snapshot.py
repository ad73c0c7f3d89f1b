"""What a stage takes at its start: parameters, code and data, of which none may be another at its end."""

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

TUNE = "tune"  # is no stage: it uses what three of them do
SMALL = 2**20  # bytes of a file that is compared by its content, if it was written anew meanwhile


class ChangedError(UserError):
    """What a stage is made of was changed while it ran."""


@dataclass(frozen=True)
class Snapshot:
    """What a stage is made of, as it was at its start.

    Attributes:
        stage: its name.
        files: the state of each file that it depends on; of code, as it was before it was imported.
        md5s: of those that are small.
        content: of params.yaml.
        params: the blocks of it that the stage depends on.
    """

    stage: str
    files: States
    md5s: dict[str, str]
    content: bytes
    params: dict[str, Any]

    @classmethod
    def of(cls, stage: str) -> "Snapshot":
        """Take it, which costs a few milliseconds: large files are not read."""
        content, params, files = PARAMS.read_bytes(), pipeline.parameters(*_stages(stage)), _files_of(stage)
        small = [path for path, state in files.items() if state and state[1] <= SMALL]
        md5s = {path: file_md5(Path(path)) for path in small}
        for path in files:
            if (imported := started.FILES.get(str(Path(path).resolve()), files[path])) != files[path]:
                files[path] = imported
                md5s.pop(path, None)  # what was imported is not known
        return cls(stage, files, md5s, content, params)

    def check(self) -> None:
        """Check that all is as it was.

        Raises:
            ChangedError: something is not; names it.
        """
        now, params = _files_of(self.stage), pipeline.parameters(*_stages(self.stage))
        changed = [f"{PARAMS} ({name})" for name in self.params if params.get(name) != self.params[name]]
        if self.stage == TUNE:  # has read them once, and says itself what it found if it may not write it
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
    """Take what a stage is made of, and fail the stage if that has changed when it ends. A decorator, too.

    Raises:
        UserError: some of it is not in dvc.yaml.
        ChangedError: it has; what the stage has written is taken away, but for what DVC was told to keep.
    """
    check_declared(searched=stage == TUNE)
    taken = Snapshot.of(stage)
    _taken.append(taken)
    try:
        yield
        if stage != TUNE:  # which has checked when its run ended, and then writes params.yaml itself
            taken.check()
    except ChangedError:
        for path in pipeline.outputs(stage):
            rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        raise
    finally:
        _taken.remove(taken)


def check() -> None:
    """Check it now, before something is said or done that cannot be taken back.

    Raises:
        ChangedError: something has changed.
    """
    for taken in _taken:
        taken.check()


def params_file() -> bytes:
    """Return params.yaml as the stage that runs has taken it."""
    return _taken[-1].content if _taken else PARAMS.read_bytes()


def _stages(stage: str) -> tuple[str, ...]:
    return ("validate", "train", "evaluate") if stage == TUNE else (stage,)


def _files_of(stage: str) -> States:
    """Return the states of all files that a stage depends on, those in folders too."""
    listed = [Path(path) for one in _stages(stage) for path in pipeline.dependencies(one)]
    if stage == TUNE:
        made = {path for one in _stages(stage)[1:] for path in pipeline.outputs(one)}
        listed = [path for path in listed if path not in made]
    return states(path for listed_path in listed for path in files_in(listed_path))
