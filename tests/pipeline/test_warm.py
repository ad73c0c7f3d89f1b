"""What stands before a project's programs in these tests: they do as without it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.baked import Baked

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="there is no fork")]

PROGRAMS = {
    "arguments": "import os, sys; print(sys.argv, sys.path[0], __name__, os.getcwd(), sys.prefix)",
    "exit": "import sys; print('said'); sys.exit(3)",
    "line": "raise SystemExit('error: a line')",
    "uncaught": "import atexit; atexit.register(print, 'the last word'); int('x')",
    "killed": "import os; os.kill(os.getpid(), 15)",
    "environment": "import os; print(os.environ['ASKED'], os.environ.get('MLFLOW_LOGGING_LEVEL'))",
    "temporary": "import tempfile; print(tempfile.gettempdir())",
    "limit": "import tempfile; tempfile.TemporaryFile(buffering=0).write(b'x' * 10000)",
    "streams": "import sys; print(sys.stdin.read(), sys.stdout.encoding, sys.stdout.line_buffering)",
    "descriptors": "import os; print(sorted(os.listdir('/dev/fd'))[:3])",
    "signals": "import signal; print(*map(signal.getsignal, (2, 13, 15, 17)))",
    "thread": "from threading import Timer; Timer(0.2, print, ['done']).start()",
    "garbage": "import gc; print(gc.isenabled(), gc.get_threshold())",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
@pytest.mark.parametrize("how", ["-c", "file"])
def test_a_program_does_the_same(finished: Baked, tmp_path: Path, program: str, how: str) -> None:
    (file := tmp_path / "program.py").write_text(program)
    arguments = ("-c", program, "a b", "ü") if how == "-c" else (file, "a b", "ü")
    env = {"ASKED": "for\n", "TMPDIR": str(tmp_path)}
    warm, cold = (
        project.run(
            "bash", "-c", 'trap "" INT; ulimit -f 8; exec python "$@"', "", *arguments, check=False, env=env
        )
        for project in (finished, finished.cold)
    )
    assert (warm.returncode, warm.stdout) == (cold.returncode, cold.stdout)
    assert warm.stderr.splitlines()[-1:] == cold.stderr.splitlines()[-1:]


def test_modules_and_scripts_do_the_same(finished: Baked) -> None:
    for command in (
        ("python", "-m", "penguins"),
        ("python", "-m", "penguins", "nosuch"),
        ("python", "-m", "penguins", "models", "--json"),
        ("python", "-m", "nosuch"),
        ("dvc", "status", "--json"),
        ("dvc", "nosuch"),
    ):
        warm, cold = (project.run(*command, check=False) for project in (finished, finished.cold))
        assert (warm.returncode, warm.stdout) == (cold.returncode, cold.stdout)


PARENT = "import os, sys; print(os.getppid(), 'mlflow' in sys.modules)"


def test_it_is_a_child_of_the_server_unless_asked_for_what_a_start_decides(
    finished: Baked, tmp_path: Path
) -> None:
    def ran(*arguments: str, **env: str) -> tuple[str, str]:
        as_dvc = ("bash", "-c", 'trap "" INT; exec python "$@"', "")  # which lets no stage hear Ctrl-C
        parent, imported = finished.run(*as_dvc, *arguments, env=env).stdout.split()
        return parent, imported

    server, imported = ran("-c", PARENT)
    assert imported == "True"
    assert ran("-c", PARENT, DVC_STAGE="x", TMPDIR=str(tmp_path)) == (server, "True")
    inherited = {
        "GX_ANALYTICS_ENABLED": "false",
        "MLFLOW_LOGGING_LEVEL": "ERROR",
    }  # from a stage or a command
    assert ran("-c", PARENT, **inherited) == (server, "True")
    for arguments, env in [(("-O", "-c", PARENT), {}), (("-c", PARENT), {"PYTHONOPTIMIZE": "1"})]:
        assert ran(*arguments, **env) == (str(os.getpid()), "False")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_its_shim(finished: Baked, tmp_path: Path, number: signal.Signals) -> None:
    # Python handles no signal that comes just before it sleeps, until it wakes
    program = "import os, time; print(os.getpid(), flush=True)\nwhile True: time.sleep(0.1)"
    assert finished.shims is not None
    process = subprocess.Popen(
        [finished.shims / "python", "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.send_signal(number)
    assert process.wait(180) == -number
    end = time.monotonic() + 180
    while exists(child):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_who_is_killed_as_it_asks_harms_nobody(finished: Baked, tmp_path: Path) -> None:
    assert finished.shims is not None
    server = finished.run("python", "-c", PARENT).stdout
    program = "import os, time; print(os.getpid(), flush=True)\nwhile True: time.sleep(0.1)"
    asked = {
        "arguments": ["-c", program],
        "folder": str(tmp_path),
        "environment": dict(os.environ),
        "umask": 0o22,
        "ignored": [],
        "limits": [],
        "python": sys.executable,
    }
    sent = [b"", json.dumps(asked).encode()]
    for message in sent:
        read, write = os.pipe()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(finished.shims / "socket"))
            if message:
                socket.send_fds(client, [message], [0, write, 2])
        os.close(write)
        with os.fdopen(read) as said:  # to the end of its writer, which does not end by itself
            said.read()
    assert finished.run("python", "-c", PARENT).stdout == server


def exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
