"""An environment on top of another one, with a few more libraries."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from tests.support.baked import TEMPLATE, run


def layered(environment: Path, name: str, wheels: Sequence[str]) -> Path:
    """Make an environment with the libraries of another one and more; return the folder of its programs.

    It is kept for the next run of the tests, until the wheels or the other environment change.

    Args:
        environment: the folder of the other environment's programs.
        name: a name for people.
        wheels: all further libraries; their own dependencies are not installed.
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
