"""The validated rows that have a target; they are read and divided once, when they are first needed."""

from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import ahead, memory, progress
from ..base.paths import VALIDATED
from ..params import Columns, Params
from ..table.cells import as_labels
from ..table.description import Description
from .classes import doubts_of_classes
from .divided import Divided, read_again, take
from .doubts import doubts
from .equal import doubt_of_equal_rows, equal_to_earlier, together
from .learned import Learned
from .rows import Rows
from .rule import leaked_from
from .sides import Division

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from .elsewhere import Elsewhere


class Dataset:
    """The table of the validate stage, as the parameters divide it.

    Every method and property may raise the UserError of `Divided.of`.
    """

    def __init__(self, params: Params, every_column: bool = False) -> None:
        """Read nothing yet.

        Args:
            params: they say what to read, and how to divide it.
            every_column: whether to read columns that no parameter uses, too, if the table is read in parts.
        """
        self.params, self.every_column = params, every_column

    @staticmethod
    def begin(params: Params) -> None:
        """Begin to read and divide the table, for a later `Dataset` with equal parameters in this process."""
        ahead.begin(_key(params, False), lambda: Divided.of(params))

    def train(self) -> Rows:
        """Return the rows to learn from, and keep no other rows in memory."""
        _ = self.doubts  # these need all rows
        chosen, target = self._divided.sides.train, self.train_target
        again, elsewhere = partial(read_again, self.params, chosen, self.columns.features), self._elsewhere()
        rows = Rows.to_learn(self._alone(chosen), target, self.columns, self.params, again)
        return replace(rows, on_cluster=self.params.model.on_cluster, elsewhere=elsewhere)

    def test(self) -> Rows:
        """Return the rows to judge by, and keep no other rows in memory."""
        chosen = self._divided.sides.test
        target = self._target[chosen]
        return Rows.of(self._alone(chosen), target, self.columns, self.params)

    @cached_property
    def description(self) -> Description:
        """What kind of table it is."""
        whole = self._divided.whole
        return whole.description if whole else Description.of(self.rows)

    @cached_property
    def columns(self) -> Columns:
        """The role of each column."""
        return self._divided.columns

    @cached_property
    def division(self) -> Division:
        """How the table is divided, in words and numbers."""
        whole, split = self._divided.whole, self.params.split
        of = len(whole.keys) if whole and split.sample < 1 else None
        division = Division.of(self.rows, split, self._divided.sides, of)
        divided, train = self._divided, int(self._learned_keys.shape[0])
        equal = equal_to_earlier(divided.keys) if together(divided.identity, split) else 0
        return replace(division, train=train, equal=equal)

    @cached_property
    def doubts(self) -> list[str]:
        """What speaks against this split, a line each; with a sample, without what only all rows can show."""
        split, data = self.params.split, self.params.data
        rare = list(doubts_of_classes(self.classes, data.target))
        if split.sample < 1:
            return rare
        identity, keys = self._divided.identity, self._divided.keys
        equal = doubt_of_equal_rows(self.rows, identity, keys, split)
        seen = doubts(self.rows, split, self.columns.id, data.target)
        return [*rare, *equal, *(doubt.text for doubt in seen)]

    def lines(self) -> dict[str, object]:
        """Return how the table is divided, and what speaks against that, as a summary shows them."""
        return {"split": self.division, **{f"warning {i}": line for i, line in enumerate(self.doubts, 1)}}

    @property
    def rows(self) -> "pd.DataFrame":
        """All n rows, all columns."""
        return self._divided.rows

    @cached_property
    def train_rows(self) -> "pd.DataFrame":
        """The rows to learn from, all columns: those with numbers, then the others."""
        return take(dict(self.rows.items()), self.rows.index, self._divided.sides.train)

    @cached_property
    def test_rows(self) -> "pd.DataFrame":
        """The rows to judge by, all columns: those with numbers, then the others."""
        return take(dict(self.rows.items()), self.rows.index, self._divided.sides.test)

    @cached_property
    def train_target(self) -> "NDArray[Any]":
        """The target of each row of `train_rows`."""
        return self._target[self._divided.sides.train]

    @cached_property
    def classes(self) -> "pd.DataFrame | None":
        """How many rows of each class there are to learn from (`train`) and to judge by (`test`), if any."""
        import pandas as pd

        if self.params.data.task == "regression":
            return None
        codes, words = self._codes
        sides = {"train": self._divided.sides.train, "test": self._divided.sides.test}
        counts = {name: np.bincount(codes[side], minlength=len(words)) for name, side in sides.items()}
        return pd.DataFrame(counts, words).sort_index()

    @cached_property
    def learned(self) -> Learned:
        """Which rows are the ones to learn from."""
        divided = self._divided
        table = divided.rows if divided.whole is None else divided.whole.header
        return Learned.of(table, divided.identity, self._learned_keys)

    def new_to(self, learned: Learned) -> "NDArray[np.bool_]":
        """Tell for each row of `test_rows` whether a model can be judged by it.

            It cannot if it learned from the row, or from one that gives the row away: see `rule.leaked_from`.

        Raises:
            UserError: this cannot be decided.
        """
        divided = self._divided
        table = divided.whole or divided  # the model may have learned from rows that are not read
        has = learned.has(table.keys, self.learned, table.keys)
        known = leaked_from(table.sides, self.params.split.gap, table.keys, has)
        read = known if divided.whole is None else known[divided.whole.read]
        return ~read[divided.sides.test]

    @property
    def _learned_keys(self) -> "NDArray[np.uint64]":
        """The keys of the rows to learn from: of those that are read or, on a cluster, of all of them."""
        divided, whole = self._divided, self._divided.whole
        if whole is not None and self.params.model.on_cluster:
            return whole.keys[whole.sides.train]
        return divided.keys[divided.sides.train]

    def _elsewhere(self) -> "Elsewhere | None":
        """Return all training rows for a cluster to read, if those that are read here are a sample."""
        whole = self._divided.whole
        if whole is None or not self.params.model.on_cluster or self.params.split.sample == 1:
            return None
        from .elsewhere import Elsewhere

        return Elsewhere.of(whole, self.params)

    @cached_property
    def _divided(self) -> Divided:
        key = _key(self.params, self.every_column)
        with progress.working(f"reading {VALIDATED} and dividing its rows"):
            return ahead.take(key, lambda: Divided.of(self.params, self.every_column))

    @cached_property
    def _target(self) -> "NDArray[Any]":
        """The target of all rows: numbers, or labels of `cells.as_labels`."""
        target = self.rows[self.params.data.target]
        if target.dtype == "float64":
            return target.to_numpy()
        codes, words = self._codes  # from all rows, so that the type does not depend on the split
        return as_labels(words)[codes]

    @cached_property
    def _codes(self) -> "tuple[NDArray[np.intp], pd.Index[str]]":
        """The class of each row as a number, and the classes' names by these numbers."""
        import pandas as pd

        target, whole = self.rows[self.params.data.target], self._divided.whole
        if whole is None or whole.classes is None:
            return pd.factorize(target)
        codes = whole.classes.get_indexer(pd.Index(target))
        return codes, whole.classes  # some classes may be in no row that is read

    def _alone(self, chosen: "NDArray[np.bool_]") -> "pd.DataFrame":
        """Copy some rows, and free all tables: they could be read again."""
        # these are small, and are kept
        _ = self.columns, self.description, self.division, self.learned, self.train_target
        columns, index = dict(self.rows.items()), self.rows.index
        for name in ("_divided", "_codes", "_target", "train_rows", "test_rows"):
            self.__dict__.pop(name, None)
        rows = take(columns, index, chosen)
        memory.release()
        return rows


def _key(params: Params, every_column: bool) -> tuple[str, str, bool]:
    return "dataset", params.model_dump_json(), every_column
