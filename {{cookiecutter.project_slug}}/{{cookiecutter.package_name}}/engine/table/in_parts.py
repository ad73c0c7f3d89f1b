"""The raw table, written to files of some rows each for Spark, which reads them in any order."""

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..blocks.checking import params_error
from ..params import Data, Params
from .files import JSON, WORKBOOKS
from .kinds import Kinds, ready
from .lines import ending
from .parts import read_tables
from .plan import SAMPLED, SEEN, STAGED, TYPED, Plan
from .roles import Role, declared_role

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

KEY = ("data", "engine")
REQUIREMENT = "pyspark>=4,<4.2"
FOLDER = Path(".dvc/tmp/spark")  # DVC and git ignore it


@dataclass
class InParts:
    """A raw table in parts, in a folder that `FOLDER` names.

    Attributes:
        data: how it was read.
        plan: the kind of each column.
        rows: how many rows there are.
        parts: how many files they are in.
        texts: the columns of text in them; all words of a column decide how they are written.
        roles: the roles of the columns.
        checked: what is known once it is typed and checked: a `validation.spark.Checked`.
    """

    data: Data
    plan: Plan
    rows: int
    parts: int
    texts: list[str]
    roles: list[Role]
    checked: Any = None

    def header(self) -> "pd.DataFrame":
        """Return the typed columns without rows."""
        import pandas as pd

        types = {"number": "float64", "date": "datetime64[us]", "text": "str"}
        return pd.DataFrame({name: pd.Series(dtype=types[kind]) for name, kind in self.plan.kinds.items()})

    def sample(self) -> "pd.DataFrame":
        """Return a sample of the typed rows, at the steps that the plan gives."""
        import pandas as pd

        numbers = range(self.parts)
        return pd.concat([pd.read_parquet(self.plan.path(SAMPLED, n)) for n in numbers], ignore_index=True)

    def move(self, path: Path) -> None:
        """Move the typed parts to a folder, and delete the others."""
        shutil.move(self.plan.folder / TYPED, path)
        for kind in (STAGED, SEEN, SAMPLED):
            shutil.rmtree(self.plan.folder / kind)

    def cells(self, column: str, rows: list[int]) -> list[Any]:
        """Return the cells in some rows of a typed column, counted from 0."""
        import pandas as pd

        parts = {
            number: pd.read_parquet(self.plan.path(TYPED, number), columns=[column])[column]
            for number in {row // self.plan.rows for row in rows}
        }
        return [parts[row // self.plan.rows].iloc[row % self.plan.rows] for row in rows]


def check_spark() -> None:
    """Check that Spark is installed, before any work.

    Raises:
        UserError: it is not installed; says what to install.
    """
    if find_spec("pyspark") is None:
        how = f'`uv pip install -c requirements-dev.txt "{REQUIREMENT}"`'
        raise params_error(KEY, f"spark needs pyspark, which is not installed: {how}, the extra `spark`")
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        raise params_error(KEY, "spark needs Java 17 or newer: install it, or set JAVA_HOME to where it is")


def lay_out(params: Params) -> InParts:
    """Read the raw table and write it in parts, with only one part in memory.

    Raises:
        ValueError: it cannot be read.
    """
    import pyarrow as pa
    from pyarrow import parquet

    data = params.data
    plan = Plan(FOLDER.resolve(), data, ending(data.path) not in (".parquet", *WORKBOOKS, *JSON), {})
    shutil.rmtree(plan.folder, ignore_errors=True)
    for kind in (STAGED, TYPED, SEEN, SAMPLED):
        (plan.folder / kind).mkdir(parents=True)
    rows, parts, kinds = 0, 0, Kinds(data, plan.is_text)
    for part in _of_rows(read_tables(data), plan.rows):
        kinds.look(part)
        columns = {name: ready(part.column(name), name, data) for name in part.column_names}
        parquet.write_table(pa.table(columns), plan.path(STAGED, parts))
        rows, parts = rows + part.num_rows, parts + 1
    texts = [name for name, kind in kinds.all.items() if kind == "text"]
    numbers = frozenset(name for name in texts if name not in kinds.strings | kinds.others)
    plan = replace(plan, kinds=kinds.all, normalized=numbers)
    roles = [declared_role(name, data) or Role(name, "drop") for name in plan.kinds]
    return InParts(data, plan, rows, parts, [name for name in texts if name in kinds.strings], roles)


def check_roles(names: list[str], data: Data) -> None:
    """Check that every column has a role, which cannot be inferred from one part of a column.

    Raises:
        UserError: some columns have none.
    """
    if unlisted := [name for name in names if declared_role(name, data) is None]:
        listed = ", ".join(unlisted)
        message = (
            f"data.engine spark infers no role, and no list has {listed}: put each into one of the lists"
        )
        raise params_error(("data", "columns"), message)


def _of_rows(tables: "Iterable[pa.Table]", rows: int) -> "Iterator[pa.Table]":
    """Divide tables again, so that each except the last one has the same number of rows."""
    import pyarrow as pa

    waiting: list[pa.Table] = []
    count = 0
    for table in tables:
        waiting.append(table)
        count += table.num_rows
        while count >= rows:
            whole = pa.concat_tables(waiting)
            yield whole.slice(0, rows)
            waiting, count = [whole.slice(rows)], count - rows
    if count:
        yield pa.concat_tables(waiting)
