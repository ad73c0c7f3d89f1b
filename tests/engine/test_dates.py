"""Dates as people write them, and the features that are made of them."""

import datetime
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from penguins.engine.table.date_parts import DateParts
from penguins.engine.table.dates import as_dates, read_dates

UTC, IST = datetime.UTC, datetime.timezone(datetime.timedelta(hours=5, minutes=30))
MOMENT = datetime.datetime(2024, 2, 29, 23, 30)


@pytest.mark.parametrize(
    ("format", "cells"),
    [
        (
            None,
            {
                "2024-02-29": "2024-02-29", " 2024-02-29 ": "2024-02-29",
                "2024-02-29T23:30": "2024-02-29T23:30",
                "2024-02-29 23:30:15.250": "2024-02-29T23:30:15.250", "2024-02-29T23:30Z": "2024-02-29T23:30",
                "2024-03-01T01:30+02:00": "2024-02-29T23:30", "2024-02-29T18:30-0500": "2024-02-29T23:30",
                "2024/02/29": "2024-02-29", "2024/02/29 23:30": "2024-02-29T23:30", "2024/02-29": None,
                "0009-01-01": "0009-01-01", "9999-12-31": "9999-12-31",
                "2023-02-29": None, "2024-13-01": None, "2024": None, "2024-02": None, "20240229": None,
                "29.02.2024": None,
                "2024-2-9": None, "2024-02-29T25:00": None, "now": None, "today": None, "NaT": None,
                "1": None,
            },
        ),
        (
            "%d.%m.%Y",
            {
                "29.02.2024": "2024-02-29", "1.3.2024": "2024-03-01", "2024-02-29": "2024-02-29",
                "02.29.2024": None,
                "29/02/2024": None, "29.02.2024 10:00": None,
            },
        ),
        ("%d/%m/%Y", {"03/02/2024": "2024-02-03", "02/29/2024": None}),
        ("%m/%d/%Y", {"03/02/2024": "2024-03-02", "29/02/2024": None}),
        ("%Y-%d-%m", {"2024-03-02": "2024-02-03", "2024-02-29": None}),  # never read in two ways
        ("%d.%m.%Y %H:%M %z", {"01.03.2024 01:30 +0200": "2024-02-29T23:30"}),
        ("%Y%m%d", {"20240229": "2024-02-29", "20240230": None}),
    ],
    ids=lambda value: str(value) if "1" not in str(value) else "",
)  # fmt: skip
@pytest.mark.parametrize("kind", ["str", "object"])
def test_text_is_read_by_iso_or_by_its_format(
    format: str | None, cells: dict[str, str | None], kind: str
) -> None:
    read = read_dates(pd.Series([*cells, None, ""], dtype=kind), format)
    assert read.dtype == "datetime64[us]"
    assert read.tolist()[: len(cells)] == [pd.NaT if c is None else pd.Timestamp(c) for c in cells.values()]
    assert read[len(cells) :].isna().all()


ALIKE: dict[str, Any] = {
    "text": ["2024-02-29T23:30:00", None],
    "text with an offset": ["2024-03-01T05:00:00+05:30", None],
    "offsets that differ": np.array(["2024-03-01T05:00+05:30", "2024-03-01T00:30+01:00"], dtype="object"),
    "datetime64[ns]": np.array([MOMENT, "NaT"], dtype="datetime64[ns]"),
    "datetime64[s]": np.array([MOMENT, "NaT"], dtype="datetime64[s]"),
    "with a time zone": pd.DatetimeIndex([MOMENT.replace(tzinfo=UTC), pd.NaT]).tz_convert("Asia/Kolkata"),
    "objects": np.array([MOMENT, None], dtype="object"),
    "objects with a time zone": np.array([MOMENT.replace(tzinfo=UTC).astimezone(IST), None], dtype="object"),
    "Timestamps and text": np.array([pd.Timestamp(MOMENT), "2024-02-29 23:30"], dtype="object"),
    "timestamp[pyarrow]": pd.array([MOMENT, None], dtype="timestamp[us][pyarrow]"),
    "categorical": pd.Categorical(["2024-02-29 23:30", None]),
}


@pytest.mark.parametrize("cells", ALIKE.values(), ids=ALIKE)
def test_a_moment_is_the_same_however_it_comes(cells: Any) -> None:
    read = read_dates(pd.Series(cells))
    assert read.dropna().tolist() == [pd.Timestamp(MOMENT)] * read.notna().sum()
    assert read.notna().iloc[0]


@pytest.mark.parametrize(
    "cells", [[5, 7], [1.7e9, None], [True, False], np.array([5, "x"], dtype="object")], ids=str
)
def test_a_number_is_no_date(cells: Any) -> None:
    with pytest.raises(
        ValueError, match=r"column 'sold', row 0: no date, where the model was fitted to dates"
    ):
        as_dates(pd.DataFrame({"sold": cells}))


def test_a_number_is_a_date_if_its_format_says_so() -> None:
    found = as_dates(pd.DataFrame({"sold": [20240229]}), {"sold": "%Y%m%d"})
    assert found.iloc[0, 0] == pd.Timestamp("2024-02-29")


def test_parts_are_right_and_named() -> None:
    rows = pd.DataFrame(
        {
            "sold": ["2024-02-29", "2024-12-31", None, "2023-01-01"],
            "seen": ["01.03.2024 06:00", "29.02.2024 18:00", "", "01.03.2024 00:00"],
        },
        index=[3, 3, 8, 9],
    )
    parts = DateParts({"seen": "%d.%m.%Y %H:%M"}).fit(rows)
    found = parts.transform(rows)
    assert list(found) == parts.get_feature_names_out().tolist()
    assert list(found.index) == [3, 3, 8, 9]
    gap = [np.nan]
    expected = {
        "sold_year": [2024, 2024, *gap, 2023],
        "sold_month": [2, 12, *gap, 1],
        "sold_day_of_week": [3, 1, *gap, 6],  # a Thursday, a Tuesday, a Sunday
        "sold_day_of_year": [60, 366, *gap, 1],
        "sold_age_days": [306, 0, *gap, 730],
        "seen_year": [2024, 2024, *gap, 2024],
        "seen_month": [3, 2, *gap, 3],
        "seen_day_of_week": [4, 3, *gap, 4],
        "seen_day_of_year": [61, 60, *gap, 61],
        "seen_hour": [6, 18, *gap, 0],
        "seen_age_days": [0, 0.5, *gap, 0.25],
    }
    pd.testing.assert_frame_equal(found.reset_index(drop=True), pd.DataFrame(expected, dtype="float64"))


def test_the_reference_of_an_age_is_fixed_when_fitted() -> None:
    parts = DateParts().fit(pd.DataFrame({"sold": ["2024-01-01", "2024-01-11"]}))
    assert parts.latest_ == {"sold": "2024-01-11T00:00:00"}
    later = pd.DataFrame({"sold": ["2024-01-01", "2024-01-21", "2024-01-21T12:00"]})
    assert parts.transform(later)["sold_age_days"].tolist() == [10, -10, -10]  # it has learned of no times


def test_dates_that_are_all_missing_are_gaps() -> None:
    empty = pd.DataFrame({"sold": [None, None]})
    parts = DateParts().fit(empty)
    assert parts.transform(empty).isna().all(axis=None)
    assert parts.transform(pd.DataFrame({"sold": ["2024-01-01"]}))["sold_age_days"].isna().all()


def test_a_cell_that_is_no_date_is_named_and_not_told() -> None:
    parts = DateParts().fit(pd.DataFrame({"sold": ["2024-01-01"]}))
    with pytest.raises(ValueError, match=r"column 'sold', row 1: no date") as caught:
        parts.transform(pd.DataFrame({"sold": ["2024-01-01", "Ada's birthday"]}))
    assert "Ada" not in str(caught.value)


def test_it_is_one_of_scikit_learns(tmp_path: Any) -> None:
    from sklearn.base import clone

    rows = pd.DataFrame({"sold": ["2024-01-01", "2024-01-11"]})
    parts = clone(DateParts({"sold": "%Y-%m-%d"})).fit(rows)
    joblib.dump(parts, tmp_path / "parts.joblib")
    pd.testing.assert_frame_equal(
        joblib.load(tmp_path / "parts.joblib").transform(rows), parts.transform(rows)
    )
