"""The formulae: how far apart two distributions are, and how far apart they may be by chance."""

from math import nan

import numpy as np
from numpy.typing import ArrayLike

EMPTY = 0.5  # rows that are used in place of none in a bin that is empty on one side


def psi(reference: ArrayLike, new: ArrayLike) -> float:
    """Return the population stability index of two distributions over the same bins.

    PSI = sum over the bins of (n_i - r_i) * ln(n_i / r_i), where r_i and n_i are the shares of the rows. See
    N. Siddiqi, Credit Risk Scorecards (Wiley 2006), chapter "Scorecard Implementation"; it is the symmetric
    divergence of H. Jeffreys (Proc. R. Soc. A 186, 1946) and of S. Kullback and R. A. Leibler, On Information
    and Sufficiency (Ann. Math. Stat. 22, 1951). By convention less than 0.1 is no change, 0.25 a large one.

    In a bin that is empty on one side, half a row is used in place of none, since the logarithm would be
    infinite: this is the usual correction of a log ratio (J. B. S. Haldane, Ann. Hum. Genet. 20, 1956). A
        fixed share, such
    as 0.0001, would turn a few rows into a large change, and many rows into a small one. A bin that is empty
    on both sides says nothing.

    Args:
        reference: the rows in each bin.
        new: the rows in each bin, for the same bins.

    Returns:
        0 if they are the same; NaN if one of them has no rows.
    """
    old, now = (np.asarray(side, dtype=float) for side in (reference, new))
    if not old.sum() or not now.sum():
        return nan
    used = (old > 0) | (now > 0)
    r, n = (np.where(side[used] > 0, side[used], EMPTY) / side.sum() for side in (old, now))
    return float(((n - r) * np.log(n / r)).sum())


def beyond_chance(reference: ArrayLike, new: ArrayLike, level: float) -> float:
    """Return the PSI that is exceeded by chance with the probability `level`; below it, nothing is claimed.

    If both sides are drawn from one distribution, PSI / (1/n + 1/m) tends to a chi-square distribution with
    B - 1 degrees of freedom, where n and m are their rows, and B is the number of bins, so that the PSI is
    (B - 1)(1/n + 1/m) on average. See B. Yurdakul, Statistical Properties of Population Stability Index
    (Western Michigan University 2018). Its quantile is that of E. B. Wilson and M. M. Hilferty (Proc. Natl.
    Acad. Sci. 17, 1931).

    This is not a test of whether anything has changed, which any change in many rows would pass: the PSI
    itself says whether a change matters.
    """
    if not (degrees := _degrees(reference, new)):
        return 0.0
    from statistics import NormalDist

    spread = 2 / (9 * degrees)
    root = 1 - spread + NormalDist().inv_cdf(1 - level) * spread**0.5
    return float(degrees * root**3 * _spread(reference, new))


def unseen(once: int, rows: int) -> float:
    """Return the share of rows to be expected in categories that n rows did not have.

    It is the share of the rows whose category had only this row: I. J. Good, The Population Frequencies of
    Species and the Estimation of Population Parameters (Biometrika 40, 1953), after A. M. Turing.

    Args:
        once: how many categories have one row.
        rows: how many rows there are.
    """
    return once / rows if rows else 0.0


def _degrees(reference: ArrayLike, new: ArrayLike) -> int:
    used = (np.asarray(reference) > 0) | (np.asarray(new) > 0)
    return max(int(used.sum()) - 1, 0)


def _spread(reference: ArrayLike, new: ArrayLike) -> float:
    rows = [float(np.asarray(side).sum()) for side in (reference, new)]
    return sum(1 / count for count in rows) if all(rows) else nan
