"""What a rule found; and the results of all rules as counts, for programs."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

MISSING = "(missing)"  # what is shown for an empty cell


@dataclass(frozen=True)
class Result:
    """What one rule found.

    Attributes:
        rows: the numbers of up to twenty failing rows in the file, where the header is row 1.
        values: the content of each of these cells; empty if it must not be shown.
        observed: what the column has, if no single row is to blame; empty if it must not be shown.
        note: what the table has, or why the rule could not be checked.
    """

    rule: str
    column: str
    severity: str
    passed: bool
    failed: int
    total: int
    rows: list[int] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    observed: str = ""
    note: str = ""

    def __str__(self) -> str:
        """Name the column, the rule and the rows in a line."""
        more = f" and {self.failed - 5} more" if self.failed > 5 and self.rows else ""
        finding = self.note or self.observed or ", ".join(self.named(" ({})")[:5]) + more or "does not hold"
        return f"{self.column or 'table'}: {self.rule}: {finding}"

    def named(self, form: str) -> list[str]:
        """Name each of the rows, and its value in the given form."""
        if not self.values:
            return [f"row {row}" for row in self.rows]
        return [f"row {row}{form.format(v)}" for row, v in zip(self.rows, self.values, strict=True)]

    def without_values(self) -> "Result":
        """Return the result with the number of failing rows and which they are, but not their content."""
        return replace(self, values=[], observed="")


def failures(results: list[Result], severity: str) -> list[Result]:
    """Return the failed results of one severity."""
    return [result for result in results if not result.passed and result.severity == severity]


def counts(rows: int, columns: int, results: list[Result]) -> dict[str, Any]:
    """Reduce the results to counts that are the same whenever the data is the same."""
    return {
        "rows": rows,
        "columns": columns,
        "expectations": len(results),
        "passed": sum(result.passed for result in results),
        **{f"failed_{level}": len(failures(results, level)) for level in ("critical", "warning", "info")},
        "failed": [asdict(result) for result in results if not result.passed],
    }
