"""Keeping a sample of the requests with their answers, which is written to a folder from time to time."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.errors import kind_and_line
from . import log, metrics
from .kept import Kept, save

if TYPE_CHECKING:
    import pandas as pd

EVERY = 60.0  # seconds between two files of a process
ROWS = 10_000  # rows; if there are so many, they are written earlier
MOST = 100_000  # the most rows that are held while nothing can be written
ABANDONED = 3600.0  # seconds; an older unfinished file is from a process that was killed
UNFINISHED = "*.part"


class Recorder:
    """Keeps a sample of the requests that are answered, and writes them from time to time."""

    def __init__(self, folder: Path, model: str, sample: float = 1.0, private: Sequence[str] = ()) -> None:
        """Take where to write, and what to keep.

        Args:
            folder: the folder that has a folder for each day.
            model: the registered model's name.
            sample: the share of the requests that is kept.
            private: columns that are not written.
        """
        self.folder, self.model, self.sample, self.private = folder, model, sample, frozenset(private)
        self._kept: dict[str, list[Kept]] = {}  # by version
        self._rows = 0
        self._lock, self._full, self._ended = threading.Lock(), threading.Event(), threading.Event()
        self._writing = threading.Thread(target=self._write_always, daemon=True, name="write the requests")

    def start(self) -> None:
        """Write from now on."""
        for path in self.folder.rglob(UNFINISHED):
            if path.stat().st_mtime < time.time() - ABANDONED:
                path.unlink(missing_ok=True)
        self._writing.start()

    def close(self) -> None:
        """Write the rows that are not yet written, and end."""
        self._ended.set()
        self._full.set()
        self._writing.join()
        self.write()

    def keep(self, id: str, version: str, frames: "Callable[[], tuple[pd.DataFrame, pd.DataFrame]]") -> None:
        """Keep a request, if it is in the sample.

        Args:
            id: the request's id.
            version: the number of the version that answered.
            frames: returns two frames: n rows x the columns that the version takes, and what
                `Predictor.predict` returns for them; not called for a request that is not in the sample.
        """
        if random.random() >= self.sample:
            return
        rows, predicted = frames()
        kept = Kept(id, datetime.now(UTC), rows.copy(), predicted)
        with self._lock:
            fits = self._rows + len(rows) <= MOST
            if fits:
                self._kept.setdefault(version, []).append(kept)
                self._rows += len(rows)
        if not fits:
            metrics.RECORDED.labels("lost").inc(len(rows))
        if self._rows >= ROWS:
            self._full.set()

    def write(self) -> None:
        """Write the rows that are not yet written, a file for each version; if that fails, keep them."""
        with self._lock:
            waiting, self._kept, self._rows = self._kept, {}, 0
        for version, kept in waiting.items():
            count = sum(len(one.rows) for one in kept)
            try:
                save(self.folder, self.model, version, kept, self.private)
            except OSError as error:  # a full disk, say: the answers matter more
                log.write("requests_not_written", rows=count, error=kind_and_line(error))
                with self._lock:
                    self._kept[version] = kept + self._kept.get(version, [])
                    self._rows += count
            except Exception as error:  # a fault of ours; its message may contain a value of a row
                log.write("requests_lost", rows=count, error=type(error).__name__)
                metrics.RECORDED.labels("lost").inc(count)
            else:
                metrics.RECORDED.labels("written").inc(count)

    def _write_always(self) -> None:
        while not self._ended.is_set():
            self._full.wait(EVERY)
            self._full.clear()
            self.write()
            if self._rows >= ROWS:  # they could not be written: do not try again at once
                self._ended.wait(EVERY)
