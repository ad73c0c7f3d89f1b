"""Text that looks like numbers or dates, and what params.yaml would have to say for it to be read as such."""

import re
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd

from .dates import read_dates
from .numbers import not_read, read_numbers

# what people write where they know nothing, in small letters; beside it, what has neither letter nor digit
UNKNOWN = {
    "na", "n/a", "#n/a", "n.a.", "nan", "nat", "null", "none", "nil", "missing", "unknown", "unk",
    "not available", "inf", "-inf", "0000-00-00",
}  # fmt: skip
# different words for a missing cell, or units, up to which a column is thought to hold something else
FEW = 3
# how numbers are written, and the keys of data.format that say so; `1,234` may be either of the first two
WRITTEN = {
    "{thousands: ','}": (".", ","),
    "{decimal: ','}": (",", None),
    "{decimal: ',', thousands: '.'}": (",", "."),
    "{thousands: ' '}": (".", " "),
    "{decimal: ',', thousands: ' '}": (",", " "),
    '{thousands: "\'"}': (".", "'"),
}
# before a number: a sign such as €, or a currency's letters, since `A12` and `Room 12` are names
BEFORE = re.compile(r"^[+-]?([^\w\s.,'+<>=~-]{1,3}|[A-Z]{3}) ?(?=[\d+-])")
BEHIND = re.compile(r"(?<=\d)\s?([^\d\s.,'+-][^\d.,'+-]{0,15})$")
DAYS = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y",
    "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y",
    "%Y-%m", "%b %Y", "%b-%Y", "%b-%y", "%Y.%m.%d",
)  # fmt: skip
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
PLAIN = re.compile(r"[A-Za-z_]\w*")


class Look(NamedTuple):
    """What all of some texts look like.

    Attributes:
        like: in the plural.
        remedy: what to write in params.yaml for them to be read as that; empty if nothing.
    """

    like: str
    remedy: str = ""


def doubt_of_text(
    cells: "pd.Series[Any]", sample: "pd.Series[Any]", decimal: str, thousands: str | None
) -> str:
    """Say what a column of text looks like, and what to write in params.yaml; empty if it looks like text.

    Args:
        cells: n texts, none of them empty; its name is the column's.
        sample: some of them, which suffice to see what they look like.
        decimal: of the numbers, as it is declared.
        thousands: of the numbers, as it is declared.
    """
    words = [word for word in sample.unique() if is_unknown(word)]
    texts = pd.Series(sample[~sample.isin(words)].unique(), dtype="str", name=cells.name)
    if texts.empty or len(words) > FEW:
        return ""
    look = _numbers(texts, decimal, thousands) or _with_unit(texts, decimal, thousands) or _dates(texts)
    if look is None:
        return ""
    if not words:
        return f"all cells are {look.like}: {look.remedy}" if look.remedy else ""
    counts = {word: int((cells == word).sum()) for word in words}
    share = int(100 * (1 - sum(counts.values()) / len(cells)))
    counted = " and ".join(f"{word!r} in {count:,}" for word, count in counts.items())
    remedy = f"add {' and '.join(map(repr, words))} to data.missing" + (
        f", and {look.remedy}" if look.remedy else ""
    )
    return f"{share} % of the cells are {look.like}; {counted}: {remedy}"


def is_unknown(word: str) -> bool:
    """Tell whether a word is one that people write where they know nothing."""
    return word.strip().casefold() in UNKNOWN or not any(map(str.isalnum, word))


def _numbers(texts: "pd.Series[Any]", decimal: str, thousands: str | None) -> Look | None:
    """Look at n different texts as numbers, as declared or written in some other way."""
    if _are_read(texts, decimal, thousands):
        return Look("numbers")
    ways = [way for way, (point, apart) in WRITTEN.items() if _are_read(texts, point, apart)]
    if not ways:
        return None
    other = f", or {ways[1]} if that is what is meant" if ways[:2] == [*WRITTEN][:2] else ""
    return Look("numbers, written in another way", f"write data.format: {ways[0]}{other}")


def _are_read(texts: "pd.Series[Any]", decimal: str, thousands: str | None) -> bool:
    return not not_read(texts, read_numbers(texts, decimal, thousands)).any()


def _with_unit(texts: "pd.Series[Any]", decimal: str, thousands: str | None) -> Look | None:
    """Look at n different texts as numbers with a unit before or behind."""
    matches = [BEHIND.search(text) or BEFORE.search(text) for text in texts]
    units = {match[1].strip() if match else "" for match in matches}
    if units == {""} or len(units) > FEW:
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
        return Look(f"numbers with {named}", "convert them to one unit in a stage before validate")
    also = f", and {look.remedy}" if look.remedy else ""
    unit = f"{{{_yaml(str(texts.name))}: {_yaml(*(units - {''}))}}}"
    return Look(f"numbers with {named}", f"write data.units: {unit}, if that is their unit{also}")


def _dates(texts: "pd.Series[Any]") -> Look | None:
    """Look at n different texts as dates, of ISO 8601 or in another format."""
    if read_dates(texts).notna().all():
        return Look("dates")
    formats = [
        format
        for format in (day + time for day in DAYS for time in TIMES)
        if _fits(texts.iloc[0], format) and read_dates(texts, format).notna().all()
    ]
    return Look("dates", declare_date(str(texts.name), formats)) if formats else None


def _fits(text: str, format: str) -> bool:
    try:
        datetime.strptime(text.strip(), format)
    except ValueError:
        return False
    return True


def declare_date(name: str, formats: list[str]) -> str:
    """Say what to write for a column of dates; of several formats, that only a person can choose."""
    other = f" (or {' or '.join(map(repr, formats[1:]))}: only you know)" if formats[1:] else ""
    declared = f"{{{_yaml(name)}: {formats[0]!r}}}"
    return f"write data.date_formats: {declared}{other}"


def _yaml(text: str) -> str:
    """Write a name or a unit as it may stand in params.yaml."""
    return text if PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"
