"""How the parts of a table get their types, and what is then known about each.

A worker of a cluster uses this, so it imports nothing from the project but what is sent to it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..params import Data

ROWS = 2**18  # rows of a part
FIRST_ROW = 2  # rows are named as a spreadsheet numbers them: the header is row 1
NAMED_ROWS = 20  # rows with cells that cannot be read of which the numbers are kept
FEW = 3  # up to so many different cells that cannot be read may be words for a missing value
STAGED, TYPED, SEEN, SAMPLED = "staged", "typed", "seen", "sampled"  # folders of parts
ROW = "row number"  # the column with the row's number, by which Spark names rows


@dataclass(frozen=True)
class Plan:
    """What is the same for all parts of a table.

    Attributes:
        folder: the folder of the folders of parts.
        is_text: whether the file holds text only.
        kinds: whether each column is a number, a date or text.
        rows: how many rows a part has; the last one may have fewer.
        normalized: the columns of text whose numbers, or true and false, are written in one way.
        attributes: the attributes of the validated table.
        step: of so many rows, one is in the sample.
        seen: the columns of text that an expectation sees as numbers or dates.
    """

    folder: Path
    data: Data
    is_text: bool
    kinds: dict[str, str]
    rows: int = field(default_factory=lambda: ROWS)
    normalized: frozenset[str] = frozenset()
    attributes: dict[str, Any] = field(default_factory=dict)
    step: int = 1
    seen: tuple[tuple[str, str], ...] = ()

    def path(self, kind: str, number: int) -> Path:
        """Return the file of a part."""
        return self.folder / kind / f"part-{number:05}.parquet"


@dataclass
class Unread:
    """Cells of a column that are not empty, but do not hold what they should.

    Attributes:
        count: how many there are.
        rows: the numbers of the first rows with one.
        values: the content of these cells.
        words: the different contents; if there are more than a few, one more than these.
    """

    count: int
    rows: list[int]
    values: list[str]
    words: list[str]

    def and_more(self, later: "Unread") -> "Unread":
        """Add the cells of a later part."""
        words = sorted({*self.words, *later.words})[: FEW + 1]
        rows, values = self.rows + later.rows, self.values + later.values
        return Unread(self.count + later.count, rows[:NAMED_ROWS], values[:NAMED_ROWS], words)


@dataclass
class Part:
    """What is known about a part once it has its types.

    Attributes:
        types: the types of its raw columns, as `Description` has them.
        gaps: the raw columns that lack a value.
        present: how many cells of each raw column are not empty.
        unread: by column, the cells that should be numbers or dates and are not.
        unfit: by column and kind, the cells that an expectation would see as that kind and cannot.
    """

    types: dict[str, str]
    gaps: set[str]
    present: dict[str, int]
    unread: dict[str, Unread]
    unfit: dict[tuple[str, str], Unread]
