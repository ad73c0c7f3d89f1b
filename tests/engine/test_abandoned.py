import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest
from penguins.engine.tracking import store
from penguins.engine.tracking.abandoned import DAY, FAILURE, PROCESS, SILENCE, process_tag

HERE = socket.gethostname()
pytestmark = pytest.mark.usefixtures("shared_project")


@pytest.fixture
def ended() -> Iterator[subprocess.Popen[bytes]]:
    """Provide a process that has ended, while its parent has not asked how: a zombie."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    yield process
    process.wait()


def status(tag: str | None, age: float = 0) -> str:
    """Return what a run that some process left open is once the store was opened again."""
    client = store.connect()
    run = client.create_run(
        store.experiment_id(client, store.experiment_name()),
        start_time=int((time.time() - age) * 1000),
        tags={PROCESS: tag} if tag else {},
    )
    store._client.cache_clear()  # as another process would open it
    found = store.connect().get_run(run.info.run_id)
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


@pytest.mark.parametrize("tag", ["elsewhere 1 1700000000", "nonsense", None])
@pytest.mark.parametrize(("age", "expected"), [(SILENCE - DAY, "RUNNING"), (SILENCE + DAY, "KILLED")])
def test_what_cannot_be_seen_is_given_up_after_a_week(tag: str | None, age: float, expected: str) -> None:
    assert status(tag, age) == expected
