"""The steps of a page, typed one after another: a server in one terminal, everything else in another."""

import os
import shlex
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.baked import Baked, messages
from tests.support.pages import Block, unlike
from tests.support.serving import free_ports

SERVE = "python -m penguins serve"
SHOWN = "127.0.0.1:8000"  # the address of the server on the pages; in a test, it has another port
PATIENCE = 240.0  # seconds


@dataclass
class Terminals:
    """What a page has started and typed.

    Attributes:
        project: the project in which it is typed.
        log: the server's log.
        printed: what the last block has printed.
    """

    project: Baked
    log: Path
    printed: str = ""
    port: int = field(default_factory=lambda: free_ports(1))
    server: "subprocess.Popen[str] | None" = None
    _again: str = ""

    def type(self, block: Block, fails: bool = False) -> None:
        """Type a block, or compare the output that it shows with what the previous block has printed.

        `curl` is repeated until its output is as on the page, since the server may need a moment.
        """
        if block.kind == "text":
            until = time.monotonic() + PATIENCE
            while (line := unlike(block.text, self.printed)) and self._again and time.monotonic() < until:
                self._run(self._again, False)
            assert line == "", f"{line!r} is not in\n{self.printed}"
        elif block.text.startswith(SERVE):
            self.end()
            self._start(block.text)
        else:
            self._again = block.text if block.text.startswith("curl") else ""
            self._run(block.text, fails)

    def end(self) -> None:
        """Type Ctrl-C in the server's terminal, if a server runs."""
        if self.server is None:
            return
        self.server.send_signal(signal.SIGINT)
        assert self.server.wait(PATIENCE) == 0, self.log.read_text()
        self.server = None

    def _run(self, text: str, fails: bool) -> None:
        typed = text.replace(SHOWN, f"127.0.0.1:{self.port}")
        done = self.project.run("sh", "-euc", f"exec 2>&1\n{typed}", check=False)
        self.printed = "\n".join(messages(done.stdout))
        assert bool(done.returncode) == fails, f"{text}\n{self.printed}"
        assert "Traceback" not in self.printed

    def _start(self, text: str) -> None:
        assert self.project.bin
        (line,) = text.splitlines()
        _, *words = shlex.split(line)
        command = [str(self.project.bin / "python"), *words, "--port", str(self.port)]
        with self.log.open("w") as log:
            self.server = subprocess.Popen(
                command, cwd=self.project.path, env={**os.environ, "SERVE_TOKEN": ""}, stderr=log, text=True
            )
        until = time.monotonic() + PATIENCE
        while not self._is_ready():
            assert self.server.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=30):
                return True
        except OSError:
            return False


@contextmanager
def terminals(project: Baked, folder: Path) -> Iterator[Terminals]:
    """Yield terminals in a project for the block; no server is left afterwards.

    Args:
        project: the project in which it is typed.
        folder: the folder for the server's log.
    """
    typing = Terminals(project, folder / "serve.log")
    try:
        yield typing
    finally:
        if typing.server is not None:
            typing.server.kill()
            typing.server.wait()
