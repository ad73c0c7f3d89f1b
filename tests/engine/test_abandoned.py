import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import mlflow
import psutil
import pytest
from penguins.engine.base.paths import project_root
from penguins.engine.tracking import abandoned, store
from penguins.engine.tracking.abandoned import DAY, FAILURE, PROCESS, SILENCE, machine, process_tag
from penguins.engine.tracking.clones import CLONE, clone_id
from penguins.engine.tracking.recording import active, create_run
from penguins.engine.tracking.run import Run

HOST = socket.gethostname()
HERE = f"{HOST} {machine()}"
pytestmark = pytest.mark.usefixtures("shared_project")


@pytest.fixture
def ended() -> Iterator[subprocess.Popen[bytes]]:
    """Provide a process that has ended, while its parent has not asked how: a zombie."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    yield process
    process.wait()


def status(tag: str | None, age: float = 0, clone: str = "") -> str:
    """Return what a run that some process left open is once the store was opened again."""
    client = store.connect()
    run = client.create_run(
        store.experiment_id(client, store.experiment_name()),
        start_time=int((time.time() - age) * 1000),
        tags={name: value for name, value in ((PROCESS, tag), (CLONE, clone)) if value},
    )
    store.connect()
    assert client.get_run(run.info.run_id).info.status == "RUNNING"  # who only reads ends nothing
    store.close_abandoned_runs(client)
    found = client.get_run(run.info.run_id)
    assert (FAILURE in found.data.tags) == (found.info.status == "KILLED")
    return str(found.info.status)


def test_the_run_of_a_living_process_goes_on() -> None:
    assert status(process_tag()[PROCESS], age=SILENCE + DAY) == "RUNNING"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no zombies")
def test_a_process_that_nobody_waits_for_has_ended(ended: subprocess.Popen[bytes]) -> None:
    started = psutil.Process(ended.pid).create_time()
    assert status(f"{HERE} {ended.pid} {started:.0f}") == "KILLED"


def test_another_process_with_the_same_number_is_not_the_one() -> None:
    started = psutil.Process().create_time() - DAY
    assert status(f"{HERE} {os.getpid()} {started:.0f}") == "KILLED"


@pytest.mark.parametrize(
    "tag", ["elsewhere machine/1 1 1700000000", f"{HOST} 1 1700000000", "nonsense", None]
)
@pytest.mark.parametrize(("age", "expected"), [(SILENCE - DAY, "RUNNING"), (SILENCE + DAY, "KILLED")])
def test_what_cannot_be_seen_is_given_up_after_a_week(tag: str | None, age: float, expected: str) -> None:
    assert status(tag, age) == expected


def test_a_container_of_the_same_name_is_another_machine() -> None:
    """Its process numbers are its own: here one of them may be nobody's."""
    boot = machine().partition("/")[0]
    assert status(f"{HOST} {boot}/pid:[1] 4194305 1700000000") == "RUNNING"


def test_no_process_outlives_its_machine() -> None:
    assert status(f"{HOST} another-boot/pid:[1] {os.getpid()} 1700000000") == "KILLED"


def test_in_a_store_that_others_use_only_the_own_runs_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "is_shared", lambda: True)
    ours, gone = clone_id(project_root()), f"{HERE} 4194305 1700000000"
    assert status(gone, clone="another") == "RUNNING"
    assert status(gone, SILENCE + DAY) == "RUNNING"
    assert status(gone, clone=ours) == "KILLED"
    # two machines may share the name and, by a network drive, the clone
    assert status(f"{HOST} another-boot/pid:[1] {os.getpid()} 1700000000", clone=ours) == "RUNNING"


def test_where_the_kernel_tells_nothing_it_is_the_network_card(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise FileNotFoundError

    machine.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(abandoned.Path, "read_text", refuse)
        assert machine() == f"{uuid.getnode():x}/"
    machine.cache_clear()


@pytest.mark.parametrize("moment", ["its first file", "its start", "its work"])
def test_a_run_that_is_interrupted_at_any_moment_is_failed(
    monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    client = store.connect()
    experiment = store.experiment_id(client, store.experiment_name())
    lineage: Any = SimpleNamespace(
        notes=(), tags={"dvc.stage": "validate"}, record=lambda: b"{}", diff=b"", versions={}
    )

    def interrupt(*given: Any, **named: Any) -> None:
        raise KeyboardInterrupt

    def begin() -> None:
        with active(create_run(client, experiment, lineage, {"moment": moment})):
            interrupt()

    with monkeypatch.context() as patch:
        if moment == "its first file":
            patch.setattr(Run, "log_file", interrupt)
        if moment == "its start":
            patch.setattr(mlflow, "start_run", interrupt)
        with pytest.raises(KeyboardInterrupt):
            begin()
    (run,) = client.search_runs([experiment], filter_string=f"tags.moment = '{moment}'")
    assert (run.info.status, run.data.tags[FAILURE]) == ("FAILED", "interrupted")
