"""Large data: linked into trials' workspaces, not copied, also where the filesystem has no reflinks."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import bake_into
from tests.support.baked import Baked
from tests.support.running import commit

pytestmark = pytest.mark.slow

BIG = "data/raw/scans.bin"
SIZE = 200 * 2**20
TRIALS = 8


def has_reflinks(folder: Path) -> bool:
    one, other = folder / "one", folder / "other"
    one.write_bytes(b"1")
    return subprocess.run(["cp", "--reflink=always", one, other], capture_output=True).returncode == 0


def used(folder: Path) -> int:
    """The disk's bytes that a folder takes: a file with several names once, a symbolic link nothing."""
    sizes: dict[int, int] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                stat = os.lstat(Path(parent, name))
            except FileNotFoundError:  # a trial has just ended
                continue
            sizes[stat.st_ino] = stat.st_blocks * 512
    return sum(sizes.values())


PIPELINE = f"""\
stages:
  look:
    cmd: python -c "import time; time.sleep(2); print(open('{BIG}', 'rb').read(9))" > seen.txt
    deps: [{BIG}]
    params: [split.seed]
    outs: [seen.txt]
"""


def queue_status(project: Baked) -> str:
    """What `dvc queue status` says; asked again if DVC has read a worker's file while that was written."""
    while True:
        done = project.run("dvc", "queue", "status", check=False)
        if done.returncode == 0:
            return done.stdout
        assert "Expecting value" in done.stderr, done.stderr


@pytest.mark.skipif(os.name == "nt", reason="there is no `cp --reflink` to ask")
def test_trials_copy_no_data(environment: Path, shims: Path | None, tmp_path: Path) -> None:
    """With the configuration of a baked project, and a stage that takes no time."""
    project = bake_into(tmp_path, {}, True).within(environment, shims)
    if has_reflinks(tmp_path):  # what those share cannot be seen: the project's own order, without them
        kinds = project.run("dvc", "config", "cache.type").stdout.strip().split(",")
        others = ",".join(kind for kind in kinds if kind != "reflink")
        project.run("dvc", "config", "cache.type", others)  # committed below, for trials to have it
    (project.path / BIG).write_bytes(os.urandom(SIZE))
    (project.path / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    project.run("dvc", "add", BIG)
    commit(project, "Look at the scans")
    before = used(project.path)
    assert before > SIZE

    seeds = ",".join(map(str, range(1, TRIALS + 1)))
    project.run("dvc", "exp", "run", "--queue", "-S", f"split.seed=choice({seeds})")
    queue = subprocess.Popen(
        [(shims or environment) / "dvc", "queue", "start", "--jobs", "4"],
        cwd=project.path,
        env={**os.environ, "PATH": os.pathsep.join(map(str, [shims, environment, os.environ["PATH"]]))},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    queue.wait()
    most, seen, end = before, set(), time.monotonic() + 600
    while {"Running", "Queued"} & set(queue_status(project).split()):
        assert time.monotonic() < end, "it takes too long"
        seen |= {path.parents[2] for path in (project.path / ".dvc/tmp/exps").glob(f"*/{BIG}")}
        most = max(most, used(project.path))
    project.run("dvc", "queue", "stop")
    assert queue_status(project).count("Success") == TRIALS
    assert len(seen) > 1  # trials in workspaces of their own, with the file
    assert most - before < SIZE / 4, f"{(most - before) / 2**20:.0f} MB more"
