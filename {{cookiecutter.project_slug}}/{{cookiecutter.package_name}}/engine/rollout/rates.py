"""How often something happens, and by how much this differs between two servers, at any moment.

If one repeats a test of fixed length, it finds a difference in the end, even if there is none: with a test
each minute at 5 %, most healthy canaries would be taken out. A confidence sequence holds at all moments
together: the chance that the true rate is ever outside is at most alpha, however often one looks and whenever
    one stops.

This one is the mixture of Bernoulli likelihood ratios over a uniform prior. With k events in n the ratio

    M(p) = B(1 + k, 1 + n - k) / (p^k (1 - p)^(n - k))        B: the beta function

is a martingale with mean 1 if p is the true rate. So the chance that it ever reaches 1/alpha is at most alpha
(Ville's inequality), and the sequence consists of all p with M(p) < 1/alpha.
H. Robbins, Statistical methods related to the law of the iterated logarithm, Annals of Mathematical
Statistics 41 (1970) 1397; S. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, Time-uniform, nonparametric,
nonasymptotic confidence sequences, Annals of Statistics 49 (2021) 1055.
"""

from dataclasses import dataclass
from math import inf, lgamma, log

STEPS = 60  # halvings of an interval of length 1, until it is as short as a float can express


@dataclass(frozen=True)
class Rate:
    """How often something happened.

    Attributes:
        events: how often it happened.
        of: how often it could have happened.
    """

    events: int
    of: int

    @property
    def value(self) -> float:
        """The share of events; 0 if nothing could have happened."""
        return self.events / self.of if self.of else 0.0

    def bounds(self, alpha: float) -> tuple[float, float]:
        """Return the smallest and the greatest true rate that these events are consistent with.

        Args:
            alpha: the greatest chance that the true rate is ever outside, over all moments at which one
                looks.
        """
        if not self.of:
            return 0.0, 1.0
        limit = -log(alpha)
        low = 0.0 if self.events == 0 else self._edge(0.0, limit)
        high = 1.0 if self.events == self.of else self._edge(1.0, limit)
        return low, high

    def _edge(self, outside: float, limit: float) -> float:
        """Bisect between the observed rate, which is inside, and 0 or 1, which are outside."""
        inside = self.value
        for _ in range(STEPS):
            middle = (outside + inside) / 2
            if self._log_ratio(middle) < limit:
                inside = middle
            else:
                outside = middle
        return outside

    def _log_ratio(self, p: float) -> float:
        """Return log M(p)."""
        if p in (0.0, 1.0):
            return inf
        events, others = self.events, self.of - self.events
        mixed = lgamma(1 + events) + lgamma(1 + others) - lgamma(2 + self.of)
        return mixed - events * log(p) - others * log(1 - p)


def difference(one: Rate, other: Rate, alpha: float) -> tuple[float, float]:
    """Return the smallest and the greatest value that one rate minus the other may have.

    Each rate gets half of alpha, so that both bounds hold together (Bonferroni).

    Args:
        one: a rate.
        other: the rate that is subtracted from it.
        alpha: the greatest chance that the true difference is ever outside.
    """
    low, high = one.bounds(alpha / 2)
    least, greatest = other.bounds(alpha / 2)
    return low - greatest, high - least
