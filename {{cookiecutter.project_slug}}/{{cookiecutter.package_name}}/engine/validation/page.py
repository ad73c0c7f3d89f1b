"""What validation found, as counts for programs and as a page for people."""

import html
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

STYLE = """
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; vertical-align: top; padding: .5rem .75rem; border-bottom: 1px solid #d8dee6 }
  .passed { color: #1a7f37 } .critical { color: #b42318 } .warning { color: #9a6700 }
  small { color: #566171 }
"""


@dataclass(frozen=True)
class Result:
    """What one rule found.

    Attributes:
        rows: the numbers of up to twenty failing rows, in the file with the header as 1.
        values: what stands in each of them; none if it is not to be told.
        observed: what the column has, where no single row is to blame; empty if it is not to be told.
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
        """Name column, rule and rows in a line."""
        more = f" and {self.failed - 5} more" if self.failed > 5 and self.rows else ""
        finding = self.note or self.observed or ", ".join(self.named(" ({})")[:5]) + more or "does not hold"
        return f"{self.column or 'table'}: {self.rule}: {finding}"

    def named(self, form: str) -> list[str]:
        """Name each of the rows, and its value in the given form."""
        if not self.values:
            return [f"row {row}" for row in self.rows]
        return [f"row {row}{form.format(v)}" for row, v in zip(self.rows, self.values, strict=True)]

    def without_values(self) -> "Result":
        """Tell how many rows fail, and which, but nothing of what stands in them."""
        return replace(self, values=[], observed="")


def failures(results: list[Result], severity: str) -> list[Result]:
    """Return the failed results of one severity."""
    return [result for result in results if not result.passed and result.severity == severity]


def counts(rows: int, columns: int, results: list[Result]) -> dict[str, Any]:
    """Reduce the results to counts that are the same whenever the data are the same."""
    return {
        "rows": rows,
        "columns": columns,
        "expectations": len(results),
        "passed": sum(result.passed for result in results),
        **{f"failed_{level}": len(failures(results, level)) for level in ("critical", "warning", "info")},
        "failed": [asdict(result) for result in results if not result.passed],
    }


def page(title: str, results: list[Result], facts: Mapping[str, str] | None = None) -> str:
    """Write the results as one HTML page that needs nothing else, neither network nor files.

    Args:
        title: of the page.
        results: one for each expectation.
        facts: what else there is to say of the table, each by its name.
    """
    failed = [result for result in results if not result.passed]
    verdict = f"{len(results) - len(failed)} of {len(results)} expectations hold"
    paragraphs = "".join(
        f"<p>{html.escape(f'{name}: {fact}')}.</p>\n" for name, fact in (facts or {}).items()
    )
    body = "".join(_row(result) for result in [*failed, *(r for r in results if r.passed)])
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{html.escape(title)}</title>
<style>{STYLE}</style>
<h1>{html.escape(title)}</h1>
<p>{verdict}.</p>
{paragraphs}<table>
<tr><th>Verdict<th>Column<th>Rule<th>Rows that fail</tr>
{body}</table>
</html>
"""


def _row(result: Result) -> str:
    verdict = "passed" if result.passed else result.severity
    finding = html.escape(result.note or result.observed)
    if result.failed and result.rows:
        rows = html.escape(", ".join(result.named(": {}")))
        finding = f"{result.failed} of {result.total}<br><small>{rows}</small>"
    column, rule = map(html.escape, (result.column or "table", result.rule))
    return f'<tr><td class="{verdict}">{verdict}<td>{column}<td>{rule}<td>{finding}</tr>\n'
