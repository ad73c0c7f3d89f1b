"""Which rows are the test set: the same today, tomorrow and on a colleague's machine."""

import math
import zlib
from typing import TYPE_CHECKING

import numpy as np

from ..blocks.checking import params_error
from ..params import Split
from .identity import row_keys
from .latest import latest, read_times
from .sides import Sides

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def divide(frame: "pd.DataFrame", split: Split, ids: list[str], keys: "NDArray[np.uint64]") -> Sides:
    """Divide a table into rows to learn from and rows to judge by; see `is_test` and `latest`.

    Args:
        frame: n rows, all columns typed by `types.to_types`.
        split: the rule.
        ids: the columns that name a row, if any.
        keys: the keys of the n rows, from `Identity.keys`.

    Raises:
        UserError: one side would have no rows; the times cannot be read; or rows with the same id would be on
            both sides.
    """
    if split.time is not None:
        sides = latest(read_times(frame[split.time]), split.test_fraction, split.gap)
    else:
        groups = row_keys(frame, split.groups) if split.groups else None
        test = is_test(frame, split, keys if groups is None else groups)
        sides = Sides(~test, test, groups)
    for side, chosen in {"training": sides.train, "test": sides.test}.items():
        if not chosen.any():
            grouped = f" in {len(np.unique(sides.groups))} groups" if sides.groups is not None else ""
            raise params_error(
                ("split", "test_fraction"), f"of {len(frame)} rows{grouped} none is in the {side} set"
            )
    if ids:
        _check_ids(ids, keys, sides)
    return sides


def is_test(frame: "pd.DataFrame", split: Split, groups: "NDArray[np.uint64]") -> "NDArray[np.bool_]":
    """Draw the test rows.

    Rows of a group are on one side: a row of a test person, or a copy of a test row, in the training set
    would be a leak. Appending rows moves no row from one side to the other. Nothing depends on the target,
    unless it is the stratum.

    Within each stratum (without strata, within the whole table) the groups, in the order of their first rows,
    form blocks of 1/fraction groups, and one group of each block is drawn at random (permuted blocks, as in
    clinical trials: M. Zelen, J. Chronic Dis. 27, 1974).

    - Exact to one group in each stratum: the share of groups, and so the share of rows if each row is a
    group.
    - Approximate: the share of rows, if groups differ in size; and the shares of a stratum's values, if
    groups have rows of several values: a group belongs to the stratum of its first row. The shares of strata
    with fewer than 1/fraction groups do not add up exactly.

    The order counts: append at the end. After a row that is deleted or inserted, all later rows of its
    stratum are drawn anew.

    Args:
        frame: n rows, all columns typed by `types.to_types`.
        split: the rule, with fraction, seed and stratum.
        groups: the groups of the n rows, numbers that are equal within a group; of rows without groups, their
            keys.

    Returns:
        n booleans.
    """
    import pandas as pd

    again = pd.Series(groups).duplicated().to_numpy()
    chosen = np.zeros(len(again) - int(again.sum()), dtype=bool)
    if split.stratify is None:
        chosen[:] = one_of_each_block(len(chosen), split.test_fraction, split.seed)
    else:
        stratum, names = pd.factorize(frame[split.stratify].astype("str").fillna("")[~again])
        members = pd.Series(stratum).groupby(stratum).indices
        for number, name in enumerate(names):
            drawn = one_of_each_block(len(members[number]), split.test_fraction, split.seed, str(name))
            chosen[members[number]] = drawn
    if not again.any():
        return chosen
    code, _ = pd.factorize(groups)  # equal groups have the same code, in the order of their first rows
    return chosen[code]


def leaked_from(
    sides: Sides, gap: float, keys: "NDArray[np.uint64]", learned: "NDArray[np.bool_]"
) -> "NDArray[np.bool_]":
    """Tell for each of n rows whether a model has learned from it, or from one that gives it away.

    The latter is a row of the same group or, if the split is by time, one that is later, or earlier by no
    more than the gap.

    Args:
        sides: the sides of the n rows, by the current rule, which need not be the one by which the model was
            trained.
        gap: the split's gap.
        keys: the keys of the n rows, from `Identity.keys`.
        learned: n booleans: whether the model has learned from the row.
    """
    if sides.times is not None:
        last = np.fmax.reduce(sides.times[learned], initial=-np.inf)
        return np.asarray(sides.times <= last + gap)
    groups = keys if sides.groups is None else sides.groups
    return np.isin(groups, groups[learned])


def _check_ids(ids: list[str], keys: "NDArray[np.uint64]", sides: Sides) -> None:
    """Check that the rows with the same id are in one group, and that their times are on one side.

    Raises:
        UserError: they are not.
    """
    import pandas as pd

    if sides.groups is not None:
        by, parts, where = "groups", pd.DataFrame({"id": keys, "part": sides.groups}), "in several groups"
    elif sides.times is not None:
        parts = pd.DataFrame({"id": keys, "part": sides.test})[sides.train | sides.test]
        by, where = "time", "both among the test rows and before them"
    else:
        return  # rows with the same id were drawn together
    pairs = parts.drop_duplicates()
    if several := int(pairs["id"].duplicated().sum()):
        names = ", ".join(ids)
        reason = f"{several} ids ({names}) have rows {where}, but rows with the same id stay on one side"
        raise params_error(("split", by), f"{reason}; list {names} under data.columns.drop if they need not")


def one_of_each_block(count: int, fraction: float, seed: int, stratum: str = "") -> "NDArray[np.bool_]":
    """Draw one member of each block of 1/fraction members of a stratum.

    Later members do not change what was drawn before.

    Args:
        count: how many members there are.
        fraction: the fraction of the members to draw.
        seed: the random seed.
        stratum: its name; each stratum is drawn independently.

    Returns:
        Whether each member is drawn, in their order.
    """
    # a tiny amount is added so that 5 * 0.2 does not fall short of the whole number it stands for
    block = np.floor(np.arange(count) * fraction + 1e-9).astype(int)
    starts = np.ceil(np.arange(block.max(initial=0) + 2) / fraction - 1e-9).astype(int)
    random = np.random.default_rng([seed, zlib.crc32(stratum.encode())])
    draw = random.random(math.ceil(count * fraction) + 1)[block]
    size = np.diff(starts)[block]
    return np.asarray(np.arange(count) - starts[block] == np.floor(draw * size), dtype=bool)
