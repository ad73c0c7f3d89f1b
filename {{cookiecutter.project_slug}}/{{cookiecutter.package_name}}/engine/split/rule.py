"""Which rows are the test set: the same ones today, tomorrow and on a colleague's machine."""

import math
import zlib
from typing import TYPE_CHECKING

import numpy as np

from ..base.blocks import params_error
from ..params import Split

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def row_keys(frame: "pd.DataFrame", id_columns: list[str]) -> "NDArray[np.uint64]":
    """Give each row a number that it keeps as long as its values stay the same.

    Args:
        frame: n rows, all columns typed by `types.to_types`.
        id_columns: the columns that name a row; empty: all of them.

    Returns:
        n numbers, equal for rows that are.
    """
    import pandas as pd

    columns = id_columns or [str(name) for name in frame.columns]
    return np.asarray(pd.util.hash_pandas_object(frame[columns], index=False), dtype=np.uint64)


def choose_test(frame: "pd.DataFrame", split: Split, keys: "NDArray[np.uint64]") -> "NDArray[np.bool_]":
    """Divide a table into rows to learn from and rows to judge by; see `is_test`.

    Raises:
        UserError: one of the two would have no row.
    """
    chosen = is_test(frame, split, keys)
    if chosen.all() or not chosen.any():
        side = "training" if chosen.all() else "test"
        raise params_error(("split", "test_fraction"), f"of {len(frame)} rows none is in the {side} set")
    return chosen


def is_test(frame: "pd.DataFrame", split: Split, keys: "NDArray[np.uint64]") -> "NDArray[np.bool_]":
    """Tell for each row whether it is in the test set.

    Rows with the same id, or wholly equal rows where there is no id, are on one side: a copy of a
    test row in the training set would be a leak. Appending rows moves no row from side to side.

    - Not stratified: a row's side follows from a hash of its id alone, so that it stays even when
      rows are deleted or reordered (A. Geron, Hands-On Machine Learning, 3rd ed., ch. 2). Without an
      id the whole row is hashed: another column, or another role of one, is then another split.
    - Stratified: within each stratum the rows, in the table's order, form blocks of 1/fraction
      rows, and chance draws one of each block (permuted blocks, as clinical trials use them:
      M. Zelen, J. Chronic Dis. 27, 1974). A stratum's share is exact to one row, so that strata of
      few rows each add up to a share that is not. The order counts: append at the end.

    Args:
        frame: n rows, all columns typed by `types.to_types`.
        split: fraction, seed and stratum.
        keys: of the n rows, from `row_keys`.

    Returns:
        n booleans.
    """
    import pandas as pd

    if split.stratify is None:
        salted = pd.util.hash_array(keys ^ np.uint64(zlib.crc32(str(split.seed).encode())))
        return np.asarray(salted < split.test_fraction * 2.0**64, dtype=bool)

    again = pd.Series(keys).duplicated().to_numpy()
    stratum, names = pd.factorize(frame[split.stratify].astype("str").fillna("")[~again])
    chosen = np.zeros(len(stratum), dtype=bool)
    members = pd.Series(stratum).groupby(stratum).indices
    for number, name in enumerate(names):
        chosen[members[number]] = _one_of_each_block(len(members[number]), split, str(name))
    if not again.any():
        return chosen
    code, _ = pd.factorize(keys)  # equal keys have one code, in the order in which they come
    return chosen[code]


def _one_of_each_block(count: int, split: Split, stratum: str) -> "NDArray[np.bool_]":
    """Draw one of each block of `count` rows; what comes later does not change what came before."""
    fraction = split.test_fraction
    # a hair's breadth keeps 5 * 0.2 from falling short of the whole number it stands for
    block = np.floor(np.arange(count) * fraction + 1e-9).astype(int)
    starts = np.ceil(np.arange(block.max(initial=0) + 2) / fraction - 1e-9).astype(int)
    random = np.random.default_rng([split.seed, zlib.crc32(stratum.encode())])
    draw = random.random(math.ceil(count * fraction) + 1)[block]
    size = np.diff(starts)[block]
    return np.asarray(np.arange(count) - starts[block] == np.floor(draw * size), dtype=bool)
