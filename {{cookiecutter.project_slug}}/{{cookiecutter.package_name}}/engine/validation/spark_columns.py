"""What Spark computes about entire columns: how their text is written, and what they contain."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..table.cells import BOOLEANS, NUMBER, OTHERWISE, TRUTH
from ..table.in_parts import InParts
from ..table.plan import STAGED
from .profile import KNOWN, Profile, bins_of, distinct_in_sample, written

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import Column, DataFrame, SparkSession

MOST = 1_000_000  # different values of a target that are looked at
WHOLE = r"^(-?\d+)\.0+$"


def normalized(spark: "SparkSession", table: InParts) -> frozenset[str]:
    """Return the columns of text that are written in one way: all numbers, or all true and false.

    As with `cells.as_written`, no two different words may become one.
    """
    from pyspark.sql import functions as f
    from pyspark.sql.types import StringType, StructField, StructType

    if not table.texts:
        return frozenset()
    schema = StructType([StructField(name, StringType()) for name in table.texts])
    staged = spark.read.schema(schema).parquet(str(table.plan.folder / STAGED))
    questions = []
    for at, name in enumerate(table.texts):
        cell = f.col(_quoted(name))
        is_number = cell.rlike(f"(?U)^(?:{NUMBER.pattern})$")
        questions += [
            f.bool_or(cell.rlike(f"(?U){OTHERWISE}")).alias(f"otherwise {at}"),
            (f.bool_and(is_number) | f.bool_and(cell.isin(*TRUTH))).alias(f"alike {at}"),
        ]
    row = staged.agg(*questions).first()
    written_so = [
        name
        for at, name in enumerate(table.texts)
        if row is not None and row[f"otherwise {at}"] and row[f"alike {at}"] and _differ(staged, name)
    ]
    return frozenset(written_so)


def _differ(staged: "DataFrame", name: str) -> bool:
    """Tell whether the words of a column are still different once they are written in one way."""
    from pyspark.sql import functions as f

    cell = f.col(_quoted(name))
    word = f.regexp_replace(cell, f"(?U){WHOLE}", "$1")
    for spelled, once in BOOLEANS.items():
        word = f.when(cell == spelled, once).otherwise(word)
    row = staged.agg(f.count_distinct(cell).alias("cells"), f.count_distinct(word).alias("words")).first()
    return row is not None and bool(row["cells"] == row["words"])


def profiles(typed: "DataFrame", table: InParts, sample: "pd.DataFrame") -> dict[str, Profile]:
    """Describe each column of a typed table, as `Profile.of` does.

    Args:
        typed: n rows.
        table: the same.
        sample: some of the rows.
    """
    from pyspark.sql import functions as f

    asked = []
    for at, (name, kind) in enumerate(table.plan.kinds.items()):
        cell = f.col(_quoted(name))
        asked.append(f.count(cell).alias(f"count {at}"))
        if kind != "text":
            asked += [f.min(cell).alias(f"low {at}"), f.max(cell).alias(f"high {at}")]
    row = typed.agg(*asked).first()
    assert row is not None, "an aggregate is a row"
    found = {}
    for at, (name, kind) in enumerate(table.plan.kinds.items()):
        ends = (None, None) if kind == "text" else (row[f"low {at}"], row[f"high {at}"])
        found[name] = _profile(typed, name, table.rows, table.rows - row[f"count {at}"], ends, sample[name])
    return found


def _profile(
    typed: "DataFrame", name: str, rows: int, missing: int, ends: tuple[Any, Any], sample: "pd.Series[Any]"
) -> Profile:
    import pandas as pd
    from pyspark.sql import functions as f

    if missing == rows:
        return Profile(rows, missing, 0)
    seen = distinct_in_sample(sample, rows)
    cell = f.col(_quoted(name))
    counted = None if seen is not None else typed.agg(f.count_distinct(cell)).first()
    distinct, more = (int(counted[0]), False) if counted is not None else (seen or 0, True)
    low, high = (pd.Timestamp(end) if sample.dtype.kind == "M" else end for end in ends)
    if ends != (None, None):
        bins = [] if low == high else bins_of(sample.dropna(), low, high)
        return Profile(rows, missing, distinct, more, written(low), written(high), bins)
    counts = {} if more or distinct > KNOWN else _counts(typed, cell)
    return Profile(rows, missing, distinct, more, categories=counts)


def _counts(typed: "DataFrame", cell: "Column") -> dict[str, int]:
    """Count the rows of each value, the most frequent first; equally frequent ones in the table's order."""
    from pyspark.sql import functions as f

    place = f.struct(f.col("_metadata.file_name"), f.col("_metadata.row_index"))
    groups = typed.where(cell.isNotNull()).groupBy(cell.alias("value"))
    ordered = groups.agg(f.count("*").alias("rows"), f.min(place).alias("first"))
    rows = ordered.orderBy(f.desc("rows"), "first").collect()
    return {str(row["value"]): int(row["rows"]) for row in rows}


def target_values(typed: "DataFrame", table: InParts, found: Mapping[str, Profile]) -> list[Any]:
    """Return the different values of the target, at most a million; for numbers, only the two ends."""
    from pyspark.sql import functions as f

    cell = f.col(_quoted(table.data.target))
    if table.plan.kinds[table.data.target] == "text":
        rows = typed.where(cell.isNotNull()).select(cell).distinct().limit(MOST).collect()
        return [row[0] for row in rows]
    row = typed.agg(f.min(cell), f.max(cell)).first()
    return sorted({end for end in (row or ()) if end is not None})


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
