"""A column of the training rows: its type, range or categories, an example, and its distribution."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..drift.reference import Reference, of_categories, of_dates, of_labels, of_numbers, of_texts, sampled

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

# the most categories that are listed, the frequent ones first, and their most characters
CATEGORIES, LONGEST = 50, 200
SAMPLE = 10_000  # rows that are enough to find an example


@dataclass(frozen=True)
class Column:
    """A column of the training rows.

    Attributes:
        role: numeric, categorical, date, text; or target.
        type: in plain words: number, whole number, category, true or false, date, date and time, text.
        missing: how many training rows lacked it.
        unit: as params.yaml has it.
        range: the smallest and the largest number, or the first and the last date (in ISO 8601).
        categories: the most frequent ones first; for the target, every label.
        more_categories: how many further categories there were.
        example: a number or date from the middle, or the most frequent category; none for text, which may
            tell anything about anybody.
        reference: how its values are distributed, with which `drift` compares new ones.
    """

    name: str
    role: str
    type: str
    missing: int = 0
    unit: str | None = None
    range: tuple[float, float] | tuple[str, str] | None = None
    categories: list[str] | None = None
    more_categories: int | None = None
    example: float | str | None = None
    reference: Reference | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the column as values for JSON, without those that do not apply."""
        content = {name: value for name, value in asdict(self).items() if value is not None}
        content |= {"reference": self.reference.to_dict()} if self.reference else {}
        return content | ({"range": list(self.range)} if self.range else {})


def numbers_of(name: str, role: str, values: "NDArray[np.float64]") -> Column:
    """Describe n numbers; NaN is a missing value."""
    gaps = np.isnan(values)
    seen = values[~gaps] if gaps.any() else values
    if not len(seen):
        return Column(name, role, "number", len(values))
    sample = seen[:: max(1, len(seen) // SAMPLE)]
    whole = all(bool(((part % 1 == 0) & (abs(part) < 2**63)).all()) for part in (sample, seen))
    middle = np.quantile(sample, 0.5, method="lower")
    least, greatest, example = (int(n) if whole else float(n) for n in (seen.min(), seen.max(), middle))
    kind = "whole number" if whole else "number"
    missing, reference = int(gaps.sum()), of_numbers(seen)
    return Column(name, role, kind, missing, range=(least, greatest), example=example, reference=reference)


def categories_of(name: str, values: "pd.Series[Any]") -> Column:
    """Describe n categories."""
    counts = values.value_counts()
    most = counts.nlargest(CATEGORIES, keep="all").items()
    frequent = [str(value) for value, _ in sorted(most, key=lambda item: (-item[1], str(item[0])))]
    listed = [value for value in frequent[:CATEGORIES] if len(value) <= LONGEST]
    return Column(
        name,
        "categorical",
        "true or false" if 0 < len(counts) <= 2 and set(listed) <= {"True", "False"} else "category",
        len(values) - int(counts.sum()),
        categories=listed,
        more_categories=len(counts) - len(listed),
        example=listed[0] if listed else None,
        reference=of_categories(counts),
    )


def dates_of(name: str, values: "pd.Series[Any]") -> Column:
    """Describe n dates."""
    seen = values.dropna()
    timed = bool((seen != seen.dt.normalize()).any())
    kind = "date and time" if timed else "date"
    if seen.empty:
        return Column(name, "date", kind, len(values))
    ordered = seen.sort_values()
    times = (ordered.iloc[place] for place in (0, -1, (len(ordered) - 1) // 2))
    least, greatest, example = (time.isoformat() if timed else time.date().isoformat() for time in times)
    missing, reference = len(values) - len(seen), of_dates(seen)
    return Column(name, "date", kind, missing, range=(least, greatest), example=example, reference=reference)


def texts_of(name: str, values: "pd.Series[Any]") -> Column:
    """Describe n texts, without an example."""
    return Column(name, "text", "text", int(values.isna().sum()), reference=of_texts(values))


def labels_of(name: str, target: "NDArray[Any]", classes: list[str]) -> Column:
    """Describe the target of a classification: n labels of k classes."""
    from ..table.cells import as_words

    reference = of_labels(as_words(sampled(target)), classes)
    return Column(name, "target", "category", categories=classes, reference=reference)
