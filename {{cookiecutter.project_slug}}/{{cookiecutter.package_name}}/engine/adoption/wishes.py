"""What a user wants of a table: the options of `adopt`, and the answers to its questions."""

from dataclasses import dataclass, field

KEEP, LEAVE_OUT = "keep", "leave-out"  # what may be done with rows


@dataclass(frozen=True)
class Wishes:
    """What a user says about a table.

    Attributes:
        target: the column to predict.
        task: the model's task.
        groups: columns whose rows stay on one side of the split; None: not said.
        time: the column whose latest rows are the test rows, empty for none; None: not said.
        missing: words for an empty cell.
        missing_in: those of single columns.
        drop: columns that are not features.
        keep: columns that are, although they nearly equal the target.
        rare: what is done with the rows of classes that hardly have any; None: not said.
        unlabelled: what is done with rows without a target, if there are many; None: not said.
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
