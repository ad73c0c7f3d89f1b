"""What a user can cause, and mend: also what the system refuses, wherever it does."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST = 300  # characters of a reason in a message
NOT_ALLOWED = "check who may read and write it, and its folder"
UNNAMED = "a file of the run, a temporary one or the output"  # libraries do not always say which
NO_ROOM = "make room, then run it again"
ADVICE = dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), NOT_ALLOWED)
ADVICE |= dict.fromkeys((errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)), NO_ROOM)
ADVICE[errno.EMFILE] = "this process may not open more files: see `ulimit -n`"
SQLITES_ADVICE = {"readonly": NOT_ALLOWED, "unable to open": NOT_ALLOWED, "full": NO_ROOM}


class UserError(Exception):
    """A mistake in the data, the parameters or the surroundings.

    Its text is the whole message, a line a mistake: where, what, and what to do.
    """


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, as much of it as is read; its kind if it says nothing."""
    return str(error).strip().split("\n")[0][:LONGEST] or type(error).__name__


def kind_and_line(error: BaseException) -> str:
    """Return an error's kind, and the first line of what it says."""
    said = str(error).strip().split("\n")[0][:LONGEST]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


@contextmanager
def in_a_line() -> Iterator[None]:
    """Make a UserError of what the system refuses: a file that may not be read, a full disk.

    Raises:
        UserError: that happened.
    """
    try:
        yield
    except (UserError, BrokenPipeError):
        raise
    except Exception as error:
        if refused := refusal(error):
            raise UserError(refused) from error
        raise


def refusal(error: BaseException | None) -> str:
    """Say what the system refused, if an error, or what caused it, is that; else nothing."""
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            what, advice = error.strerror or "cannot be used", ADVICE.get(error.errno, "")
            return f"{error.filename or UNNAMED}: {what}" + (f"; {advice}" if advice else "")
        if type(error).__module__ == "sqlite3":
            advice = next((told for part, told in SQLITES_ADVICE.items() if part in str(error)), "")
            return str(error) + (f"; {advice}" if advice else "")
        if isinstance(error, MemoryError):
            return f"there is not enough memory ({error})"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return ""
