"""An environment on top of the one of all runs, with a few libraries more."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from tests.support.baked import TEMPLATE, run


def layered(environment: Path, name: str, wheels: Sequence[str]) -> Path:
    """Make an environment that has what another has, and more; return its programs' folder.

    It stays, for the next time that the tests run, until the wheels or the other environment are other ones.

    Args:
        environment: the programs' folder of the other.
        name: for people.
        wheels: what it has more, all of it: nothing that these need is installed with them.
    """
    python = "python.exe" if sys.platform == "win32" else "python"
    key = hashlib.md5(repr((wheels, str(environment))).encode()).hexdigest()[:12]
    venv = TEMPLATE / ".environments" / f"{name}-{key}"
    bin = venv / environment.name
    with FileLock(f"{venv}.lock"):
        if not (venv / "whole").exists():
            uv, where = (sys.executable, "-m", "uv"), "import site; print(site.getsitepackages()[-1])"
            run(TEMPLATE, *uv, "venv", "--quiet", "--clear", "--python", environment / python, venv)
            own, shared = (run(TEMPLATE, at / python, "-c", where).stdout for at in (bin, environment))
            Path(own.strip(), "shared.pth").write_text(shared, encoding="utf-8")
            install = ("pip", "install", "--quiet", "--no-deps", "--python", bin / python)
            run(TEMPLATE, *uv, *install, *wheels)
            (venv / "whole").touch()
    return bin
