"""Whether a canary is worse than the champion: in errors, slow requests, and predictions.

Each of these is a difference of two rates, with bounds that hold however often one looks; see `rates`. A
canary is worse if the smallest difference that the counts are consistent with is greater than the limit.
"""

from dataclasses import dataclass

from ..blocks.canary import Canary
from .counts import Counts
from .rates import Rate, difference


@dataclass(frozen=True)
class Check:
    """One comparison.

    Attributes:
        name: what is compared.
        canary: the canary's rate.
        champion: the champion's rate.
        least: the smallest difference that the counts are consistent with.
        limit: how great the difference may be.
    """

    name: str
    canary: float
    champion: float
    least: float
    limit: float

    @property
    def is_worse(self) -> bool:
        """Whether the difference is certainly too great."""
        return self.least > self.limit

    @property
    def verdict(self) -> str:
        """What was seen."""
        verdict = "worse" if self.is_worse else "not worse"
        return f"{self.canary:.2%} where the champion has {self.champion:.2%}: {verdict}"

    def __str__(self) -> str:
        """Return the comparison in a line."""
        return f"{self.name}: {self.verdict}"


def checks(canary: Counts, champion: Counts, limits: Canary, task: str = "classification") -> list[Check]:
    """Compare what two servers counted in the same time; empty as long as one of them has counted nothing.

    Args:
        canary: the canary's counts.
        champion: the champion's counts.
        limits: the block of params.yaml.
        task: the task of the models; the ranges of a regression's predictions are compared only if they are
            the same, for each model counts by those of its own training rows.
    """
    if not canary.requests or not champion.requests:
        return []
    compared = []
    if limits.errors is not None:
        failed, usual = Rate(canary.failed, canary.requests), Rate(champion.failed, champion.requests)
        compared.append(_more("failed requests", failed, usual, limits.errors, limits.alpha))
    if limits.slow is not None and (bound := champion.slow_from()) != "+Inf":
        name = f"requests that take more than {float(bound):g} s"
        compared.append(_more(name, canary.slower(bound), champion.slower(bound), limits.slow, limits.alpha))
    ranges = [canary.predicted.keys(), champion.predicted.keys()]
    is_comparable = task != "regression" or ranges[0] <= ranges[1] or ranges[0] >= ranges[1]
    if limits.predictions is not None and is_comparable:
        compared += _predictions(canary.predicted, champion.predicted, limits.predictions, limits.alpha)
    return compared


def _more(name: str, canary: Rate, champion: Rate, limit: float, alpha: float) -> Check:
    least, _ = difference(canary, champion, alpha)
    return Check(name, canary.value, champion.value, least, limit)


def _predictions(canary: dict[str, int], champion: dict[str, int], limit: float, alpha: float) -> list[Check]:
    """Compare the share of each class in both directions; all comparisons share alpha."""
    labels = sorted({*canary, *champion})
    totals = sum(canary.values()), sum(champion.values())
    compared = []
    for label in labels if all(totals) else ():
        rates = [Rate(of.get(label, 0), total) for of, total in zip((canary, champion), totals, strict=True)]
        low, high = difference(rates[0], rates[1], alpha / len(labels))
        least = max(low, -high)
        compared.append(Check(f"predictions {label}", rates[0].value, rates[1].value, least, limit))
    return compared
