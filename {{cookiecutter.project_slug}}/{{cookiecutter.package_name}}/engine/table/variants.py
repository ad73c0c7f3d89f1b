"""Categories that differ only in case or blanks, such as `Yes` and `yes `: perhaps they are the same one."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .evidence import SAMPLE

if TYPE_CHECKING:
    import pandas as pd

NAMED = 3  # the most rows, or pairs of classes, that a doubt names
FIRST_ROW = 2  # rows are named as a spreadsheet numbers them: the header is row 1
ONE = "make them one in a stage before validate"


def variants(words: Iterable[str]) -> list[list[str]]:
    """Return groups of words that are the same except for case and blanks.

    Args:
        words: k different words; in each group, the first one comes first.
    """
    alike: dict[str, list[str]] = {}
    for word in words:
        alike.setdefault(" ".join(word.split()).casefold(), []).append(word)
    return [kind for kind in alike.values() if len(kind) > 1]


def doubt_of_categories(column: "pd.Series[Any]", numbered: bool) -> str:
    """Say that categories of a column may be the same, and where; empty if none may.

    Args:
        column: n cells as they were read.
        numbered: whether their index gives the numbers of the table's rows.
    """
    from pandas.api import types

    present = column.dropna()
    if types.is_numeric_dtype(present) or types.is_datetime64_any_dtype(present):
        return ""
    sample = present.iloc[:: max(1, len(present) // SAMPLE)].astype("str")
    found = variants(map(str, sample.value_counts().index))
    if not found:
        return ""
    others = [word for kind in found for word in kind[1:]]
    differ = "value differs" if len(others) == 1 else "values differ"
    at = [row for word in others[:NAMED] for row in sample.index[sample == word][:1]]
    where = f", as in row {', '.join(str(row + FIRST_ROW) for row in sorted(at))}" if numbered else ""
    return (
        f"{len(others)} {differ} from another one only in case or blanks{where}: if they are the same, {ONE}"
    )


def doubt_of_classes(counts: Mapping[str, int]) -> str:
    """Say which classes may be the same; empty if none may.

    Args:
        counts: how many rows each class has, the largest number first.
    """
    found = variants(counts)
    if not found:
        return ""
    named = [" and ".join(f"{word!r} ({counts[word]:,} rows)" for word in kind) for kind in found[:NAMED]]
    more = f", and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"{', '.join(named)}{more} differ only in case or blanks: if that is one class, {ONE}"
