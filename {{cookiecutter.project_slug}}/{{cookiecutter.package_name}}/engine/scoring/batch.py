"""Predicting a file of rows part by part, so that the memory needed does not grow with the file."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError, first_line
from ..base.files import write
from ..table.parts import as_frame
from ..table.reading import FIRST_ROW
from .checking import Checked, check
from .expected import Expected
from .reading import read
from .writing import Writer

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

ROW, REASON = "row", "reason"  # the first columns of the rejects
Predict = Callable[["pd.DataFrame"], "pd.DataFrame"]


@dataclass
class Batch:
    """A file of rows to predict.

    Attributes:
        path: the file's path.
        expected: what its rows have to be like.
        predict: returns a table of n predictions for n rows.
        keep: the file's columns that are written beside the predictions; None for all.
        allow_missing: see `checking.check`.
        strict: whether a row that cannot be predicted is an error.
        progress: is called with the number of rows so far.
        rows: how many rows there were.
        rejected: how many of them could not be predicted.
        unseen: how many cells held a category that no training row had, by column.
    """

    path: Path
    expected: Expected
    predict: Predict
    keep: list[str] | None = None
    allow_missing: bool = False
    strict: bool = False
    progress: Callable[[int], object] = lambda rows: None
    rows: int = 0
    rejected: int = 0
    unseen: Counter[str] = field(default_factory=Counter)

    def write(self, output: Path, rejects: Path, metadata: dict[str, Any]) -> None:
        """Write the rows with their predictions; rows without one go to another file, with the reason.

        Both files are complete, or are as they were. If all rows can be predicted, there is no second file.

        Raises:
            UserError: the file cannot be read, lacks a column or has no rows; no row can be predicted or, if
                this is `strict`, one cannot.
        """

        def run(to: Path) -> None:
            with ExitStack() as stack:
                left = ExitStack()
                predicted = stack.enter_context(Writer(to, output, metadata))
                wrong = stack.enter_context(Writer(rejects.with_name(f"{rejects.name}.part"), rejects))
                left.callback(wrong.to.unlink, missing_ok=True)
                with left:
                    self._run(predicted, wrong)
                    wrong.__exit__(None, None, None)
                    if self.rejected:
                        wrong.to.replace(rejects)
                    else:
                        rejects.unlink(missing_ok=True)
                    if not predicted.rows:
                        raise UserError(
                            f"{self.path}: no row of {self.rows:,} can be predicted; {rejects} says why"
                        )

        write(output, run)

    def _run(self, predicted: Writer, wrong: Writer) -> None:
        taken = list(self.expected.roles)
        with closing(read(self.path, self.expected)) as parts:
            for table, data in parts:
                self._check_kept(table.column_names)
                self._part(table, as_frame(table.select(taken), data), predicted, wrong)
        if not self.rows:
            raise UserError(f"{self.path}: has no rows")

    def _part(self, table: "pa.Table", raw: "pd.DataFrame", predicted: Writer, wrong: Writer) -> None:
        checked = check(raw, self.expected, self.allow_missing)
        right = checked.right
        self.unseen += Counter(checked.unseen)
        if not right.all():
            self._reject(table, raw, checked, right, wrong)
        if right.any():
            kept = table if self.keep is None else table.select(self.keep)
            predictions = self._predictions(checked.table[right])
            predicted.write(_beside(kept.filter(_mask(right)), predictions))
        self.rows += len(raw)
        self.progress(self.rows)

    def _predictions(self, rows: "pd.DataFrame") -> "pd.DataFrame":
        """Predict n rows.

        Raises:
            UserError: the model fails.
        """
        try:
            return self.predict(rows.reset_index(drop=True))
        except ValueError as error:
            first = self.rows + FIRST_ROW
            where = f"rows {first} to {first + len(rows) - 1}"
            raise UserError(f"{self.path}: {where}: the model fails: {first_line(error)}") from error

    def _reject(
        self, table: "pa.Table", raw: "pd.DataFrame", checked: Checked, right: "NDArray[np.bool_]", to: Writer
    ) -> None:
        import pandas as pd

        places = (~right).nonzero()[0] + self.rows + FIRST_ROW
        self.rejected += len(places)
        reasons = checked.reasons(raw).to_numpy()
        if self.strict:
            others = f"; neither can {len(places) - 1:,} of the rows after it" if len(places) > 1 else ""
            raise UserError(f"{self.path}: row {places[0]} cannot be predicted: {reasons[0]}{others}")
        why = pd.DataFrame({ROW: places, REASON: reasons})
        to.write(_beside(table.filter(_mask(~right)), why, first=True))

    def _check_kept(self, names: list[str]) -> None:
        """Check that the columns to keep exist.

        Raises:
            UserError: one does not.
        """
        if strange := [name for name in self.keep or [] if name not in names]:
            raise UserError(f"{self.path}: has no column {', '.join(map(repr, strange))} that can be kept")


def _mask(rows: "NDArray[np.bool_]") -> "pa.Array":
    import pyarrow as pa

    return pa.array(rows)


def _beside(table: "pa.Table", added: "pd.DataFrame", first: bool = False) -> "pa.Table":
    """Put columns after those of a table, or before them; they replace any of the same name."""
    import pyarrow as pa

    new = pa.Table.from_pandas(added, preserve_index=False)
    others = table.drop_columns([name for name in table.column_names if name in new.column_names])
    sides = (new, others) if first else (others, new)
    return pa.table({name: side.column(name) for side in sides for name in side.column_names})
