"""The stages of one `dvc repro` share the libraries that a helper has imported; nobody can tell.

Each test runs DVC for real, on a stage that needs no library and writes down what its process can see of
itself.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from ruamel.yaml import YAML

from tests.conftest import Bake, bake_into
from tests.support import terminal
from tests.support.baked import Baked
from tests.support.running import commit, replace_in, store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux", reason="a helper is Linux's alone: elsewhere nothing is shared"
    ),
]

PROBE = '''
import atexit
import gc
import json
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path

import psutil

from .. import note


def main() -> None:
    """Write down what this process can see of itself; then do what ACT says."""
    me = psutil.Process()
    seen = {
        "pid": me.pid,
        "parents": [[p.pid, p.cmdline()] for p in me.parents()],
        "command": me.cmdline(),
        "argv": sys.argv,
        "main": sys.modules["__main__"].__spec__.name,
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "umask": os.umask(0o22),
        "files": resource.getrlimit(resource.RLIMIT_NOFILE),
        "group": os.getpgrp(),
        "interrupt": getattr(signal.getsignal(signal.SIGINT), "__name__", ""),
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "hangup": str(signal.getsignal(signal.SIGHUP)),
        "streams": [os.readlink(f"/proc/self/fd/{n}") for n in (0, 1, 2)],
        "terminal": [stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)],
        "open": len(os.listdir("/proc/self/fd")),
        "path": sys.path,
        "threads": threading.active_count(),
        "collector": gc.isenabled(),
        "note": note.NOTE,
        "libraries": sorted({"numpy", "mlflow", "pandas"} & sys.modules.keys()),
    }
    stage = os.environ["DVC_STAGE"]
    Path(f"{stage}.json").write_text(json.dumps(seen))
    atexit.register(lambda: Path(f"{stage}.end").write_text("atexit"))
    print("printed")
    print("to stderr", file=sys.stderr)
    exec(compile(os.environ.get("ACT", ""), "act", "exec"))  # of a string, it changes how Python ends
'''


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory, environment: Path, shims: Path | None) -> Baked:
    """A project whose pipeline is two stages of its own, `one` and `two`: the same program."""
    project = bake_into(tmp_path_factory.mktemp("sharing"), {}, True).within(environment)
    package = project.path / "penguins"
    (package / "stages" / "probe.py").write_text(PROBE)
    (package / "note.py").write_text('NOTE = "first"\n')
    stage = {
        "cmd": "python -m penguins probe",
        "deps": ["penguins/stages/probe.py", "penguins/note.py"],
        "always_changed": True,
    }
    with (project.path / "dvc.yaml").open("w") as file:
        YAML().dump({"stages": {name: deepcopy(stage) for name in ("one", "two")}}, file)
    project.within(environment, shims).run("dvc", "repro")
    commit(project, "Two probes")
    return project


@pytest.fixture
def probed(probes: Baked) -> Baked:
    for name in ("one", "two"):  # what an earlier test has left
        for end in ("json", "end", "begun", "closing", "resumed", "order"):
            (probes.path / f"{name}.{end}").unlink(missing_ok=True)
    # DVC leaves half of it if Ctrl-C comes while it is written, and reads it no more
    (probes.path / ".dvc/tmp/rwlock").unlink(missing_ok=True)
    return probes


def seen(project: Baked, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(project.read(f"{name}.json"))
    return content


def helper(project: Baked, name: str) -> int | None:
    """The helper that a stage was forked from, if it was."""
    pid, command = seen(project, name)["parents"][0]
    return int(pid) if any("sharing.helper" in word for word in command) else None


def start(
    project: Baked, *words: str, stderr: int = subprocess.STDOUT, **env: str
) -> "subprocess.Popen[str]":
    path = os.pathsep.join([str(project.bin), os.environ["PATH"]])
    return subprocess.Popen(
        words,
        cwd=project.path,
        env={**os.environ, "PATH": path, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        start_new_session=True,
    )


NOTE = "mlflow.note.content"  # the description of a run
SOON = 240.0  # seconds within which something begins or ends on a busy machine; less than the stages sleep


def wait_for(what: Callable[[], object], seconds: float = SOON) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def none_left(project: Baked) -> bool:
    """Whether no process runs in the project's folder any more."""
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(project.path) and process.status() != psutil.STATUS_ZOMBIE:
                return False
        except psutil.Error:
            continue
    return True


def test_the_stages_of_one_run_have_one_helper_and_it_ends_with_dvc(probed: Baked) -> None:
    out = probed.run("dvc", "repro").stdout
    assert out.count("printed") == 2
    assert helper(probed, "one") == helper(probed, "two") is not None
    wait_for(lambda: none_left(probed))


def test_the_child_is_what_the_stage_would_have_been(probed: Baked) -> None:
    def run(**env: str) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
        done = probed.run("sh", "-c", "umask 027; ulimit -n 512; dvc repro one", env=env)
        return seen(probed, "one"), done

    shared, printed = run()
    assert helper(probed, "one")
    assert probed.read("one.end") == "atexit"
    alone, as_ever = run(PIPELINE_SHARE="0")
    assert not helper(probed, "one")
    assert [part.rstrip("\n") for part in (printed.stdout, printed.stderr)] == [
        part.rstrip("\n") for part in (as_ever.stdout, as_ever.stderr)
    ]
    del alone["environment"]["PIPELINE_SHARE"]
    for content in (shared, alone):
        for name in ("pid", "parents", "group"):
            del content[name]
        content["streams"] = [stream.split(":")[0] for stream in content["streams"]]
    shared["command"] = [word for word in shared["command"] if word]
    assert shared == alone
    assert shared["umask"] == 0o27
    assert shared["files"] == [512, 512]


def test_the_child_is_in_the_group_of_the_process_that_dvc_started(probed: Baked) -> None:
    process = start(probed, "dvc", "repro", "one", ACT="time.sleep(0)")
    process.communicate()
    assert seen(probed, "one")["group"] == process.pid


@pytest.mark.parametrize(
    ("act", "codes"),
    # DVC starts a stage by a shell: one that makes way for the stage, or one that waits and answers 128 + 9
    [("os._exit(3)", ("3",)), ("os.kill(os.getpid(), signal.SIGKILL)", ("-9", "137"))],
    ids=["exit", "killed"],
)
def test_it_ends_as_the_child_ends(probed: Baked, act: str, codes: tuple[str, ...]) -> None:
    done = probed.run("dvc", "repro", "one", check=False, env={"ACT": act})
    assert done.returncode
    assert any(done.stderr.rstrip().endswith(f"exited with {code}") for code in codes), done.stderr
    assert helper(probed, "one")
    assert ("ended by SIGKILL" in done.stderr) == ("kill" in act)


def test_a_module_that_is_edited_between_two_stages_is_read_anew(probed: Baked) -> None:
    note = probed.path / "penguins" / "note.py"
    text = note.read_text()
    # when the stage has ended: what it is made of must not change while it runs
    act = f"atexit.register(lambda: Path({str(note)!r}).write_text('NOTE = \"second\"\\n'))"
    try:
        probed.run("dvc", "repro", env={"ACT": act})
    finally:
        note.write_text(text)
    assert [seen(probed, name)["note"] for name in ("one", "two")] == ["first", "second"]
    assert helper(probed, "one") == helper(probed, "two") is not None


def test_each_project_and_each_environment_has_its_own(probed: Baked, tmp_path: Path) -> None:
    (probed.path / "dvc.yaml").write_text(
        probed.read("dvc.yaml").replace("cmd: python", "cmd: OMP_NUM_THREADS=3 python", 1)
    )
    try:
        probed.run("dvc", "repro")
    finally:
        probed.run("git", "checkout", "dvc.yaml")
    assert helper(probed, "one")
    assert helper(probed, "two")
    assert helper(probed, "one") != helper(probed, "two")


@pytest.mark.parametrize(
    ("number", "word"), [(signal.SIGTERM, "interrupted"), (signal.SIGINT, "interrupted")]
)
def test_a_signal_for_the_stage_reaches_the_child(probed: Baked, number: signal.Signals, word: str) -> None:
    process, child, stage = started(probed)
    assert stage.pid != child.pid
    stage.send_signal(number)
    assert word in process.communicate(timeout=SOON)[0]
    assert probed.read("one.end") == "atexit"
    wait_for(lambda: none_left(probed))


def test_ctrl_c_is_said_once_and_leaves_nothing(probed: Baked) -> None:
    process = start(probed, "dvc", "repro", ACT="time.sleep(600)")
    wait_for(lambda: probed.has("one.json") and probed.read("one.json"))
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=SOON)[0].count("error: interrupted") == 1
    assert not probed.has("two.json")
    wait_for(lambda: none_left(probed))


def interrupted(project: Baked, pause: float, **env: str) -> str:
    """Interrupt the whole group of `dvc repro` some time after a stage has begun; return what it printed."""
    process = start(project, "dvc", "repro", stderr=subprocess.STDOUT, **env)
    assert process.stdout
    out = ""
    while "Running" not in out and (line := process.stdout.readline()):
        out += line
    time.sleep(pause)
    os.killpg(process.pid, signal.SIGINT)
    out += process.communicate(timeout=SOON)[0]
    wait_for(lambda: none_left(project))
    assert process.returncode, out
    return out


@pytest.mark.parametrize("shared", ["1", "0"])
def test_ctrl_c_is_one_line_at_any_moment(probed: Baked, shared: str) -> None:
    """Python may be starting, or ending; DVC may be between two stages."""
    for _ in range(3):
        out = interrupted(probed, random.uniform(0.15, 0.9), ACT="time.sleep(0.3)", PIPELINE_SHARE=shared)
        probed.run("git", "checkout", "dvc.lock")  # which DVC may have been writing
        said = out.count("error: interrupted") + out.count("ERROR: interrupted by the user")
        assert said <= 1, out  # none, if Python was just beginning, or DVC at its end
        assert f'File "{probed.path}' not in out  # of a traceback


CHILD = "_PIPELINE_SHARE_CHILD"  # in the environment of a child that begins
INTERRUPT = "os.kill(os.getpid(), signal.SIGINT)"


@pytest.mark.parametrize(
    "act",
    [
        f"atexit.register(lambda: {INTERRUPT})",
        f"type('Interrupted', (), {{'__del__': lambda self: {INTERRUPT}}})(); time.sleep(600)",
    ],
    ids=["as Python ends", "where Python can raise nothing"],
)
@pytest.mark.parametrize("shared", ["1", "0"])
def test_an_interrupt_is_not_lost(probed: Baked, act: str, shared: str) -> None:
    process = start(probed, "dvc", "repro", ACT=act, PIPELINE_SHARE=shared)
    out = process.communicate(timeout=SOON)[0]
    assert (out.count("error: interrupted"), "Traceback" in out) == (1, False), out
    assert not probed.has("two.json")


def test_an_interrupt_as_a_child_begins_is_one_line(probed: Baked) -> None:
    main = probed.path / "penguins" / "__main__.py"
    begins = f"import os\nimport signal\nimport sys\n\nif {CHILD!r} in os.environ:\n    {INTERRUPT}\n"
    replace_in(main, "import sys\n", begins)
    try:
        out = start(probed, "dvc", "repro").communicate(timeout=SOON)[0]
    finally:
        probed.run("git", "checkout", "penguins/__main__.py")
    assert (out.count("error: interrupted"), "Traceback" in out) == (1, False), out
    assert not probed.has("one.json")


@pytest.mark.parametrize("who", ["stage", "guard"])
def test_a_child_ends_with_who_stands_for_it_and_with_its_guard(probed: Baked, who: str) -> None:
    process, child, stage = started(probed)
    {"stage": stage, "guard": child.parent()}[who].kill()
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    out = process.communicate(timeout=SOON)[0]
    assert out.count("its process was killed") == (who == "guard")
    assert process.returncode
    wait_for(lambda: none_left(probed))


def test_without_dvc_the_helper_is_gone_and_the_stage_goes_on(probed: Baked) -> None:
    process, child, stage = started(probed)
    helper = next(p for p in child.parent().children() if p != child)
    process.kill()
    wait_for(lambda: not helper.is_running() or helper.status() == psutil.STATUS_ZOMBIE)
    assert stage.is_running()
    assert child.is_running()
    stage.terminate()
    wait_for(lambda: none_left(probed))
    assert probed.read("one.end") == "atexit"


def test_without_its_helper_a_stage_goes_on(probed: Baked) -> None:
    process, child, _ = started(probed)
    next(p for p in child.parent().children() if p != child).kill()
    child.send_signal(signal.SIGINT)
    assert "error: interrupted" in process.communicate(timeout=SOON)[0]
    assert probed.read("one.end") == "atexit"
    wait_for(lambda: none_left(probed))


def test_who_stops_the_whole_group_interrupts_the_stage_once(probed: Baked) -> None:
    """The stage's own process passes the signal on: on a busy machine late, as a `finally` block runs."""
    act = "\n".join(
        [
            "try:",
            "    Path('one.begun').touch()",
            "    time.sleep(600)",
            "finally:",
            "    Path('one.closing').touch()",
            "    while not Path('one.resumed').exists(): time.sleep(0.05)",
            "    time.sleep(0.3)",
            "    Path('one.order').touch()",
        ]
    )
    process, child, stage = started(probed, act)
    wait_for(lambda: probed.has("one.begun"))
    stage.suspend()
    os.killpg(process.pid, signal.SIGTERM)
    wait_for(lambda: probed.has("one.closing"))
    stage.resume()
    child.terminate()  # and somebody else is impatient
    (probed.path / "one.resumed").touch()
    out, _ = process.communicate(timeout=SOON)
    wait_for(lambda: none_left(probed))
    assert probed.has("one.order"), out


def started(
    project: Baked, act: str = "time.sleep(600)"
) -> "tuple[subprocess.Popen[str], psutil.Process, psutil.Process]":
    """Start the stage `one`; return DVC's process, the child that does the work, and its own process."""
    process = start(project, "dvc", "repro", "one", ACT=act)
    wait_for(lambda: project.has("one.json") and project.read("one.json"))
    stage = next(p for p in psutil.Process(process.pid).children(recursive=True) if "probe" in p.cmdline())
    return process, psutil.Process(seen(project, "one")["pid"]), stage


@pytest.mark.parametrize(("max_iter", "code"), [("200", 0), ("-200", 1)])
def test_the_model_is_checked_by_a_fork_of_the_helper(probed: Baked, max_iter: str, code: int) -> None:
    act = "\n".join(
        [
            "import subprocess",
            "from penguins.engine.base import elsewhere",
            "subprocess.Popen = None",
            "print('ended with', elsewhere.start('penguins.engine.judging.checks')())",
        ]
    )
    replace_in(probed.path / "params.yaml", "max_iter: 200", f"max_iter: {max_iter}")
    try:
        out = probed.run("dvc", "repro", "one", env={"ACT": act}).stdout
    finally:
        probed.run("git", "checkout", "params.yaml")
    assert f"ended with {code}" in out
    assert helper(probed, "one")


def test_a_helper_that_cannot_be_is_not_missed(probed: Baked, tmp_path: Path) -> None:
    (tmp_path / f"penguins-{os.getuid()}").mkdir(mode=0o755)  # others could put a socket there
    probed.run("dvc", "repro", "one", env={"TMPDIR": str(tmp_path)})
    assert not helper(probed, "one")
    probed.run("python", "-m", "penguins", "probe", env={"DVC_STAGE": "one"})
    assert not helper(probed, "one")  # nor without DVC
    replace_in(probed.path / "pyproject.toml", "[tool.engine]\n", "[tool.engine]\nshare = false\n")
    try:
        probed.run("dvc", "repro", "one")
    finally:
        probed.run("git", "checkout", "pyproject.toml")
    assert not helper(probed, "one")


def test_a_helper_with_threads_forks_nothing(probed: Baked, tmp_path: Path) -> None:
    program = "import threading, time\nthreading.Thread(target=time.sleep, args=[600], daemon=True).start()\n"
    (tmp_path / "sitecustomize.py").write_text(program)
    done = probed.run("dvc", "repro", "one", env={"PYTHONPATH": str(tmp_path)})
    assert "printed" in done.stdout
    assert not helper(probed, "one")


def helper_of_trial(folder: Path, name: str) -> int:
    """The helper of a trial's stage, which has left what it saw in a folder, as `kept` says."""
    pid, command = json.loads((folder / name).read_text())["parents"][0]
    assert any("sharing.helper" in word for word in command)
    return int(pid)


def kept(folder: Path) -> str:
    """What a trial does, whose own folder is deleted."""
    return f"import os, shutil; shutil.copy('one.json', {str(folder)!r} + '/' + os.environ['DVC_EXP_NAME'])"


def ended(process: int) -> bool:
    return not psutil.pid_exists(process) or psutil.Process(process).status() == psutil.STATUS_ZOMBIE


def test_each_trial_of_a_queue_has_its_own(probed: Baked, tmp_path: Path) -> None:
    for name in ("first", "second"):
        probed.run("dvc", "exp", "run", "--queue", "--name", name, "one")
    probed.run("dvc", "queue", "start", "--jobs", "2", env={"ACT": kept(tmp_path)})
    wait_for(lambda: all((tmp_path / name).exists() for name in ("first", "second")))
    helpers = [helper_of_trial(tmp_path, name) for name in ("first", "second")]
    assert helpers[0] != helpers[1]
    wait_for(lambda: all(map(ended, helpers)))


def test_a_trial_in_a_folder_of_its_own_has_a_helper_there(probed: Baked, tmp_path: Path) -> None:
    probed.run("dvc", "exp", "run", "--temp", "--name", "apart", env={"ACT": kept(tmp_path)})
    content = json.loads((tmp_path / "apart").read_text())
    assert f"{probed.path}/.dvc/tmp/exps/" in content["folder"]
    assert content["path"][0] == content["folder"]  # its own modules are that folder's
    wait_for(lambda: ended(helper_of_trial(tmp_path, "apart")))


def test_two_projects_at_once_share_nothing(probed: Baked, tmp_path: Path) -> None:
    """Two clones: the same package, environment, user and moment."""
    clone = replace(probed, path=tmp_path / "clone")
    shutil.copytree(probed.path, clone.path)
    (clone.path / "penguins" / "note.py").write_text('NOTE = "of the clone"\n')
    both = (probed, clone)
    act = "\n".join(
        [
            f"others = [Path(folder, 'one.json') for folder in {[str(each.path) for each in both]}]",
            "while not all(other.exists() for other in others):",
            "    time.sleep(0.01)",
        ]
    )
    processes = [start(each, "dvc", "repro", ACT=act) for each in both]
    for process in processes:
        out, _ = process.communicate(timeout=120)
        assert (process.returncode, out.count("printed")) == (0, 2), out
    assert [seen(each, name)["note"] for each in both for name in ("one", "two")] == [
        *(2 * ["first"]),
        *(2 * ["of the clone"]),
    ]
    helpers = [helper(each, name) for each in both for name in ("one", "two")]
    assert None not in helpers
    assert helpers[0] == helpers[1] != helpers[2] == helpers[3]
    assert [seen(each, "two")["folder"] for each in both] == [str(each.path) for each in both]


def test_after_its_helper_was_killed_the_next_stage_has_another(probed: Baked) -> None:
    act = "\n".join(
        [
            "if stage == 'one':",
            "    (helper,) = set(me.parent().children()) - {me}",
            "    helper.kill()",
        ]
    )
    out = probed.run("dvc", "repro", env={"ACT": act}).stdout
    assert out.count("printed") == 2
    one, two = helper(probed, "one"), helper(probed, "two")
    assert one
    assert two
    assert one != two


def test_a_stage_may_have_threads_and_processes_of_its_own(probed: Baked) -> None:
    act = "\n".join(
        [
            "import subprocess",
            "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor",
            "from multiprocessing import get_context",
            "for method in ('fork', 'spawn', 'forkserver'):",
            "    with ProcessPoolExecutor(2, get_context(method)) as pool:",
            "        print(method, *pool.map(abs, [-1, -2]))",
            "with ThreadPoolExecutor(2) as pool:",
            "    print('threads', *pool.map(abs, [-1, -2]))",
            "print('command', subprocess.run(['true']).returncode, flush=True)",
            "threading.Thread(target=lambda: (time.sleep(0.3), print('last'))).start()",
        ]
    )
    out = probed.run("dvc", "repro", "one", env={"ACT": act}).stdout.splitlines()
    first = out.index("printed") + 1
    assert out[first : first + 6] == [
        "fork 1 2",
        "spawn 1 2",
        "forkserver 1 2",
        "threads 1 2",
        "command 0",
        "last",
    ]
    assert helper(probed, "one")
    wait_for(lambda: none_left(probed))


def on_a_terminal(project: Baked, *words: str, type_at: str = "", **env: str) -> tuple[int, str]:
    """Run on a terminal; return the exit code and what it shows.

    Args:
        type_at: what has to be shown for Ctrl-C to be typed.
    """
    path = os.pathsep.join([str(project.bin), os.environ["PATH"]])
    typed = [(type_at, terminal.CTRL_C)] if type_at else []
    return terminal.on_a_terminal(words, project.path, typed, {**os.environ, "PATH": path, **env})


ON_A_TERMINAL = """
from penguins.engine.base import console
print("size", *os.get_terminal_size())
console.summary("A title", {"name": 1})
with console.working("it works"):
    time.sleep(1)
print("end")
"""


def test_a_terminal_stays_one(probed: Baked) -> None:
    """With its width, colours and progress."""

    def run(share: str) -> str:
        code, shown = on_a_terminal(probed, "dvc", "repro", "one", ACT=ON_A_TERMINAL, PIPELINE_SHARE=share)
        assert code == 0, shown
        assert seen(probed, "one")["terminal"] == [True, True, True]
        begin, end = shown.index("printed"), shown.index("end\r\n")
        return shown[begin:end]

    shared = run("1")
    assert helper(probed, "one")
    assert "size 100 40\r\n" in shared
    assert "\033[1mA title\033[0m" in shared
    assert "it works" in shared
    alone = run("0")
    assert not helper(probed, "one")
    assert shared.split("it works")[0] == alone.split("it works")[0]


def test_ctrl_c_that_is_typed_is_told_once(probed: Baked) -> None:
    # Python handles no signal that comes just before it sleeps, until it wakes
    act = "\nprint('waits', flush=True)\nwhile True: time.sleep(0.1)"
    code, shown = on_a_terminal(probed, "dvc", "repro", type_at="waits", ACT=act)
    assert code
    assert shown.count("error: interrupted") == 1, shown
    assert "Traceback" not in shown
    assert not probed.has("two.json")
    wait_for(lambda: none_left(probed))


@pytest.mark.parametrize("shared", ["1", "0"])
def test_a_pipe_that_is_closed_early_ends_the_stage(probed: Baked, shared: str) -> None:
    """As in `dvc repro | head`: the stage fails and says so, and the next run is right."""
    act = "\nfor number in range(100_000):\n    print(number)\nPath('one.order').touch()"
    process = start(probed, "dvc", "repro", "one", stderr=subprocess.PIPE, ACT=act, PIPELINE_SHARE=shared)
    assert process.stdout
    assert process.stderr
    assert "10\n" in iter(process.stdout.readline, "")
    process.stdout.close()
    said = process.stderr.read()
    assert process.wait(timeout=SOON)
    assert not probed.has("one.order")
    assert bool(helper(probed, "one")) == (shared == "1")
    assert "exited with 141" in said  # 128 and SIGPIPE, as of a shell
    assert "Traceback" not in said
    assert "error: " not in said
    wait_for(lambda: none_left(probed))


def test_the_record_is_the_same(bake: Bake, environment: Path, shims: Path | None) -> None:
    """The whole pipeline, with and without: files, and MLflow's runs, but for ids and times."""
    shared, alone = bake().within(environment), bake().within(environment, shims)
    shared.run("dvc", "repro")
    alone.run("dvc", "repro", env={"PIPELINE_SHARE": "0"})
    assert files(shared) == files(alone)
    for mine, other in zip(records(shared), records(alone), strict=True):
        assert mine == other
    for name in ("reports/plots/predictions.csv", "reports/groups.csv", "reports/validation.json"):
        assert shared.read(name) == alone.read(name)
    alone_again = start(shared, "dvc", "repro", "--force", "--single-item", "evaluate")
    alone_again.communicate(timeout=120)  # it needs every group, and no stage comes after it
    assert not alone_again.returncode


def files(project: Baked) -> list[str]:
    return [name for name in project.files() if not name.startswith(("mlruns/", ".dvc/tmp/"))]


def records(project: Baked) -> list[Any]:
    content = store(project)
    ids = {run["id"]: "a run" for run in content.runs} | {
        model: "a model" for run in content.runs for model in run["models"]
    }
    ids |= {run["id"][:12]: "a run" for run in content.runs}  # as a description has it
    text = json.dumps([content.runs, content.versions, content.aliases])
    for word, instead in ids.items():
        text = text.replace(word, instead)
    runs, versions, aliases = json.loads(text.replace(str(project.path), "the project"))
    for run in runs:
        for name in ("latency_ms", "batch_latency_ms"):
            run["metrics"].pop(name, None)
        run["tags"][NOTE] = re.sub(r"\| `(batch_)?latency_ms`.*", "", run["tags"].get(NOTE, ""))
    for record in (*runs, *versions):
        for name in ("clone", "process", "git.commit", "mlflow.source.git.commit"):
            record["tags"].pop(name, None)
    return [*runs, versions, aliases]
