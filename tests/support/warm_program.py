"""Run a program in a forked process, as if Python had just been started for it."""

import atexit
import gc
import os
import resource
import runpy
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, NoReturn


def become(asked: dict[str, Any]) -> NoReturn:
    """Run a program in this process until it ends."""
    os.setsid()  # a process group of its own: to kill the group kills no other program
    os.chdir(asked["folder"])
    os.umask(asked["umask"])
    for number in asked["ignored"]:
        signal.signal(number, signal.SIG_IGN)
    for number, limits in asked["limits"]:
        resource.setrlimit(number, limits)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.executable = asked["python"]
    tempfile.tempdir = None  # so that TMPDIR is read again
    gc.enable()
    try:
        execute(*asked["arguments"])
        code: object = None
    except SystemExit as error:
        code = error.code
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    if not isinstance(code, int | None):
        print(code, file=sys.stderr)
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        if not sys.stdout.closed:  # `json.tool` closes it
            sys.stdout.flush()
    except OSError:  # nobody reads the output any more
        code = 120
    if code == -signal.SIGINT:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit((code or 0) & 0xFF)  # destroying half a million objects would take as long as many programs


def execute(how: str, *arguments: str) -> None:
    """Run a program as Python does from its arguments: -m and a module, -c and a program, or a file."""
    main = sys.modules["__main__"].__dict__
    for name in [name for name in main if not name.startswith("__")]:
        del main[name]
    if how == "-m":
        sys.argv, sys.path[0] = [*arguments], str(Path.cwd())
        runpy._run_module_as_main(arguments[0])  # type: ignore[attr-defined]
    elif how == "-c":
        sys.argv, sys.path[0] = ["-c", *arguments[1:]], ""
        exec(compile(arguments[0], "<string>", "exec"), main)
    else:
        sys.argv, sys.path[0] = [how, *arguments], str(Path(how).resolve().parent)
        main["__file__"] = how
        exec(compile(Path(how).read_bytes(), how, "exec"), main)
