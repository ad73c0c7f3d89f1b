"""What to expect of a column, so that next month's rows meet it, and faulty rows do not.

Each rule states only what n rows show, with a margin:

- **A set of values**, if there are few and each has been seen so often that another one, as frequent as the
  rarest of these, would hardly have been missed: a value with c expected rows stays unseen with the
  probability exp(-c) (Poisson), which is below one in a hundred for c = 5. If some values are rarer, a new
  row has a new value with a probability of about N1/n, where N1 is the number of values seen once (Good 1953,
  "The population frequencies of species and the estimation of population parameters", Biometrika 40): if this
  is at most one in a hundred, the rule is a warning; otherwise there is none.
- **A range**, for most rows: the range of the numbers seen, extended by half its width on either side (by its
  whole width if there are few rows). A new row is outside the range of n old ones with the probability
  2/(n + 1), whatever the distribution (Wilks 1941, "Determination of sample sizes for setting tolerance
  limits", Annals of Mathematical Statistics 12). A column that grows with time, or with the rows, gets no
  range. Neither does a column that wanders, whose values differ little from one row to the next by von
  Neumann's ratio of ranks (Bartels 1982, "The rank version of von Neumann's ratio test for randomness",
  Journal of the American Statistical Association 77).
- **A share of missing values** that is at most the sum of the share seen, three standard errors, 3/n and one
  in twenty: if none of n values is missing, the true share may be 3/n (Hanley and Lippman-Hand 1983, "If
  nothing goes wrong, is everything all right?", JAMA 249), and missing values often come in clusters.
- **Uniqueness** of a column that is listed as an id, not of one that is unique by chance.
"""

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FEW = 50  # the most different values with which a column gets a set of values
SEEN = 5  # if the rarest value has so many rows, another one like it would hardly have been missed
NEW = 0.01  # the greatest probability of a new value for which there is a rule
MOST = {500: 0.99, 100: 0.95, 0: 0.9}  # by the least number of rows: the share of them within a range
MOST_IN_SET = 0.95
FEW_ROWS = 100  # fewer rows say little about how far a column's values reach
CLUSTERS = 0.05  # a share of missing values, added since they come in clusters
GROWS = 0.9  # the rank correlation with the row's number above which a column grows
WANDERS = 0.1  # von Neumann's ratio (about 2 in a random order) below which a column wanders
ENOUGH = 20  # rows; fewer show nothing
Rule = dict[str, Any]


def in_set(name: str, values: "pd.Series[Any]") -> list[Rule]:
    """Expect the values that have been seen, if others are unlikely.

    Args:
        name: the column's name.
        values: n words.
    """
    counts = values.value_counts()
    if not 1 < len(counts) <= FEW:
        return []
    rule = {
        "type": "expect_column_values_to_be_in_set",
        "column": name,
        "value_set": sorted(map(str, counts.index)),
    }
    if counts.min() >= SEEN:
        return [rule | {"severity": "critical"}]
    unseen = int((counts == 1).sum()) / int(counts.sum())
    return [rule | {"mostly": MOST_IN_SET, "severity": "warning"}] if unseen <= NEW else []


def in_range(name: str, values: "pd.Series[Any]") -> list[Rule]:
    """Expect most values within a range, if the column does not grow.

    Args:
        name: the column's name.
        values: n numbers, in the order of the rows.
    """
    seen = values.dropna()
    if len(seen) < ENOUGH or seen.nunique() < 2 or _grows(seen):
        return []
    least, greatest = float(seen.min()), float(seen.max())
    margin = (greatest - least) / (1 if len(seen) < FEW_ROWS else 2)
    low = 0.0 if 0 <= least <= margin else _rounded(least - margin, math.floor)
    return [
        {
            "type": "expect_column_values_to_be_between",
            "column": name,
            "min_value": _short(low),
            "max_value": _short(_rounded(greatest + margin, math.ceil)),
            "mostly": next(share for rows, share in MOST.items() if len(seen) >= rows),
            "severity": "critical",
        }
    ]


def not_null(name: str, values: "pd.Series[Any]") -> list[Rule]:
    """Expect a share of missing values that is at most the one seen, with a margin.

    Args:
        name: the column's name.
        values: n cells.
    """
    rows, share = len(values), float(values.isna().mean())
    most = share + 3 * math.sqrt(share * (1 - share) / rows) + 3 / rows + CLUSTERS
    if (mostly := math.floor((1 - most) * 100) / 100) <= 0:
        return []
    rule = {"type": "expect_column_values_to_not_be_null", "column": name, "mostly": mostly}
    return [rule | {"severity": "critical"}]


def unique(name: str, values: "pd.Series[Any]") -> list[Rule]:
    """Expect each value only once, if this holds for enough rows."""
    seen = values.dropna()
    if len(seen) < ENOUGH or not seen.is_unique:
        return []
    return [{"type": "expect_column_values_to_be_unique", "column": name, "severity": "critical"}]


def _grows(values: "pd.Series[Any]") -> bool:
    """Tell whether values follow the order of the rows (Spearman's rank correlation), or wander.

    A column that is equal in most neighbouring rows does not wander: such rows come in blocks, one for each
    person, for example.
    """
    import numpy as np

    ranks = values.rank().to_numpy()
    steps = np.diff(ranks)
    wanders = np.mean(steps**2) < WANDERS * np.var(ranks) and np.mean(steps != 0) > 0.5
    return bool(wanders or abs(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1]) > GROWS)


def _rounded(number: float, to: Any) -> float:
    """Round a number to two digits, down with `math.floor` and up with `math.ceil`."""
    if number == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(number))) - 1)
    return float(to(number / unit) * unit)


def _short(number: float) -> float | int:
    """Return a number as a person would write it."""
    number = float(f"{number:.6g}")
    return int(number) if number.is_integer() and abs(number) < 1e15 else number
