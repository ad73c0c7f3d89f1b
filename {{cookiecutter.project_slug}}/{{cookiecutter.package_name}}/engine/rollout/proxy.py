"""haproxy, which divides the traffic, controlled through its own socket.

See https://docs.haproxy.org/2.6/management.html#9.3. What is set here is lost when haproxy restarts: its file
starts with the canary out, and every look of the watcher sets what the registry says.
"""

import csv
import io
import socket
from dataclasses import dataclass

from ..base.errors import UserError, kind_and_line

BACKEND, CHAMPION, CANARY = "models", "champion", "canary"  # names in haproxy's file
WHOLE = 256  # the greatest weight
SECONDS = 5.0  # seconds that haproxy may take to answer
OUT = "MAINT"  # the state of a server that gets no requests; with weight 0 it would keep its sticky users


@dataclass(frozen=True)
class Server:
    """What haproxy says about a server.

    Attributes:
        state: `UP`, `DOWN`, `MAINT` and others, with what haproxy adds: `UP 1/3`.
        weight: 0 to 256.
        requests: how many requests it was chosen for, including repeated ones.
        failed: how many attempts it did not answer, or not in time, or with a status of 5xx; haproxy repeated
            them, or passed the failure on.
    """

    state: str
    weight: int
    requests: int
    failed: int

    @property
    def is_out(self) -> bool:
        """Whether it was taken out on purpose."""
        return self.state.startswith(OUT)

    @property
    def is_down(self) -> bool:
        """Whether haproxy itself has taken it out because it failed."""
        return self.state.startswith("DOWN")


@dataclass(frozen=True)
class Proxy:
    """haproxy's socket.

    Attributes:
        address: a path, or `host:port`.
    """

    address: str

    def servers(self) -> dict[str, Server]:
        """Ask for the two servers.

        Raises:
            UserError: haproxy does not answer, or its file has no such servers.
        """
        text = self._ask("show stat")
        rows = csv.DictReader(io.StringIO(text.removeprefix("# ")))
        servers = {row["svname"]: _server(row) for row in rows if row["pxname"] == BACKEND}
        if missing := [name for name in (CHAMPION, CANARY) if name not in servers]:
            raise UserError(
                f"{self.address}: haproxy's backend {BACKEND!r} has no server {' and no '.join(missing)}: "
                "take deploy/serving/haproxy.cfg"
            )
        return servers

    def divide(self, share: int) -> bool:
        """Give the canary a share of the traffic; 0 takes it out. Returns whether anything had to be changed.

        At 100 the champion keeps the smallest possible weight, one of 257 requests, so that it answers at
        once if the canary fails.

        Args:
            share: the share in percent.

        Raises:
            UserError: haproxy does not answer, or refuses.
        """
        servers = self.servers()
        commands = []
        if share == 0:
            if not servers[CANARY].is_out:
                commands.append(_command(CANARY, "state maint"))
            weights = {CHAMPION: WHOLE}
        else:
            canary = round(WHOLE * share / 100)
            weights = {CANARY: canary, CHAMPION: max(1, WHOLE - canary)}
        commands += [
            _command(name, f"weight {weight}")
            for name, weight in weights.items()
            if servers[name].weight != weight
        ]
        if share and servers[CANARY].is_out:
            commands.append(_command(CANARY, "state ready"))  # last, so that it never has more than its share
        for command in commands:
            if refused := self._ask(command).strip():
                raise UserError(f"{self.address}: haproxy refuses {command!r}: {refused}")
        return bool(commands)

    def _ask(self, command: str) -> str:
        try:
            with self._connected() as connection:
                connection.settimeout(SECONDS)
                connection.sendall(f"{command}\n".encode())
                parts = []
                while part := connection.recv(65536):
                    parts.append(part)
        except OSError as error:
            raise UserError(f"{self.address}: haproxy does not answer: {kind_and_line(error)}") from None
        return b"".join(parts).decode()

    def _connected(self) -> socket.socket:
        host, _, port = self.address.rpartition(":")
        if host and port.isdecimal():
            return socket.create_connection((host, int(port)), SECONDS)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(SECONDS)
            connection.connect(self.address)
        except OSError:
            connection.close()
            raise
        return connection


def _command(name: str, change: str) -> str:
    return f"set server {BACKEND}/{name} {change}"


def _server(row: dict[str, str]) -> Server:
    """Read a row of haproxy's statistics; an empty cell is none."""
    count = {name: int(row[name] or 0) for name in ("weight", "lbtot", "wretr", "econ", "eresp")}
    return Server(
        row["status"], count["weight"], count["lbtot"], count["wretr"] + count["econ"] + count["eresp"]
    )
