"""How the rows of requests are spread over the bins that a version knows, for Prometheus.

The bins are those of `drift`: of each column in the training rows, and of the predictions for the test rows.
Answers are held here for about a second and are counted together, which costs a request next to nothing.
Prometheus computes how far the rows are from the reference (`deploy/serving/rules.yml`), with the formulae in
`drift.measures`: counts of several workers and servers can be added up, but population stability indices
cannot.
"""

import threading
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from prometheus_client import Counter, Gauge

from ..drift import predictions
from ..drift.before import comparable, of_known
from ..drift.bins import labels
from ..drift.column import FEATURE, PREDICTION, TARGET, Before
from ..drift.counting import Counts
from ..drift.measures import unseen
from . import log

if TYPE_CHECKING:
    import pandas as pd

    from .answers import Answer
    from .version import Version

EVERY = 1.0  # seconds for which answers are held
ROWS = 100_000  # the most rows that are held; further ones are not counted

BINS = ["version", "kind", "column", "bin"]
COUNTED = Counter("serve_bin_rows", "Rows in each bin of a column, or of the predictions", BINS)
REFERENCE = Gauge(
    "serve_reference_bin_rows",
    "Training rows in each bin of a column, test rows in each bin of the predictions",
    BINS,
    multiprocess_mode="livemax",
)
REFERENCE_MISSING = Gauge(
    "serve_reference_missing_ratio",
    "The share of training rows that lacked a column",
    ["version", "column"],
    multiprocess_mode="livemax",
)
REFERENCE_UNSEEN = Gauge(
    "serve_reference_unseen_ratio",
    "The expected share of rows with a new category",
    ["version", "column"],
    multiprocess_mode="livemax",
)


class Watched:
    """Counts the rows of answers by bins, from time to time."""

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: list[tuple[Version, Answer]] = []
        self._rows = 0
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._counting = threading.Thread(target=self._count_always, daemon=True, name="count rows by bins")

    def start(self) -> None:
        """Count from now on."""
        self._counting.start()

    def close(self) -> None:
        """Count the answers that are held, and end."""
        self._ended.set()
        self._counting.join()
        self.count()

    def add(self, version: "Version", answer: "Answer") -> None:
        """Hold an answer until the next count."""
        with self._lock:
            if self._rows + len(answer.predictions) <= ROWS:
                self._waiting.append((version, answer))
                self._rows += len(answer.predictions)

    def count(self) -> None:
        """Count the answers that are held."""
        with self._lock:
            waiting, self._waiting, self._rows = self._waiting, [], 0
        for version in {version.number: version for version, _ in waiting}.values():
            answers = [answer for of, answer in waiting if of.number == version.number]
            for rows, predicted in _together(version, answers):
                _count(version, rows, predicted)

    def _count_always(self) -> None:
        while not self._ended.wait(EVERY):
            try:
                self.count()
            except Exception as error:  # the answers matter more; the message may contain a value of a row
                log.write("not_counted", error=type(error).__name__)


def columns(
    known: dict[str, Any], predicted: dict[str, Any], private: Collection[str] = ()
) -> tuple[Before, ...]:
    """Return what is counted for a version: the columns that it takes, except dates, and its predictions.

    Dates always move on, so that they say nothing about drift.

    Args:
        known: what the version knows about its columns.
        predicted: from `drift.predictions.describe`; empty if the version does not have it.
        private: the columns about which nothing is published.
    """
    features = [
        column
        for column in of_known(known, None)
        if column.kind != TARGET and column.role != "date" and column.name not in private
    ]
    return tuple(column for column in [*features, *predictions.before(predicted)] if column.reference)


def took_over(version: "Version") -> None:
    """Publish the reference of a version, and begin its counts at 0, which is not the same as unknown."""
    for column in version.watched:
        assert column.reference
        for name, rows in zip(_bins(column), column.reference.counts, strict=True):
            REFERENCE.labels(version.number, column.kind, column.name, name).set(rows)
            COUNTED.labels(version.number, column.kind, column.name, name)
        if column.kind == FEATURE:
            share = column.missing / max(column.rows, 1)
            REFERENCE_MISSING.labels(version.number, column.name).set(share)
        if column.kind == FEATURE and column.reference.once is not None:
            share = unseen(column.reference.once, column.reference.rows)
            REFERENCE_UNSEEN.labels(version.number, column.name).set(share)


def _together(version: "Version", answers: "list[Answer]") -> "Iterator[tuple[pd.DataFrame, pd.DataFrame]]":
    """Yield frames of rows and of their predictions; all plain answers are put into one pair."""
    plain = [answer.plain for answer in answers if answer.plain]
    if plain and version.quick:
        yield version.quick.together(plain)
    for answer in answers:
        if not answer.plain:
            yield answer.frames()


def _count(version: "Version", rows: "pd.DataFrame", predicted: "pd.DataFrame") -> None:
    for column in version.watched:
        values = predicted if column.kind == PREDICTION else rows
        if column.name not in values:
            continue
        counts = Counts(column.reference)
        counts.add(comparable(values[column.name], column))
        for name, count in zip(_bins(column), counts.bins.tolist(), strict=True):
            if count:
                COUNTED.labels(version.number, column.kind, column.name, name).inc(count)


def _bins(column: Before) -> list[str]:
    """Name the bins of a column; each has a number, since two long categories may be cut to one name."""
    assert column.reference
    return [f"{place:02d} {name}" for place, name in enumerate(labels(column.reference))]
