"""Where the helper is: each process of DVC has its own, which no other process finds."""

import json
import os
import resource
import socket
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR
from struct import calcsize, unpack
from tempfile import gettempdir
from typing import Any

from ..base.paths import CODE, PACKAGE

SHELLS = {"sh", "bash", "dash", "ash", "zsh", "ksh", "fish"}  # the shells by which DVC may start a stage
# variables that no library reads when it is imported
OF_A_STAGE = {"DVC_STAGE", "PWD", "OLDPWD", "SHLVL", "_"}
# OpenBLAS and Arrow's jemalloc would start threads when they are loaded, and threads do not survive a fork
WITHOUT_THREADS = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
ROOM = " " * 500  # room at the end of the helper's command for the command of a stage


def connection() -> socket.socket | None:
    """Connect to the helper of the process of DVC that started this one; start the helper, if there is none.

    Returns:
        The connection; None if there can be no helper.
    """
    if not hasattr(os, "pidfd_open") or "-m" not in sys.orig_argv:
        return None
    try:
        if (dvc := _dvc()) is None:
            return None
        path = _folder() / _key(dvc)
        for _ in range(3):
            connected = socket.socket(socket.AF_UNIX)
            try:
                connected.connect(str(path))
            except FileNotFoundError:
                _start(path, dvc)
            except ConnectionRefusedError:  # a helper that was killed has left the socket
                path.unlink(missing_ok=True)
            else:
                if _owner(connected) == os.getuid():
                    return connected
            connected.close()
    except OSError:  # no such folder, too long a path, no pidfd: none of these is a mistake of the user's
        return None
    return None


def start_of(pid: int) -> str:
    """Return when a process started, in the system's ticks: together with its number, this is unique."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def _dvc() -> int | None:
    """Return the process of DVC that started this one, itself or by a shell."""
    pid = os.getppid()
    for _ in range(2):
        command = os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")
        words = [Path(word).name for word in command]
        if "dvc" in words[:2] or words[1:3] == ["-m", "dvc"]:
            return pid
        if words[0].lstrip("-") not in SHELLS:
            return None
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


def _key(dvc: int) -> str:
    """Name the helper by all that must be equal: DVC's process, project, interpreter and environment."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_A_STAGE}
    key = [dvc, start_of(dvc), str(CODE), str(Path.cwd()), sys.executable, _interpreter(), environment]
    return sha256(json.dumps([*key, *_inherited()], sort_keys=True).encode()).hexdigest()[:32]


def _inherited() -> list[Any]:
    """Return what a process takes from the one that started it, and cannot change at will."""
    umask = os.umask(0)
    os.umask(umask)
    limits = [resource.getrlimit(getattr(resource, name)) for name in dir(resource) if "RLIMIT_" in name]
    return [umask, limits, sorted(os.sched_getaffinity(0)), os.getpriority(os.PRIO_PROCESS, 0)]


def _interpreter() -> list[str]:
    """Return the beginning of this process's command: Python and its flags."""
    return sys.orig_argv[: sys.orig_argv.index("-m")]


def _folder() -> Path:
    """Return the folder of the user's sockets.

    Raises:
        OSError: it is not the user's alone.
    """
    folder = Path(gettempdir()) / f"{PACKAGE}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if not S_ISDIR(state.st_mode) or state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise PermissionError(folder)
    return folder


def _owner(connected: socket.socket) -> int:
    """Return the user at the other end."""
    form = "3i"  # struct ucred: process, user, group
    credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, calcsize(form))
    return int(unpack(form, credentials)[1])


def _start(path: Path, dvc: int) -> None:
    """Start the helper.

    Raises:
        OSError: it cannot be started.
    """
    # streams as a stage mostly has them, pipes, since Python looks at their kind as it starts
    output, written = os.pipe()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        arguments = [listener.fileno(), output, path, dvc, start_of(dvc), ROOM]
        helper = subprocess.Popen(
            [*_interpreter(), "-m", f"{__package__}.helper", *map(str, arguments)],
            executable=sys.executable,
            pass_fds=[listener.fileno(), output],
            stdin=subprocess.PIPE,
            stdout=written,
            stderr=written,
            process_group=0,  # out of reach of Ctrl-C
            env={**os.environ, **WITHOUT_THREADS},
        )
    helper.returncode = 0  # nobody waits for it
    for stream in (output, written):
        os.close(stream)
