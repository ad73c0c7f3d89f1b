"""The limits in params.yaml as gauges for Prometheus, with which `deploy/serving/rules.yml` compares.

So the alerts have the same limits as `drift` and `load-test`, and no rule has to be edited. A limit that is
off has no series, so its alert is never sent.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import Gauge

from ..drift.column import FEATURE
from ..params import Drift, Slo

if TYPE_CHECKING:
    from .version import Version

PSI, MISSING, NEW = "psi", "missing", "new_categories"  # the measures of `drift`
LIMIT = Gauge(
    "serve_drift_limit",
    "How far a column, or the predictions, may be from the reference, for each measure of `drift`",
    ["version", "kind", "column", "measure"],
    multiprocess_mode="livemax",
)
OBJECTIVE = Gauge(
    "serve_objective", "What the block `slo` asks for", ["objective"], multiprocess_mode="livemax"
)


@dataclass(frozen=True)
class Limits:
    """Two blocks of params.yaml.

    Attributes:
        drift: how far rows may be from the reference.
        slo: how quickly, and how surely, requests have to be answered.
    """

    drift: Drift = field(default_factory=Drift)
    slo: Slo = field(default_factory=Slo)

    def publish(self, version: "Version") -> None:
        """Publish the limits for a version; a column in `drift.ignore` has none."""
        seconds = None if self.slo.p99_ms is None else self.slo.p99_ms / 1000
        for name, value in {"p99_seconds": seconds, "errors": self.slo.errors}.items():
            if value is not None:
                OBJECTIVE.labels(name).set(value)
        rules = self.drift
        measures = {PSI: rules.psi_alert, MISSING: rules.missing, NEW: rules.new_categories}
        for column in version.watched:
            if column.kind == FEATURE and column.name in rules.ignore:
                continue
            for measure, value in measures.items():
                if value is not None and (measure == PSI or column.kind == FEATURE):
                    LIMIT.labels(version.number, column.kind, column.name, measure).set(value)
