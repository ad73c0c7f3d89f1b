"""A server that runs on one core, and a client on another that sends it one request after the other."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import IO

import psutil

PATIENCE = 180  # seconds that a server may take to start
WARM = 5  # requests that are not measured
LEAST = 10  # requests that are, however long they take


@dataclass(frozen=True)
class Taken:
    """What the requests of one case took.

    Attributes:
        rate: requests in a second, one after the other over one connection.
        p50: milliseconds of the median request.
        p99: of the slowest in a hundred.
        cpu: milliseconds of the server's processors a request.
    """

    rate: float
    p50: float
    p99: float
    cpu: float


class Running:
    """A server's processes."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, seconds: float) -> None:
        """Take the first process, the port, and how long it took until it was ready."""
        self.process, self.port, self.seconds = process, port, seconds

    def _all(self) -> list[psutil.Process]:
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def memory(self) -> float:
        """Return the proportional set size of all processes, in MB."""
        return float(sum(process.memory_full_info().pss for process in self._all()) / 1e6)

    def _cpu(self) -> float:
        return float(sum(sum(process.cpu_times()[:2]) for process in self._all()))

    def ask(self, route: str, body: bytes, seconds: float) -> tuple[Taken, bytes]:
        """Send a request again and again.

        Returns:
            What they took, and the last answer.

        Raises:
            SystemExit: an answer is not 200.
        """
        head = f"POST {route} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Type: application/json\r\n"
        message = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        times: list[float] = []
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers = connection.makefile("rb")
            for _ in range(WARM):
                connection.sendall(message)
                said = answer(answers)
            before, until = self._cpu(), time.perf_counter() + seconds
            start = time.perf_counter()
            while len(times) < LEAST or time.perf_counter() < until:
                sent = time.perf_counter()
                connection.sendall(message)
                said = answer(answers)
                times.append(time.perf_counter() - sent)
            wall, cpu = time.perf_counter() - start, self._cpu() - before
        cuts = [1000 * cut for cut in quantiles(times, n=100, method="inclusive")]
        return Taken(len(times) / wall, cuts[49], cuts[98], 1000 * cpu / len(times)), said


def answer(stream: IO[bytes]) -> bytes:
    """Read an answer.

    Raises:
        SystemExit: it is not 200.
    """
    status, length, chunked = stream.readline(), 0, False
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.lower().partition(b":")
        length = int(value) if name == b"content-length" else length
        chunked = chunked or name == b"transfer-encoding"
    body = b"".join(_chunks(stream)) if chunked else stream.read(length)
    if b" 200 " not in status:
        raise SystemExit(f"benchmarks: a server answers {status.decode().strip()}: {body[:500].decode()}")
    return body


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while size := int(stream.readline(), 16):
        yield stream.read(size)
        stream.readline()
    stream.readline()


@contextmanager
def running(
    command: list[str | Path], cwd: Path, env: dict[str, str], port: int, ready: str, log: Path, core: int
) -> Iterator[Running]:
    """Start a server on one core, wait until it is ready, and stop it after the block.

    Raises:
        SystemExit: it ends, or is not ready in time.
    """
    start = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["taskset", "--cpu-list", str(core), *command],
            cwd=cwd,
            env=env,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
    try:
        while not _is_ready(port, ready):
            if process.poll() is not None or time.perf_counter() - start > PATIENCE:
                tail = log.read_text(errors="replace")[-3000:]
                raise SystemExit(f"benchmarks: {' '.join(map(str, command))} does not serve:\n{tail}")
            time.sleep(0.05)
        yield Running(process, port, time.perf_counter() - start)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a server with all that it has started: BentoML's workers are in groups of their own."""
    with suppress(psutil.NoSuchProcess):  # it has ended by itself
        first = psutil.Process(process.pid)
        for one in [first, *first.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait()


def _is_ready(port: int, route: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(
                f"GET {route} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
            )
            return b" 200 " in connection.makefile("rb").readline()
    except OSError:
        return False
