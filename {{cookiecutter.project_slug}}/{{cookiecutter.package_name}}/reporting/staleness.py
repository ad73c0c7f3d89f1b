"""Whether dvc.lock is that of the files that are here, told in seconds and without running anything."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from .. import git
from ..errors import UserError
from ..yamlfile import read_yaml

LOCK = Path("dvc.lock")
STAGES = ("validate", "train", "evaluate")  # register always runs
MISSING = ("deleted", "not in cache")  # in the words of `dvc status`


def stale() -> list[str]:
    """List the files that differ from those with which the pipeline ran.

    Data that are not here, but only in the remote, are taken to be what their .dvc file says.
    """
    if not LOCK.is_file():
        return [f"there is no {LOCK}"]
    command = [sys.executable, "-m", "dvc", "status", "--json", *STAGES]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise UserError(f"`dvc status` failed: {(done.stderr.strip() or 'no word').splitlines()[-1]}")
    reasons = [reason for stage in json.loads(done.stdout).values() for reason in stage]
    changed = {name for reason in reasons for name in _changed(reason)}
    for dep in read_yaml(LOCK)["stages"].get("validate", {}).get("deps", []):
        tracked = Path(f"{dep['path']}.dvc")
        if tracked.is_file() and read_yaml(tracked)["outs"][0].get("md5") != dep.get("md5"):
            changed.add(dep["path"])
    return sorted(changed)


def _changed(reason: Any) -> list[str]:
    """List the files of one of the reasons of `dvc status`, without those that only have to be pulled."""
    if not isinstance(reason, dict):
        return ["dvc.yaml"]  # "changed command"
    names = []
    for files in reason.values():
        found = files.items() if isinstance(files, dict) else [(files, "")]
        names += [
            name for name, how in found if how not in MISSING or not git.text("check-ignore", "--", name)
        ]
    return names
