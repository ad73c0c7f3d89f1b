"""A part of a table that is too large to be read as a whole: its columns get the types of the table's.

What the whole column decides (`Plan`) is known before, so that a part gets the same types as the whole table.
A worker of a cluster runs this, so it imports nothing from the project but what is sent to it.
"""

from typing import TYPE_CHECKING, Any

from .columns import prepared
from .plan import FEW, FIRST_ROW, NAMED_ROWS, ROW, SAMPLED, SEEN, STAGED, TYPED, Part, Plan, Unread

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def type_part(plan: Plan, number: int) -> Part:
    """Give a part its types, and write it, its share of the sample, and what expectations see of it."""
    import pandas as pd
    from pyarrow import parquet

    from .description import Description

    first = number * plan.rows
    raw = _raw(parquet.read_table(plan.path(STAGED, number)), plan)
    frame = pd.DataFrame({name: _typed(raw[name], name, plan) for name in plan.kinds})
    frame.attrs.update(plan.attributes)
    frame.to_parquet(plan.path(TYPED, number), index=False)
    frame.iloc[-first % plan.step :: plan.step].to_parquet(plan.path(SAMPLED, number), index=False)
    read = [name for name, kind in plan.kinds.items() if kind != "text"]
    unread = {name: _unread(raw[name], frame[name], first) for name in read}
    described = Description.of(raw)
    return Part(
        types=described.types,
        gaps=set(described.types) - described.complete,
        present={name: int(raw[name].notna().sum()) for name in plan.kinds},
        unread={name: cells for name, cells in unread.items() if cells.count},
        unfit=_write_seen(frame, plan, number) if plan.seen else {},
    )


def _raw(table: "pa.Table", plan: Plan) -> "pd.DataFrame":
    import pyarrow as pa

    columns = {}
    for name, kind in plan.kinds.items():
        column = table.column(name)
        is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        columns[name] = (
            column if kind == "text" and is_text else prepared(column, name, plan.data, plan.is_text)
        )
    frame: pd.DataFrame = pa.table(columns).to_pandas(split_blocks=True, self_destruct=True)
    return frame


def _typed(column: "pd.Series[Any]", name: str, plan: Plan) -> "pd.Series[Any]":
    from .cells import as_written_in
    from .dates import read_dates
    from .numbers import read_numbers

    data, kind = plan.data, plan.kinds[name]
    if kind == "number":
        return read_numbers(column, data.format.decimal, data.format.thousands, data.units.get(name))
    if kind == "date":
        return read_dates(column, data.date_formats.get(name))
    return as_written_in(column, name in plan.normalized)


def _unread(raw: "pd.Series[Any]", typed: "pd.Series[Any]", first: int) -> Unread:
    wrong = (typed.isna() & raw.notna()).to_numpy().nonzero()[0]
    named = wrong[:NAMED_ROWS]
    words = sorted(map(str, raw.iloc[wrong].unique()))[: FEW + 1] if len(wrong) else []
    rows = [int(row) + first + FIRST_ROW for row in named]
    return Unread(len(wrong), rows, [str(raw.iloc[row]) for row in named], words)


def _write_seen(frame: "pd.DataFrame", plan: Plan, number: int) -> dict[tuple[str, str], Unread]:
    """Write a part with columns as some expectations see them; return what is neither a number nor a date."""
    from .dates import read_dates
    from .numbers import read_numbers

    first = number * plan.rows
    unfit, seen = {}, frame.copy(deep=False)
    seen[ROW] = range(first + FIRST_ROW, first + FIRST_ROW + len(frame))
    for name, kind in plan.seen:
        seen[f"{kind} {name}"] = (read_numbers if kind == "number" else read_dates)(frame[name])
        cells = _unread(frame[name], seen[f"{kind} {name}"], first)
        if cells.count:
            unfit[name, kind] = cells
    seen.to_parquet(plan.path(SEEN, number), index=False)
    return unfit
