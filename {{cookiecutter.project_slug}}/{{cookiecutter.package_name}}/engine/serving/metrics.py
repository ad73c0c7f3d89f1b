"""What Prometheus is told of the server; right with several workers, each of which writes files of its own.

See https://prometheus.github.io/client_python/multiprocess/. Only counters and histograms are kept there: a
worker that was killed leaves its counts behind, and they stay right.
"""

import os
from typing import TYPE_CHECKING

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client.core import Metric

    from .answers import Answer
    from .live import Live, Version

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the variable with the folder of the workers' files
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter("serve_requests", "Requests that were answered", ["route", "status", "version"])
LATENCY = Histogram(
    "serve_request_seconds", "From a request's head to its answer", ["route"], buckets=SECONDS
)
ROWS = Counter("serve_rows", "Rows that were predicted", ["version"])
PREDICTED = Counter("serve_predicted", "Predictions by class, of a classifier", ["version", "label"])
MISSING = Counter("serve_missing", "Missing cells", ["version", "column"])
UNSEEN = Counter("serve_unseen", "Cells with a category that no training row had", ["version", "column"])
RECORDED = Counter("serve_recorded_rows", "Rows for --log-requests: written, or lost", ["result"])


class OfLive(Collector):
    """What is true at this moment: which version answers, and how often it was exchanged."""

    def __init__(self, live: "Live") -> None:
        """Take what is live."""
        self.live = live

    def collect(self) -> "Iterable[Metric]":
        """Return the metrics, as prometheus_client asks for them."""
        info = GaugeMetricFamily(
            "serve_model_info", "The version that answers", labels=["name", "version", "run"]
        )
        if version := self.live.version:
            info.add_metric([self.live.settings.name, version.number, str(version.about.get("run", ""))], 1)
        yield info
        reloads = GaugeMetricFamily(
            "serve_reloads", "Exchanges of the version since the start", labels=["result"]
        )
        for result, count in self.live.reloads.items():
            reloads.add_metric([result], count)
        yield reloads


def count_rows(version: "Version", answer: "Answer") -> None:
    """Count the rows of an answer, their predictions, and their missing and unseen cells."""
    ROWS.labels(version.number).inc(len(answer.predictions))
    if answer.predictions and "probabilities" in answer.predictions[0]:
        for row in answer.predictions:
            PREDICTED.labels(version.number, str(row["prediction"])).inc()
    for name, count in answer.missing.items():
        MISSING.labels(version.number, name).inc(count)
    for name, count in answer.unseen.items():
        UNSEEN.labels(version.number, name).inc(count)


def page(live: "Live") -> tuple[bytes, str]:
    """Return what `/metrics` answers, and its content type."""
    counted = REGISTRY
    if FOLDER in os.environ:
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    own = CollectorRegistry()
    own.register(OfLive(live))
    return generate_latest(counted) + generate_latest(own), CONTENT_TYPE_LATEST
