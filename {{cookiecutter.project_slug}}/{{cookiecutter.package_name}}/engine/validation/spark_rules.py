"""The expectation suite, run by Great Expectations on a table that Spark reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..table.cells import ANY_NUMBER
from ..table.in_parts import InParts
from ..table.plan import FIRST_ROW, NAMED_ROWS, ROW, SEEN, TYPED, Unread
from .outcome import result_of, unchecked
from .result import Result
from .running import outcomes_of
from .view import NAMED, as_seen, columns_of

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation
    from pyspark.sql import DataFrame, SparkSession

# Spark does not keep the order of rows
OF_ORDER = {"ExpectColumnValuesToBeIncreasing", "ExpectColumnValuesToBeDecreasing"}
OF_TYPE = {"ExpectColumnValuesToBeOfType", "ExpectColumnValuesToBeInTypeList"}
TYPES = {  # Spark's names for pandas' types
    "float64": "DoubleType",
    "str": "StringType",
    "string": "StringType",
    "object": "StringType",
    "datetime64[us]": "TimestampNTZType",
}


@dataclass(frozen=True)
class Rules:
    """The expectations of a table in parts.

    Attributes:
        suite: the expectations in their order.
        table: the table, which is typed before it is checked.
        header: the typed columns, without rows.
        conversions: for each expectation, the columns that it sees as numbers or dates.
    """

    suite: "list[Expectation]"
    table: InParts
    header: "pd.DataFrame"
    conversions: list[dict[str, str]]

    @classmethod
    def of(cls, suite: "list[Expectation]", table: InParts) -> "Rules":
        """Find out what the expectations need from a table."""
        header, conversions = table.header(), []
        for rule in suite:
            _, seen = as_seen(rule, header)
            kinds = {name: "date" if column.dtype.kind == "M" else "number" for name, column in seen.items()}
            conversions.append(kinds)
        return cls(suite, table, header, conversions)

    @property
    def seen(self) -> tuple[tuple[str, str], ...]:
        """The columns of text that an expectation sees as numbers or dates."""
        return tuple(sorted({pair for one in self.conversions for pair in one.items()}))

    def check(self, spark: "SparkSession", unfit: Mapping[tuple[str, str], Unread]) -> list[Result]:
        """Check the typed parts.

        Args:
            spark: a session of Spark.
            unfit: the cells that are neither numbers nor dates, by column and kind.
        """
        results: dict[int, Result] = {}
        batches: dict[tuple[Any, ...], dict[int, Expectation]] = {}
        typed = spark.read.parquet(str(self.table.plan.folder / TYPED))
        for order, rule in enumerate(self.suite):
            pairs = tuple(sorted(self.conversions[order].items()))
            wrong = next((unfit[pair] for pair in pairs if pair in unfit), None)
            if wrong is not None:
                kind = next(f"{kind}s" for name, kind in pairs if (name, kind) in unfit)
                results[order] = unchecked(rule, _no(wrong, kind, self.table.rows))
            elif type(rule).__name__ in OF_ORDER:
                results[order] = unchecked(rule, "Spark reads rows in no order; use data.engine pandas")
            else:
                of_columns = type(rule).__name__.startswith("ExpectTableColumn")
                batches.setdefault((of_columns, pairs), {})[order] = self._spelled(rule, typed)
        for (of_columns, pairs), rules in batches.items():
            batch = _batch(typed if of_columns else self._seen(spark, typed, dict(pairs)))
            index = [] if of_columns else [ROW]
            for order, outcome in outcomes_of(batch, rules, index).items():
                results[order] = self._result(self.suite[order], outcome)
        return [results[order] for order in range(len(self.suite))]

    def _spelled(self, rule: "Expectation", typed: "DataFrame") -> "Expectation":
        """Return an expectation with its values as the table spells them, and Spark's names of types."""
        import pandas as pd

        name = type(rule).__name__
        if name in OF_TYPE:
            one, several = getattr(rule, "type_", None), getattr(rule, "type_list", None)
            changed = {"type_": TYPES.get(one, one)} if one else {}
            changed |= {"type_list": [TYPES.get(t, t) for t in several]} if several else {}
            return rule.copy(update=changed)
        column, values = getattr(rule, "column", None), getattr(rule, "value_set", None)
        if column in self.header and isinstance(values, list | set | tuple):
            words = self._words(typed, str(column), [str(value) for value in values])
            return as_seen(rule, pd.DataFrame({str(column): words}))[0]
        return as_seen(rule, self.header)[0]

    def _words(self, typed: "DataFrame", column: str, values: list[str]) -> "pd.Series[Any]":
        """Return those different cells of a column of text that may be one of some values."""
        import pandas as pd
        from pyspark.sql import functions as f

        if self.table.plan.kinds[column] != "text":
            return pd.Series([], dtype=self.header[column].dtype)
        cell = f.col("`" + column.replace("`", "``") + "`")
        alike = cell.rlike(f"(?U)^(?:{ANY_NUMBER.pattern})$") | cell.rlike("(?i)^(true|false)$")
        rows = typed.where(cell.isin(*values) | alike).select(cell).distinct().collect()
        return pd.Series(sorted(row[0] for row in rows), dtype="str")

    def _seen(self, spark: "SparkSession", typed: "DataFrame", kinds: dict[str, str]) -> "DataFrame":
        """Return the table with the rows' numbers, some columns as an expectation sees them."""
        from pyspark.sql import functions as f

        names = list(self.table.plan.kinds)
        if kinds:
            seen = spark.read.parquet(str(self.table.plan.folder / SEEN))
            columns = [f.col(f"`{kinds[n]} {n}`").alias(n) if n in kinds else f.col(f"`{n}`") for n in names]
            return seen.select(ROW, *columns)
        part = f.regexp_extract(f.col("_metadata.file_name"), r"(\d+)", 1).cast("long")
        number = part * self.table.plan.rows + f.col("_metadata.row_index") + FIRST_ROW
        return typed.select(number.alias(ROW), *(f.col(f"`{name}`") for name in names))

    def _result(self, rule: "Expectation", outcome: Any) -> Result:
        """Reduce Great Expectations' result: of a failing row, what stands in the typed table."""
        column = ", ".join(columns_of(rule))
        found = (outcome.result or {}).get("partial_unexpected_index_list") or []
        found = sorted(found, key=lambda cells: int(cells[ROW]))[:NAMED_ROWS]
        rows = [int(cells[ROW]) for cells in found]
        if column in self.header:
            values = self.table.cells(column, [row - FIRST_ROW for row in rows])
        else:
            values = [tuple(value for name, value in cells.items() if name != ROW) for cells in found]
        return result_of(rule, outcome, list(zip(rows, values, strict=True)))


def _no(cells: Unread, kind: str, rows: int) -> str:
    named = ", ".join(map(str, cells.rows[:NAMED])) + (" …" if cells.count > NAMED else "")
    return f"{cells.count} of {rows} cells are not {kind}: row {named}"


def _batch(frame: "DataFrame") -> Any:
    from .suite import great_expectations

    context = great_expectations().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_spark("spark").add_dataframe_asset("table")
    return asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})
