"""Text that looks like numbers or dates, and what params.yaml must say for it to be read as such."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd

from .dates import read_dates
from .numbers import not_read, read_numbers
from .remedy import Remedy

# what people write if a value is unknown, in small letters; a word without letters and digits counts, too
UNKNOWN = {
    "na", "n/a", "#n/a", "n.a.", "nan", "nat", "null", "none", "nil", "missing", "unknown", "unk",
    "not available", "inf", "-inf", "0000-00-00",
}  # fmt: skip
# with up to so many different words for a missing cell, or units, a column may still be numbers or dates
FEW = 3
# how numbers are written, and the keys of data.format that say so; `1,234` may be either of the first two
WRITTEN = (
    {"thousands": ","},
    {"decimal": ","},
    {"decimal": ",", "thousands": "."},
    {"thousands": " "},
    {"decimal": ",", "thousands": " "},
    {"thousands": "'"},
)
# before a number: a sign such as €, or the letters of a currency, since `A12`, `Room 12` and `INV0012` are
# names
CURRENCIES = (
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|MXN|MYR|NGN|"
    "NOK|NZD|PEN|PHP|PKR|PLN|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
# these are not units: dashes (taken for one, a minus sign would turn -3 into 3), and what makes a number a
# bound
DASHES = r"\u2010-\u2015\u2212\uff0d"
SIGNS = rf"+<>=~\u2248\u2264\u2265{DASHES}-"
BEFORE = re.compile(rf"^[+-]?([^\w\s.,'{SIGNS}]{{1,3}}|{CURRENCIES}) ?(?=[\d+-])")
# no underscore: `0_no` is a name
BEHIND = re.compile(rf"(?<=\d)\s?([^\d\s.,'_{SIGNS}][^\d.,'{SIGNS}]{{0,15}})$")
ORDINALS = {"st", "nd", "rd", "th"}  # after a number that is a rank
DAYS = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y",
    "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y",
    "%b-%d-%Y", "%Y-%m", "%b %Y", "%b-%Y", "%b-%y", "%Y.%m.%d",
)  # fmt: skip
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")


class Look(NamedTuple):
    """What all of some texts look like.

    Attributes:
        like: what they look like, in the plural.
        remedy: what makes them be read as that; None if they already are.
    """

    like: str
    remedy: Remedy | None = None


class Doubt(NamedTuple):
    """What a column may hold.

    Attributes:
        text: the problem and its remedy.
        remedy: as values; None if nothing can be declared.
    """

    text: str
    remedy: Remedy | None = None


def doubt_of_text(
    cells: "pd.Series[Any]", sample: "pd.Series[Any]", decimal: str, thousands: str | None
) -> Doubt | None:
    """Say what a column of text looks like, and what to write in params.yaml; None if it looks like text.

    Args:
        cells: n texts, none of them empty; the series has the column's name.
        sample: some of them, which are enough to see what they look like.
        decimal: the numbers' decimal mark, as declared.
        thousands: the numbers' thousands mark, as declared.
    """
    words = [word for word in sample.unique() if is_unknown(word)]
    texts = pd.Series(sample[~sample.isin(words)].unique(), dtype="str", name=cells.name)
    if texts.empty or len(words) > FEW:
        return None
    look = _numbers(texts, decimal, thousands) or _with_unit(texts, decimal, thousands)
    look = look or _dates(texts) or _with_dashes(texts, decimal, thousands)
    if look is None:
        return None
    if not words:
        return Doubt(f"all cells are {look.like}: {look.remedy.text}", look.remedy) if look.remedy else None
    counts = {word: int((cells == word).sum()) for word in words}
    share = int(100 * (1 - sum(counts.values()) / len(cells)))
    counted = " and ".join(f"{word!r} in {count:,}" for word, count in counts.items())
    remedy = replace(look.remedy or Remedy(), missing=tuple(words))
    return Doubt(f"{share} % of the cells are {look.like}; {counted}: {remedy.text}", remedy)


def is_unknown(word: str) -> bool:
    """Tell whether a word is one that people write if a value is unknown."""
    return word.strip().casefold() in UNKNOWN or not any(map(str.isalnum, word))


def _numbers(texts: "pd.Series[Any]", decimal: str, thousands: str | None) -> Look | None:
    """Look at n different texts as numbers, written as declared or in another way."""
    if _are_read(texts, decimal, thousands):
        return Look("numbers")
    ways = [way for way in WRITTEN if _are_read(texts, way.get("decimal", "."), way.get("thousands"))]
    if not ways:
        return None
    meant = 2 if ways[:2] == [*WRITTEN[:2]] else 1
    return Look("numbers, written in another way", Remedy(format=tuple(ways[:meant])))


def _are_read(texts: "pd.Series[Any]", decimal: str, thousands: str | None) -> bool:
    return not not_read(texts, read_numbers(texts, decimal, thousands)).any()


def _with_unit(texts: "pd.Series[Any]", decimal: str, thousands: str | None) -> Look | None:
    """Look at n different texts as numbers with a unit before or after them."""
    matches = [BEHIND.search(text) or BEFORE.search(text) for text in texts]
    units = {match[1].strip() if match else "" for match in matches}
    if units == {""} or len(units) > FEW or units <= ORDINALS:
        return None
    bare = [
        text[: match.start()] + text[match.end() :] if match else text
        for text, match in zip(texts, matches, strict=True)
    ]
    look = _numbers(pd.Series(bare, dtype="str", name=texts.name), decimal, thousands)
    if look is None:
        return None
    named = " or ".join(map(repr, sorted(units - {""})))
    if len(units - {""}) > 1:
        by_hand = Remedy(otherwise="convert them to one unit in a stage before validate")
        return Look(f"numbers with {named}", by_hand)
    (unit,) = units - {""}
    remedy = replace(look.remedy or Remedy(), units={str(texts.name): unit})
    return Look(f"numbers with {named}", remedy)


def _with_dashes(texts: "pd.Series[Any]", decimal: str, thousands: str | None) -> Look | None:
    """Look at n different texts as numbers, some of which have a dash as their minus sign."""
    if not _are_read(texts.str.replace(f"^[{DASHES}]", "-", regex=True), decimal, thousands):
        return None
    by_hand = Remedy(otherwise="write it as a hyphen (-) in a stage before validate")
    return Look("numbers, with a dash as the minus sign", by_hand)


def _dates(texts: "pd.Series[Any]") -> Look | None:
    """Look at n different texts as dates, of ISO 8601 or in another format."""
    if read_dates(texts).notna().all():
        return Look("dates")
    formats = [
        format
        for format in (day + time for day in DAYS for time in TIMES)
        if _fits(texts.iloc[0], format) and read_dates(texts, format).notna().all()
    ]
    return Look("dates", Remedy(date_formats={str(texts.name): tuple(formats)})) if formats else None


def _fits(text: str, format: str) -> bool:
    try:
        datetime.strptime(text.strip(), format)
    except ValueError:
        return False
    return True
