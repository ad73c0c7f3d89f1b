"""Errors that a user can correct, including everything that the operating system refuses."""

import errno
from collections.abc import Iterator

LONGEST = 300  # characters of an error's line in a message
NOT_ALLOWED = "check who may read and write it, and its folder"
UNNAMED = "a file of the run, a temporary one or the output"  # libraries do not always name the file
NO_ROOM = "make room, then run it again"
ADVICE = dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), NOT_ALLOWED)
ADVICE |= dict.fromkeys((errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)), NO_ROOM)
ADVICE[errno.EMFILE] = "this process may not open more files: see `ulimit -n`"
SQLITES_ADVICE = {"readonly": NOT_ALLOWED, "unable to open": NOT_ALLOWED, "full": NO_ROOM}


class UserError(Exception):
    """A mistake in the data, the parameters or the environment.

    Its text is the whole message, one line for each mistake: where, what, and what to do.
    """


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, at most 300 characters; its type if it has no message."""
    return _shortened(str(error).strip().split("\n")[0]) or type(error).__name__


def kind_and_line(error: BaseException) -> str:
    """Return an error's type and, if it has a message, its first line, at most 300 characters."""
    line = _shortened(str(error).strip().split("\n")[0])
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def _shortened(line: str) -> str:
    """Cut a line that is too long, between two words."""
    if len(line) <= LONGEST:
        return line
    words = line[: LONGEST - 1].rpartition(" ")[0]
    return f"{words or line[: LONGEST - 2]} …"


def in_a_line(value: object) -> str:
    """Format a value that is not what it should be, in at most 300 characters."""
    return _shortened(" ".join(repr(value).split()))


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and the errors that caused it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def refusal(error: BaseException | None) -> str:
    """Return what the system refused and what to do, if that is what an error or its cause is; else ""."""
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            what, advice = error.strerror or "cannot be used", ADVICE.get(error.errno, "")
            return f"{error.filename or UNNAMED}: {what}" + (f"; {advice}" if advice else "")
        if type(error).__module__ == "sqlite3":
            advice = next((advice for part, advice in SQLITES_ADVICE.items() if part in str(error)), "")
            return str(error) + (f"; {advice}" if advice else "")
        if isinstance(error, MemoryError):
            return f"there is not enough memory ({error})"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return ""
