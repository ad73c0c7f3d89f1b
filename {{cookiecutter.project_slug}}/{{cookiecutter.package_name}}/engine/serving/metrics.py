"""The server's metrics for Prometheus; correct with several workers, each of which writes files of its own.

See https://prometheus.github.io/client_python/multiprocess/. The gauges of a version (that it answers, its
reference, its limits) end when another version takes over. Its counts stay until the server ends: Prometheus
still has to read the last of them, and after a rollback they go on.
"""

import os
from collections import Counter as Counted
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
)
from prometheus_client.metrics_core import Metric

from ..drift.bins import labels
from ..drift.reference import Reference
from .counts import FOLDER, put_together

if TYPE_CHECKING:
    from .answers import Answer
    from .version import Version

NUMBERS = ("number", "whole number")  # types of the target of a regression
ROUTES = ("/predict", "/invocations")  # those that predict
FAILED, LOADED = "failed", "loaded"  # how a reload of the version may end
MODEL_INFO = "serve_model_info"
GONE = 0  # the value of INFO for a version that no longer answers, since a worker's file cannot forget it
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# the times when counts began would be half of the page, and are missing anyway with several workers
disable_created_metrics()  # type: ignore[no-untyped-call]
REQUESTS = Counter("serve_requests", "Requests that were answered", ["route", "status", "version"])
LATENCY = Histogram(
    "serve_request_seconds", "From a request's head to its answer", ["route"], buckets=SECONDS
)
ROWS = Counter("serve_rows", "Rows that were predicted", ["version"])
PREDICTED = Counter(
    "serve_predicted",
    "Predictions by class; for a regression, by deciles of the training rows",
    ["version", "label"],
)
MISSING = Counter("serve_missing", "Missing cells", ["version", "column"])
UNSEEN = Counter("serve_unseen", "Cells with a category that no training row had", ["version", "column"])
RECORDED = Counter("serve_recorded_rows", "Rows for --log-requests: written, or lost", ["result"])
RELOADS = Counter("serve_reloads", "Reloads of the version", ["result"])
INFO = Gauge(
    MODEL_INFO,
    "1 for the version that answers",
    ["name", "version", "run"],
    multiprocess_mode="livemax",
)


def reset() -> None:
    """Set the count of reloads to 0, which is not the same as unknown."""
    for result in (LOADED, FAILED):
        RELOADS.labels(result)


def took_over(name: str, version: "Version", former: "Version | None") -> None:
    """Record which version answers from now on.

    Args:
        name: the registered model's name.
        version: the version that answers.
        former: the version that answered before.
    """
    if former:
        INFO.labels(name, former.number, _run(former)).set(GONE)
    INFO.labels(name, version.number, _run(version)).set(1)
    for route in ROUTES:  # these counts, too, begin at 0
        for status in (200, 422, 500):
            REQUESTS.labels(route, status, version.number)
    ROWS.labels(version.number)
    for column in version.expected.roles:
        MISSING.labels(version.number, column)
    for column in version.expected.categories:
        UNSEEN.labels(version.number, column)


def _run(version: "Version") -> str:
    return str(version.about.get("run", ""))


def count_rows(version: "Version", answer: "Answer") -> None:
    """Count the rows of an answer, their predictions, and their missing and unseen cells."""
    ROWS.labels(version.number).inc(len(answer.predictions))
    for label, count in _distributed(version, [row["prediction"] for row in answer.predictions]):
        PREDICTED.labels(version.number, label).inc(count)
    for name, count in answer.missing.items():
        MISSING.labels(version.number, name).inc(count)
    for name, count in answer.unseen.items():
        UNSEEN.labels(version.number, name).inc(count)


def _distributed(version: "Version", predictions: list[Any]) -> list[tuple[str, int]]:
    """Count predictions by class, or numbers by the bins of the target in the training rows."""
    target = version.known["target"]
    if target.get("type") not in NUMBERS or not target.get("reference"):
        return list(Counted(map(str, predictions)).items())
    described = Reference(**target["reference"])
    edges = described.edges or described.values or []  # there are few values: each is the end of a bin
    bins = np.searchsorted(edges, predictions, side="left")
    places, counts = np.unique(bins, return_counts=True)
    names = labels(Reference([], edges=edges))
    return [(names[place], int(count)) for place, count in zip(places, counts, strict=True)]


def page() -> tuple[bytes, str]:
    """Return what `/metrics` answers, and its content type."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        return generate_latest(Current(REGISTRY)), CONTENT_TYPE_LATEST
    counted = CollectorRegistry()
    multiprocess.MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    with put_together(Path(folder)):
        return generate_latest(Current(counted)), CONTENT_TYPE_LATEST


@dataclass(frozen=True)
class Current:
    """The metrics of a registry, without the gauges of versions that no longer answer.

    Attributes:
        registry: of this process, or of all workers together.
    """

    registry: CollectorRegistry

    def collect(self) -> Iterator[Metric]:
        """Return them, as `generate_latest` asks for them."""
        families = [*self.registry.collect()]
        told = [sample for family in families if family.name == MODEL_INFO for sample in family.samples]
        answer = {sample.labels["version"] for sample in told if sample.value != GONE}
        for family in families:
            if family.type == "gauge" and family.name.startswith("serve_"):
                kept = [one for one in family.samples if one.labels.get("version") in (None, *answer)]
                family.samples = [one for one in kept if (family.name, one.value) != (MODEL_INFO, GONE)]
            yield family
