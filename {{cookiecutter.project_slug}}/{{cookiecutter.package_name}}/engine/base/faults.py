"""An error that the project's own code raised, in one line: where, in which function, and what."""

import sys
from pathlib import Path
from traceback import walk_tb

from .errors import kind_and_line
from .paths import CODE

ENGINE, STAGES = CODE / "engine", CODE / "stages"


def fault(error: BaseException, in_stages: bool = True) -> str:
    """Describe an error as `PACKAGE/gates.py:12: few_rows: KeyError: 'actual'`; "" if the engine raised it.

    Args:
        error: with its traceback.
        in_stages: whether a stage may be at fault; a stage is not if it calls a model that raises.
    """
    places = [
        (Path(frame.f_code.co_filename), line, frame.f_code.co_qualname)
        for frame, line in walk_tb(error.__traceback__)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((Path(error.filename), error.lineno or 1, "<module>"))
    path, line, function = next((place for place in reversed(places) if _is_ours(place[0])), (CODE, 0, ""))
    if path == CODE or path.is_relative_to(ENGINE) or (path.is_relative_to(STAGES) and not in_stages):
        return ""
    where = f"{path.relative_to(CODE.parent).as_posix()}:{line}: "
    return where + ("" if function == "<module>" else f"{function}: ") + kind_and_line(error)


def _is_ours(path: Path) -> bool:
    """Tell whether a file is the project's, and not part of an environment in its folder."""
    installed = "site-packages" in path.parts or path.is_relative_to(sys.prefix)
    return path.is_relative_to(CODE.parent) and not installed
