"""What a user wishes for a table: the options of `adopt`, and the answers to its questions."""

from dataclasses import dataclass, field

KEEP, LEAVE_OUT = "keep", "leave-out"  # what can be done with rows


@dataclass(frozen=True)
class Wishes:
    """What a user says about a table.

    Attributes:
        target: the column to predict.
        task: the model's task.
        groups: columns; rows with the same values there stay on one side of the split; None: not said.
        time: the column by which the latest rows become the test rows; empty for none; None: not said.
        missing: words that stand for a missing value.
        missing_in: the words for a missing value in single columns.
        drop: columns that are not features.
        keep: columns that are features, although they nearly equal the target.
        rare: what to do with the rows of classes that have only a few; None: not said.
        unlabelled: what to do with rows without a target, if there are many; None: not said.
        date_formats: the formats chosen for columns whose dates could be read in two ways.
        sheet: the sheet of a workbook; None for the first one.
        name: the name of the table, its suite and its model.
    """

    target: str
    task: str
    groups: tuple[str, ...] | None = None
    time: str | None = None
    missing: tuple[str, ...] = ()
    missing_in: dict[str, list[str]] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    rare: str | None = None
    unlabelled: str | None = None
    date_formats: dict[str, str] = field(default_factory=dict)
    sheet: str | None = None
    name: str = "table"
