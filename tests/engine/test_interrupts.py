"""Ctrl-C and SIGTERM: nothing can lose them, and nothing that closes what was begun is broken into."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from penguins.engine.base import interrupts, process
from penguins.engine.base.errors import UserError

from tests.engine.conftest import ROOT

SIGNALS = (signal.SIGINT, signal.SIGTERM)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot signal itself")


@pytest.fixture(autouse=True)
def handled() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupts.raise_at_signals()
    yield
    interrupts.resumed()
    for number, handler in before.items():
        signal.signal(number, handler)


def kill(number: signal.Signals = signal.SIGINT) -> None:
    """Interrupt this process, in this very line."""
    signal.raise_signal(number)


@contextmanager
def interrupted() -> Iterator[None]:
    """Expect an interrupt, after which the process goes on."""
    try:
        yield
    except KeyboardInterrupt:
        interrupts.resumed()
    else:
        pytest.fail("nothing was interrupted")


class InDestructor:
    def __del__(self) -> None:
        kill()


def swallow(number: signal.Signals) -> None:
    try:
        kill(number)
    except:  # noqa: E722  # as in many a library
        return


def destroy(number: signal.Signals) -> None:
    InDestructor()


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("lose", [swallow, destroy])
def test_a_lost_interrupt_comes_again_until_it_is_handled(
    lose: object, number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert callable(lose)
    monkeypatch.setattr(sys, "unraisablehook", interrupts.unraisablehook)
    lose(number)
    with suppress(KeyboardInterrupt):  # lost again
        time.sleep(60)
    with interrupted():
        time.sleep(60)
    assert capfd.readouterr().err == ""


@contextmanager
def closing(closed: list[str]) -> Iterator[None]:
    """Take a while for closing, handle an error meanwhile, and be interrupted again and again."""
    try:
        yield
    finally:
        for number in SIGNALS:
            kill(number)
        end = time.monotonic() + 3 * interrupts.MOMENT
        while time.monotonic() < end:
            with suppress(OSError):
                raise FileNotFoundError
        try:
            raise OSError
        except OSError:
            time.sleep(2 * interrupts.MOMENT)
            kill()
        closed.append("closed")
        interrupts.resumed()


def kill_in_its_place() -> None:
    try:
        kill(signal.SIGTERM)
    except KeyboardInterrupt:
        raise UserError("another error") from None


def test_what_closes_is_not_broken_into() -> None:
    closed: list[str] = []
    with pytest.raises(UserError), closing(closed):
        kill_in_its_place()
    assert closed == ["closed"]


def test_who_resumes_is_not_interrupted_again_and_can_be() -> None:
    with interrupted():
        kill()
    time.sleep(3 * interrupts.MOMENT)
    process.check()
    with interrupted():
        kill(signal.SIGTERM)


RUN = """
import signal, sys, time
from penguins.engine.base import interrupts, process

def interrupt():
    signal.raise_signal(signal.SIGINT)

def swallow():
    try:
        interrupt()
    except BaseException:
        pass

def main():
    {main}

process.prepare()
process.run(main)
"""


@pytest.mark.parametrize(
    ("main", "says"),
    [
        ("swallow()", ""),
        ("swallow(); sys.exit(0)", ""),
        ("\n    try: interrupt()\n    except BaseException: raise ImportError('initialization failed')", ""),
        (
            "\n    interrupts.PATIENCE = 0"
            "\n    try: interrupt()\n    finally: interrupt(); interrupt(); time.sleep(600)",
            "cleaning up: Ctrl-C again ends it at once\n",
        ),
    ],
    ids=["returns", "exits", "another error", "typed again and again"],
)
def test_an_interrupted_process_fails_with_one_line(main: str, says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(main=main)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, f"{says}error: interrupted\n")
