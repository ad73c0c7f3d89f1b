"""Running programs of baked projects without the seconds that each takes to import its libraries.

A folder of shims comes before a project's own programs on PATH. A shim asks a server, which has imported the
libraries once, to fork. The program runs in a process of its own, with its own exit code, environment,
signals and standard streams, and imports the project's modules itself. A program that needs a different
Python (flags, another locale, another home) is started as usual. For tests of the start itself, `Baked.cold`
has no shims.
"""

import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent


@contextmanager
def warmed(folder: Path, environment: Path) -> Iterator[Path | None]:
    """Start a server for an environment's programs; yield the shims' folder, or None without `fork`."""
    if os.name == "nt":
        yield None
        return
    python, socket = str(environment / "python"), str(folder / "socket")
    for name in ("python", "dvc"):
        shim = folder / name
        words = (python, "-IS", str(HERE / "warm_client.py"), socket, str(folder / "python"))
        shim.write_text(f'#!/bin/sh\nexec {shlex.join(words)} {shlex.quote(str(environment / name))} "$@"\n')
        shim.chmod(0o755)
    command = [python, str(HERE / "warm_server.py"), socket]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield folder
            # if the server had ended, all programs would still work, but slowly
            assert server.poll() is None, (folder / "server.log").read_text()
        finally:
            server.terminate()
            server.wait()
