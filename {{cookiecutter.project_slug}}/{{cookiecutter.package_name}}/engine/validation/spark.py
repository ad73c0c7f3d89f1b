"""A table in parts, typed and checked by Spark, with Great Expectations' own engine for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from ..base import progress
from ..blocks.checking import params_error
from ..table.description import Description
from ..table.in_parts import KEY, InParts
from ..table.part import type_part
from ..table.plan import TYPED, Part, Unread
from ..table.roles import ROLES, Role, keep
from ..table.validated import MADE_OF, made_of
from .numbers import unread_result
from .profile import SAMPLE, Profile
from .result import Result
from .spark_columns import normalized, profiles, target_values
from .spark_rules import Rules
from .spark_session import session, why_failed

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Checked:
    """What is known about a table in parts once it is typed.

    Attributes:
        raw: what the file holds.
        profiles: the profiles of the typed columns.
        sample: some of the typed rows, from all over the table.
        target: the different values of the target.
        cells: how many raw cells of the target hold something.
    """

    raw: Description
    profiles: Mapping[str, Profile]
    sample: "pd.DataFrame"
    target: list[Any]
    cells: int


def check(table: InParts, suite: "list[Expectation]") -> list[Result]:
    """Type the parts of a table, and check that its numbers are numbers and that it meets the expectations.

    Args:
        table: the table, whose `checked` is set to what is then known.
        suite: from `load_suite`.
    """
    with progress.working(f"starting Spark for {table.rows:,} rows"):
        spark = session()
    rules = Rules.of(suite, table)
    with progress.working(f"typing {table.rows:,} rows"):
        table.plan = replace(
            table.plan,
            normalized=table.plan.normalized | normalized(spark, table),
            attributes=_attributes(table),
            step=-(-table.rows // SAMPLE) or 1,
            seen=rules.seen,
        )
        parts = _type(spark, table)
    with progress.working(f"checking {table.rows:,} rows"):
        unfit = _together(*(part.unfit for part in parts))
        results = [*_unread(parts, table), *rules.check(spark, unfit)]
    table.checked = _checked(spark, table, parts)
    return results


def _attributes(table: InParts) -> dict[str, Any]:
    """Return what the validated table says about itself."""
    import pandas as pd

    kept = pd.DataFrame()
    keep(kept, [Role(role.name, role.role) for role in table.roles])
    return {MADE_OF: made_of(table.data), ROLES: kept.attrs[ROLES]}


def _type(spark: "SparkSession", table: InParts) -> list[Part]:
    """Have the workers type the parts, a task for each.

    Raises:
        UserError: they cannot do it.
    """
    numbers = spark.sparkContext.parallelize(range(table.parts), table.parts)
    try:
        parts: list[Part] = numbers.map(partial(type_part, table.plan)).collect()
    except Exception as error:  # a worker may lack a library, or the project's folder
        raise params_error(KEY, f"spark could not type the table: {why_failed(error)}") from None
    return parts


def _unread(parts: list[Part], table: InParts) -> list[Result]:
    """Name the cells in columns of numbers or dates that hold something else."""
    unread = _together(*(part.unread for part in parts))
    kinds = {"number": "finite numbers", "date": "dates"}
    return [
        unread_result(name, kinds[kind], table.rows, unread[name])
        for name, kind in table.plan.kinds.items()
        if name in unread
    ]


def _together(*parts: Mapping[Any, Unread]) -> dict[Any, Unread]:
    """Add up what could not be read in each part."""
    names = {name for part in parts for name in part}
    return {name: reduce(Unread.and_more, [part[name] for part in parts if name in part]) for name in names}


def _checked(spark: "SparkSession", table: InParts, parts: list[Part]) -> Checked:
    types: dict[str, str] = {}
    for part in parts:
        for name, type_ in part.types.items():
            types[name] = type_ if types.get(name, type_) == type_ else "string"
    complete = frozenset(types) - {name for part in parts for name in part.gaps}
    sample = table.sample()
    typed = spark.read.parquet(str(table.plan.folder / TYPED))
    found = profiles(typed, table, sample)
    return Checked(
        Description(table.rows, types, complete),
        found,
        sample,
        target_values(typed, table, found),
        sum(part.present[table.data.target] for part in parts),
    )
