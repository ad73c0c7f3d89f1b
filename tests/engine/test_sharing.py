"""The process that stands for a stage: which signals it passes on to the child that does the work."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a helper is Linux's alone")


@pytest.fixture
def child() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("has_begun", [True, False])
def test_a_signal_that_comes_together_with_the_childs_number_reaches_the_child(
    has_begun: bool, child: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system names SIGTERM before the SIGIO that says that the number has come."""
    from penguins.engine.sharing import client

    ours, helpers = socket.socketpair()
    numbers = iter([signal.SIGTERM, signal.SIGIO])

    def wait_for_signal(_: object) -> SimpleNamespace:
        number = next(numbers)
        if number == signal.SIGTERM:
            helpers.sendall(f"{child.pid} ".encode() if has_begun else b"")
        else:
            helpers.sendall(f"{child.wait()}\n".encode())
        return SimpleNamespace(si_signo=number, si_code=0)

    monkeypatch.setattr(client.signal, "sigwaitinfo", wait_for_signal)
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    try:
        with ours, helpers:
            if has_begun:
                assert client._wait(ours, "train") == -signal.SIGTERM
            else:
                with pytest.raises(KeyboardInterrupt):
                    client._wait(ours, "train")
                assert child.poll() is None
    finally:
        signal.signal(signal.SIGIO, before)
