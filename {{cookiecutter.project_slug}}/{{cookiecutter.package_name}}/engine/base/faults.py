"""An error that the project's own code raised, in one line: file and line, function, and error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import FrameType, TracebackType

from .errors import UserError, kind_and_line, refusal
from .paths import CODE
from .text import masked

ENGINE, STAGES = CODE / "engine", CODE / "stages"


def fault(error: BaseException, in_stages: bool = True) -> str:
    """Describe an error as `PACKAGE/gates.py:12: few_rows: KeyError: 'actual'`; "" if the engine raised it.

    Args:
        error: the error with its traceback.
        in_stages: whether a stage may be at fault; it is not if it calls a model that raises.
    """
    where = place_of(error, in_stages)
    return where + kind_and_line(error) if where else _handed_nothing(error)


def place_of(error: BaseException, in_stages: bool = True) -> str:
    """Return where the project's own code raised an error: `PACKAGE/gates.py:12: few_rows: `; see `fault`."""
    frames = list(_frames(error.__traceback__))
    places = [(Path(frame.f_code.co_filename), line, frame.f_code.co_qualname) for frame, line in frames]
    if isinstance(error, SyntaxError):  # for null bytes, Python names neither file nor line
        compiled = [frame.f_locals["path"] for frame, _ in frames if frame.f_code.co_name == "source_to_code"]
        file = error.filename or (compiled[-1] if compiled else "")
        places.append((Path(file), error.lineno or 1, "<module>"))
    path, line, function = next((place for place in reversed(places) if _is_ours(place[0])), (CODE, 0, ""))
    if path == CODE or path.is_relative_to(ENGINE) or (path.is_relative_to(STAGES) and not in_stages):
        return ""
    where = f"{path.relative_to(CODE.parent).as_posix()}:{line}: "
    return where if function == "<module>" else f"{where}{function}: "


def exits(end: SystemExit) -> str:
    """Say that the project's own code ends the process, which it must not; "" if it does not.

    With exit code 0, a stage would seem to have succeeded.
    """
    where = place_of(end)
    return f"{where}it calls sys.exit({end.code!r}): raise an error, or return" if where else ""


def _handed_nothing(error: BaseException) -> str:
    """Describe an error that the engine raised because the project's own code passed None to it."""
    if "NoneType" not in str(error):
        return ""
    frames = [(frame, line) for frame, line in _frames(error.__traceback__) if _is_ours(_file_of(frame))]
    for (outer, line), (inner, _) in reversed([*pairwise(frames)]):
        if _file_of(outer).is_relative_to(ENGINE) or not _file_of(inner).is_relative_to(ENGINE):
            continue
        code = inner.f_code
        arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        if nothing := [name for name in arguments if inner.f_locals.get(name, "") is None]:
            where = (
                f"{_file_of(outer).relative_to(CODE.parent).as_posix()}:{line}: {outer.f_code.co_qualname}"
            )
            which = " and ".join(f"`{name}`" for name in nothing)
            return f"{where}: {code.co_name} gets None as {which}: is a `return` missing where it is made?"
    return ""


def _frames(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """List the frames of a traceback and their lines; importing `traceback` would slow down each process."""
    while traceback:
        yield traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next


def _file_of(frame: FrameType) -> Path:
    return Path(frame.f_code.co_filename)


@contextmanager
def asked(where: str) -> Iterator[None]:
    """Within the block, turn whatever a function of the project's half raises into a UserError.

    Args:
        where: the file and the function, for what is raised before the function's first line runs.

    Raises:
        UserError: the function raised something.
        OSError: the system refused something.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if refusal(error):
            raise
        raise UserError(masked(fault(error) or f"{where}: {kind_and_line(error)}")) from error


@contextmanager
def refusals_as_user_errors() -> Iterator[None]:
    """Within the block, turn what the system refuses, e.g. to read a file, into a UserError.

    Raises:
        UserError: the system refused something; the message says what and, if it was in the project's own
            code, where.
    """
    try:
        yield
    except (UserError, BrokenPipeError):
        raise
    except Exception as error:
        if refused := refusal(error):
            raise UserError(place_of(error) + refused) from error
        raise


def _is_ours(path: Path) -> bool:
    """Tell whether a file is the project's, and not part of an environment in its folder."""
    installed = "site-packages" in path.parts or path.is_relative_to(sys.prefix)
    return path.is_relative_to(CODE.parent) and not installed
