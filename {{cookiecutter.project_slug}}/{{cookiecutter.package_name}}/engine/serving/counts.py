"""The files in which several workers keep their counts: those of workers that have ended are merged.

prometheus_client gives each process a file for each kind of metric, and never removes one: every worker that
is killed would leave some megabytes behind, which each request for `/metrics` would read. The counts of
workers that have ended are kept; what these workers said about themselves (which version answers) is not.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from filelock import FileLock
from prometheus_client.mmap_dict import MmapedDict

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the variable with the folder of the workers' files
ADDED = ("counter", "histogram")  # kinds of metrics whose values of several processes are added up
DEAD = "dead"  # in place of a process's number: the file of all processes that have ended


@contextmanager
def put_together(folder: Path) -> Iterator[None]:
    """Put the counts of dead workers into one file; no other worker does so within the block.

    Args:
        folder: the folder with the workers' files.
    """
    with FileLock(folder / "lock"):
        dead = [file for file in folder.glob("*.db") if _has_ended(file)]
        for kind in ADDED:
            if files := [file for file in dead if file.name.startswith(f"{kind}_")]:
                _add(files, folder / f"{kind}_{DEAD}.db")
        for file in dead:
            file.unlink()
        yield


def _has_ended(file: Path) -> bool:
    """Tell whether the process that wrote a file has ended: its number is at the end of the name."""
    number = file.stem.rpartition("_")[2]
    return number.isdigit() and not psutil.pid_exists(int(number))


def _add(files: list[Path], total: Path) -> None:
    """Add the values in some files to those in another file, which is replaced in one step."""
    values: defaultdict[str, float] = defaultdict(float)
    for file in [*files, total] if total.exists() else files:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):  # type: ignore[no-untyped-call]
            values[key] += value
    new = total.with_suffix(".new")
    new.unlink(missing_ok=True)
    written = MmapedDict(str(new))  # type: ignore[no-untyped-call]
    for key, value in values.items():
        written.write_value(key, value, 0.0)  # type: ignore[no-untyped-call]
    written.close()  # type: ignore[no-untyped-call]
    new.replace(total)
