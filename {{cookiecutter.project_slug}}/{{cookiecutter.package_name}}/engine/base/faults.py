"""An error that the project's own code raised, in one line: where, in which function, and what."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb

from .errors import UserError, kind_and_line, refusal
from .paths import CODE
from .text import masked

ENGINE, STAGES = CODE / "engine", CODE / "stages"


def fault(error: BaseException, in_stages: bool = True) -> str:
    """Describe an error as `PACKAGE/gates.py:12: few_rows: KeyError: 'actual'`; "" if the engine raised it.

    Args:
        error: with its traceback.
        in_stages: whether a stage may be at fault; a stage is not if it calls a model that raises.
    """
    where = place_of(error, in_stages)
    return where + kind_and_line(error) if where else ""


def place_of(error: BaseException, in_stages: bool = True) -> str:
    """Return where the project's own code raised an error: `PACKAGE/gates.py:12: few_rows: `; see `fault`."""
    frames = list(walk_tb(error.__traceback__))
    places = [(Path(frame.f_code.co_filename), line, frame.f_code.co_qualname) for frame, line in frames]
    if isinstance(error, SyntaxError):  # of null bytes, Python names neither file nor line
        compiled = [frame.f_locals["path"] for frame, _ in frames if frame.f_code.co_name == "source_to_code"]
        file = error.filename or (compiled[-1] if compiled else "")
        places.append((Path(file), error.lineno or 1, "<module>"))
    path, line, function = next((place for place in reversed(places) if _is_ours(place[0])), (CODE, 0, ""))
    if path == CODE or path.is_relative_to(ENGINE) or (path.is_relative_to(STAGES) and not in_stages):
        return ""
    where = f"{path.relative_to(CODE.parent).as_posix()}:{line}: "
    return where if function == "<module>" else f"{where}{function}: "


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
        UserError: the system refused something; the message says what and, in the project's own code, where.
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
