"""The block `data`: which table, how its file is written, and what each column is."""

import codecs
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from ..base.text import repeated
from .block import Block


class Columns(Block):
    """The role of each column; for a column in no list, its cells decide (see `table.roles`)."""

    numeric: list[str] = Field(default=[])
    categorical: list[str] = Field(default=[])
    date: list[str] = Field(default=[])
    text: list[str] = Field(default=[])
    id: list[str] = Field(default=[])
    drop: list[str] = Field(default=[])

    @model_validator(mode="after")
    def _one_role_each(self) -> "Columns":
        names = [name for role in type(self).model_fields for name in getattr(self, role)]
        if twice := sorted(repeated(names)):
            raise ValueError(f"{', '.join(twice)}: a column has one role and is listed once")
        return self

    @property
    def features(self) -> list[str]:
        """The columns that the model uses, in the order in which its pipeline outputs them."""
        return [*self.numeric, *self.categorical, *self.date, *self.text]


class Format(Block):
    """How the file of the table is written, if not with commas, UTF-8 and decimal points.

    Attributes:
        separator: the separator of columns; a blank stands for any number of them.
        encoding: Python's name of the encoding.
        thousands: the character that groups the digits of a number.
        quote: the character around a cell that may hold a separator; None if there is none.
        skip_rows: how many lines there are before the header.
        sheet: the sheet of a workbook, by name or number; by default the first one.
    """

    separator: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    quote: Annotated[str, Field(min_length=1, max_length=1)] | None = '"'
    skip_rows: int = Field(default=0, ge=0)
    sheet: str | Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _can_be_read(self) -> "Format":
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise ValueError(
                f"no encoding is called {self.encoding!r}; utf-8, cp1252, utf-16 are some"
            ) from None
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}")
        return self


class Data(Block):
    """Which table, what to predict, what each column is and in which unit, and whether cells are shown.

    Attributes:
        engine: what validates the table: pandas, in memory, or Spark, part by part.
        missing: the words that stand for an empty cell, in any column.
        missing_in: such words for single columns.
        max_without_target: the share of rows that may lack a target.
        weight: the column with each row's weight when a model is fitted.
        units: the units of columns; the unit of a numeric column may stand in its cells.
        date_formats: the formats of date columns that are not in ISO 8601, as `strptime` has
            formats.
    """

    task: Literal["classification", "regression"]
    path: Path = Field(strict=False)
    target: str
    engine: Literal["pandas", "spark"] = "pandas"
    format: Format = Format()
    missing: list[str] = Field(default=[])
    missing_in: dict[str, list[str]] = Field(default={})
    max_without_target: float = Field(default=0.05, ge=0, le=1)
    weight: str | None = None
    columns: Columns = Columns()
    units: dict[str, str] = Field(default={})
    date_formats: dict[str, str] = Field(default={})
    show_values: bool = False

    @model_validator(mode="after")
    def _other_roles(self) -> "Data":
        for key, name in (("target", self.target), ("weight", self.weight)):
            for role in Columns.model_fields:
                if name in getattr(self.columns, role):
                    raise ValueError(f"the {key} {name!r} is also listed under columns.{role}")
        if self.weight == self.target:
            raise ValueError(f"{self.target!r} is both target and weight")
        return self

    @model_validator(mode="after")
    def _formats_are_of_dates(self) -> "Data":
        for name in self.date_formats:
            lists = [
                role
                for role in ("numeric", "categorical", "text", "id")
                if name in getattr(self.columns, role)
            ]
            if other := ["target"] if name == self.target else [f"in columns.{role}" for role in lists]:
                raise ValueError(f"date_formats has {name!r}, which is {other[0]} and so not a date")
        return self

    @field_validator("date_formats")
    @classmethod
    def _formats_are_formats(cls, formats: dict[str, str]) -> dict[str, str]:
        for name, format in formats.items():
            try:
                datetime.strptime(datetime(2024, 12, 31).strftime(format), format)
            except ValueError as error:
                raise ValueError(
                    f"{format!r} of {name!r} is not a format such as %d.%m.%Y ({error})"
                ) from None
        return formats

    @property
    def number_format(self) -> dict[str, Any]:
        """How numbers are written in cells of text: the arguments of `table.cells.as_numbers`."""
        return {"decimal": self.format.decimal, "thousands": self.format.thousands, "units": self.units}
