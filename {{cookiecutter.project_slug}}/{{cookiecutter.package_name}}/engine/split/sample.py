"""Drawing some rows of a table that is too large to be read as a whole."""

from typing import TYPE_CHECKING

import numpy as np

from ..params import Params
from .rule import one_of_each_block
from .sides import Sides

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def sampled(frame: "pd.DataFrame", params: Params, sides: Sides) -> "NDArray[np.bool_]":
    """Draw the share `split.sample` of the rows, from each side, and from each stratum in it.

    The rows of a stratum, in their order, form blocks of 1/share rows, and one row of each is drawn at
    random, as for the test rows (`rule.is_test`). So the share is exact to one row in each stratum, the same
    rows are drawn again, and appending rows does not change what was drawn. Which side a row is on is decided
    before, from all rows: another share moves no row from one side to the other.

    Args:
        frame: n rows, with the columns that divide them.
        params: the parameters with the share, the seed and the strata: `split.stratify`, or else the classes
            of the target.
        sides: the sides of the n rows.

    Returns:
        n booleans.
    """
    import pandas as pd

    split, data = params.split, params.data
    if split.sample == 1:
        return np.ones(len(frame), dtype=bool)
    side = np.select([sides.train, sides.test], ["train", "test"], "")
    by = split.stratify or (data.target if data.task == "classification" else None)
    values = frame[by].astype("str").fillna("").to_numpy(dtype=object) if by else np.full(len(frame), "")
    chosen = np.zeros(len(frame), dtype=bool)
    strata = pd.DataFrame({"side": side, "value": values}).groupby(["side", "value"]).indices
    for name, rows in strata.items():
        chosen[rows] = one_of_each_block(len(rows), split.sample, split.seed, f"sample {name}")
    return chosen
