"""Features of dates: the parts that they have for people, and how long ago they are.

A saved model carries this module, so it imports only modules of the project that the model carries, too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .dates import as_dates

PARTS = ("year", "month", "day_of_week", "day_of_year")
HOUR, AGE = "hour", "age_days"
SECONDS = 86_400  # in a day


class DateParts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns a column of dates into numbers: year, month, day of the week (0 is Monday), day of the year, age.

    They are named after the column: `sold_year`, `sold_age_days`. The age is in days before the latest date
    in the rows that it was fitted to; later dates have a negative age. If one of these rows has a time of
    day, there is an `hour`, too, and the age has fractions. A missing date is NaN in each part.

    Attributes:
        latest_: the latest date of each column, in ISO 8601; empty if it held no date.
        timed_: the columns that hold a time of day.
    """

    def __init__(self, formats: Mapping[str, str] | None = None) -> None:
        """Take the formats of text, by column; other columns are in ISO 8601."""
        self.formats = formats

    def fit(self, X: pd.DataFrame, y: Any = None) -> "DateParts":
        """Learn from n rows which date is the latest, and whether there are times."""
        dates = as_dates(X, self.formats)
        self.n_features_in_ = len(dates.columns)
        self.feature_names_in_ = np.array(dates.columns, dtype=object)
        latest = {name: column.max() for name, column in dates.items()}
        self.latest_ = {name: "" if pd.isna(date) else date.isoformat() for name, date in latest.items()}
        self.timed_ = [name for name, column in dates.items() if _has_times(column.dropna())]
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return n rows of numbers.

        Raises:
            ValueError: a cell is neither a date nor empty; the message names the cell but not its content.
        """
        check_is_fitted(self)
        dates = as_dates(X, self.formats)
        parts = {
            f"{name}_{part}": values for name in dates for part, values in self._parts(str(name), dates[name])
        }
        return pd.DataFrame(parts, index=X.index, dtype="float64")

    def get_feature_names_out(self, input_features: Any = None) -> "np.ndarray[Any, Any]":
        """Name the columns of `transform`."""
        check_is_fitted(self)
        timed = {name: [HOUR] if name in self.timed_ else [] for name in self.feature_names_in_}
        return np.array(
            [f"{name}_{part}" for name in timed for part in (*PARTS, *timed[name], AGE)], dtype=object
        )

    def _parts(self, name: str, dates: "pd.Series[Any]") -> "Iterator[tuple[str, pd.Series[Any]]]":
        """Name and compute the parts of a column."""
        if name not in self.timed_:
            dates = dates.dt.normalize()
        for part in (*PARTS, *([HOUR] if name in self.timed_ else [])):
            yield part, getattr(dates.dt, part)
        age = pd.Timestamp(self.latest_[name] or "NaT") - dates
        yield AGE, age.dt.total_seconds() / SECONDS


def _has_times(dates: "pd.Series[Any]") -> bool:
    return bool((dates != dates.dt.normalize()).any())
