"""The rows of a file that new rows are compared with: a sample of them, and the counts of all."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .reference import SAMPLE

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Sampled:
    """n rows of a file, in the memory of a few.

    Attributes:
        rows: all of them, if they are at most `reference.SAMPLE`; else so many, each with the same chance,
            and always the same ones, in the file's order.
        count: n.
        missing: how many rows lack a value, by column.
        categories: how many rows have each value of a column of words, by column.
    """

    rows: "pd.DataFrame"
    count: int
    missing: dict[str, int]
    categories: "dict[str, pd.Series[int]]" = field(default_factory=dict)


def sampled_of(parts: "Iterable[pd.DataFrame]", roles: dict[str, str]) -> Sampled:
    """Sample the rows of a file and count them, a part after the other.

    Each row draws a number, and the rows with the smallest ones stay (a reservoir with random tags: Vitter
    1985, "Random sampling with a reservoir", ACM Transactions on Mathematical Software 11, is its fast form).

    Args:
        parts: the parts of the rows, all with the same columns; there is at least one.
        roles: the roles of the columns: sentences are not counted, since there are too many different ones.
    """
    import pandas as pd

    random, kept = np.random.default_rng(0), pd.DataFrame()
    drawn, count = np.zeros(0), 0
    missing: dict[str, int] = {}
    categories: dict[str, pd.Series[int]] = {}
    for part in parts:
        count += len(part)
        for name in map(str, part.columns):
            missing[name] = missing.get(name, 0) + int(part[name].isna().sum())
            if part[name].dtype == "str" and roles.get(name) != "text":
                counts = part[name].value_counts()
                before = categories.get(name)
                categories[name] = counts if before is None else before.add(counts, fill_value=0).astype(int)
        kept = pd.concat([kept, part], ignore_index=True) if len(kept) else part
        drawn = np.concatenate([drawn, random.random(len(part))])
        if len(kept) > SAMPLE:
            stays = np.sort(np.argpartition(drawn, SAMPLE)[:SAMPLE])
            kept, drawn = kept.iloc[stays].reset_index(drop=True), drawn[stays]
    return Sampled(kept, count, missing, categories)
