"""A program on a terminal, and a person typing."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROWS, COLUMNS = 40, 100
CTRL_C, CTRL_D = b"\x03", b"\x04"


def on_a_terminal(
    command: Sequence[str], folder: Path, typed: Sequence[tuple[str, bytes]], env: Mapping[str, str]
) -> tuple[int, str]:
    """Run a command on a terminal of 40 lines and 100 columns; return the exit code and what is shown.

    Args:
        command: the command to run.
        folder: the folder in which to run it.
        typed: pairs of a text and the keys that are typed once it is shown, each after the previous one.
        env: the whole environment.
    """
    import pty  # which Windows lacks
    import termios

    child, terminal = pty.fork()
    if not child:
        os.chdir(folder)
        os.execvpe(command[0], [*command], {**env, "TERM": "xterm-256color"})
    termios.tcsetwinsize(terminal, (ROWS, COLUMNS))
    shown, seen, waiting = b"", 0, list(typed)
    with suppress(OSError):  # how Linux reports that the terminal has ended
        while part := os.read(terminal, 4096):
            shown += part
            while waiting and (at := shown.find(waiting[0][0].encode(), seen)) >= 0:
                text, keys = waiting.pop(0)
                os.write(terminal, keys)
                seen = at + len(text.encode())
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()
