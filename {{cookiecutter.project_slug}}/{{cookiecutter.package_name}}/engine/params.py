"""params.yaml, typed: the blocks that every project has.

It travels with a model, as `base.blocks` does.
"""

import codecs
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from .base.blocks import allowed_keys, validated
from .base.errors import UserError
from .base.paths import PARAMS

P = TypeVar("P", bound="Params")


class Block(BaseModel):
    """A block of params.yaml: nothing is converted, an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, values: Any) -> Any:
        """Take a key whose lines are all commented out as if it were not there, unless it may be null."""
        if not isinstance(values, dict):
            return values
        optional = {
            field.alias or name
            for name, field in cls.model_fields.items()
            if not field.is_required() and type(None) not in get_args(field.annotation)
        }
        return {key: value for key, value in values.items() if value is not None or key not in optional}


class Columns(Block):
    """The role of each column; that of a column in no list is decided by its cells (see `table.roles`)."""

    numeric: list[str] = []
    categorical: list[str] = []
    date: list[str] = []
    text: list[str] = []
    id: list[str] = []
    drop: list[str] = []

    @model_validator(mode="after")
    def _one_role_each(self) -> "Columns":
        names = [name for role in type(self).model_fields for name in getattr(self, role)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)}: a column has one role and is listed once")
        return self

    @property
    def features(self) -> list[str]:
        """The columns that the model uses, in the order in which its pipeline puts them out."""
        return [*self.numeric, *self.categorical, *self.date, *self.text]


class Format(Block):
    """How the file of the table is written, where it is other than comma, UTF-8 and a decimal point.

    Attributes:
        separator: of columns; a blank stands for any number of them.
        encoding: by Python's name for it.
        thousands: what groups the digits of a number.
        skip_rows: lines before the header.
        sheet: of a workbook, by name or number; the first one otherwise.
    """

    separator: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Annotated[str, Field(min_length=1, max_length=1)] | None = None
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
        missing: the words that stand for an empty cell, in any column.
        missing_in: those of single columns.
        max_without_target: the share of rows that may lack a target.
        weight: the column with each row's weight when a model is fitted.
        units: of columns; one of a numeric column may stand in its cells.
        date_formats: of columns of dates in another format than ISO 8601, as `strptime` has formats.
    """

    task: Literal["classification", "regression"]
    path: Path = Field(strict=False)
    target: str
    format: Format = Format()
    missing: list[str] = []
    missing_in: dict[str, list[str]] = {}
    max_without_target: float = Field(default=0.05, ge=0, le=1)
    weight: str | None = None
    columns: Columns = Columns()
    units: dict[str, str] = {}
    date_formats: dict[str, str] = {}
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
                raise ValueError(f"date_formats has {name!r}, which is {other[0]} and so no date")
        return self

    @field_validator("date_formats")
    @classmethod
    def _formats_are_formats(cls, formats: dict[str, str]) -> dict[str, str]:
        for name, format in formats.items():
            try:
                datetime.strptime(datetime(2024, 12, 31).strftime(format), format)
            except ValueError as error:
                raise ValueError(f"{format!r} of {name!r} is no format such as %d.%m.%Y ({error})") from None
        return formats

    @property
    def number_format(self) -> dict[str, Any]:
        """How numbers are written in cells of text: the arguments of `table.cells.as_numbers`."""
        return {"decimal": self.format.decimal, "thousands": self.format.thousands, "units": self.units}


class Split(Block):
    """Which rows the model never sees; the rules are in `split.rule` and `split.latest`."""

    test_fraction: float = Field(gt=0, lt=1)
    seed: int = Field(ge=0, le=2**32 - 1)
    stratify: str | None = None
    groups: list[str] = []
    time: str | None = None
    gap: float = Field(default=0.0, ge=0)

    @field_validator("groups")
    @classmethod
    def _groups_differ(cls, groups: list[str], info: ValidationInfo) -> list[str]:
        if len(set(groups)) < len(groups):
            raise ValueError(f"a column is listed twice among {', '.join(groups)}")
        if groups == [info.data.get("stratify")]:
            raise ValueError(
                f"each group would be a stratum of its own, since stratify is {groups[0]!r}, too"
            )
        return groups

    @field_validator("time")
    @classmethod
    def _time_alone(cls, time: str | None, info: ValidationInfo) -> str | None:
        if time is None:
            return None
        if stratify := info.data.get("stratify"):
            raise ValueError(
                f"the test rows are the latest ones, whatever their {stratify!r}; set stratify to null"
            )
        if groups := info.data.get("groups"):
            raise ValueError(
                f"the rows of a group ({', '.join(groups)}) are of many times; keep `groups` to predict for "
                "new groups, or `time` to predict what comes later"
            )
        return time

    @field_validator("gap")
    @classmethod
    def _gap_in_time(cls, gap: float, info: ValidationInfo) -> float:
        if gap and info.data.get("time", "a mistake") is None:
            raise ValueError("it is time before the test rows, so it needs split.time")
        return gap

    def columns(self) -> list[tuple[tuple[str | int, ...], str]]:
        """List the columns that it names, with where in params.yaml."""
        one = [(("split", key), getattr(self, key)) for key in ("stratify", "time")]
        several = [(("split", "groups", number), name) for number, name in enumerate(self.groups)]
        return [*((key, name) for key, name in one if name is not None), *several]


class Model(Block):
    """The model type in use, a block of parameters for each type, and where two classes are divided.

    Attributes:
        threshold: the probability from which the rarer of two classes is predicted, or the metric by which
            that is chosen; None: the likelier one is.
    """

    model_config = ConfigDict(extra="allow")

    type: str
    threshold: float | str | None = None
    __pydantic_extra__: dict[str, dict[str, Any]]

    @field_validator("threshold", mode="before")
    @classmethod
    def _probability_or_metric(cls, threshold: Any) -> Any:
        if threshold is None:
            return None
        is_number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
        if not isinstance(threshold, str) and not (is_number and 0 < threshold < 1):
            raise ValueError(f"needs a number between 0 and 1, or the name of a metric; got {threshold!r}")
        return threshold

    @model_validator(mode="before")
    @classmethod
    def _empty_block(cls, values: Any) -> Any:
        """Take a type without parameters as one whose parameters have their defaults."""
        if not isinstance(values, dict):
            return values
        return {k: {} if v is None and k not in cls.model_fields else v for k, v in values.items()}

    @property
    def blocks(self) -> dict[str, dict[str, Any]]:
        """The parameters of every type that has a block."""
        return self.__pydantic_extra__

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the type in use; none if it has no block."""
        return self.blocks.get(self.type, {})


class Evaluate(Block):
    """The metric that compares models, and the columns whose groups are judged apart."""

    primary_metric: str
    groups: list[str] = []

    @model_validator(mode="after")
    def _groups_differ(self) -> "Evaluate":
        if len(set(self.groups)) < len(self.groups):
            raise ValueError(f"a column is listed twice among the groups {', '.join(self.groups)}")
        return self


class Threshold(Block):
    """The least and the greatest value of a metric that may be registered."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _bounds(self) -> "Threshold":
        if self.min is None and self.max is None:
            raise ValueError("give min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is greater than max {self.max:g}: no model can meet both")
        return self


class Register(Block):
    """The registered model's name, and the gates that a model must pass; None or an empty one is off."""

    name: Annotated[str, Field(min_length=1, pattern=r"^[^/:'\s]+$")]
    min_skill: float | None = 0.1
    max_group_gap: dict[str, Annotated[float, Field(ge=0)]] = {}
    thresholds: dict[str, Threshold] = {}
    group_thresholds: dict[str, Threshold] = {}
    max_spread: dict[str, Annotated[float, Field(ge=0)]] = {}
    min_group_rows: int = Field(default=1, ge=1)
    min_improvement: float | None = None
    max_latency_ms: Annotated[float, Field(gt=0)] | None = None


class Tune(Block):
    """The search that `tune` makes; its space is read in `tuning.space`."""

    trials: int = Field(default=40, ge=1)
    folds: int = Field(default=5, ge=2)
    seed: int = Field(default=42, ge=0, le=2**31)
    space: dict[str, Any] = {}


class Params(Block):
    """The whole of params.yaml, but for the blocks that a project adds: see the project's own params.py."""

    data: Data
    split: Split
    model: Model
    evaluate: Evaluate
    register_: Register = Field(alias="register")
    tune: Tune = Tune()

    @field_validator("split")
    @classmethod
    def _target_divides_nothing(cls, split: Split, info: ValidationInfo) -> Split:
        data = info.data.get("data")  # None if the block has mistakes of its own
        if data is not None and data.target in (*split.groups, split.time):
            raise ValueError(f"the target {data.target!r} is also listed under groups or time")
        return split


def read_params(params: type[P]) -> P:
    """Read params.yaml in the current folder.

    Args:
        params: the project's own class.

    Raises:
        UserError: a line for every mistake: a typo, a wrong type or value, a key given twice.
    """
    from .base.yaml import read_yaml

    content = read_yaml(PARAMS)
    if not isinstance(content, dict):
        raise UserError(f"{PARAMS}:1: needs the blocks {', '.join(allowed_keys((), params))}")
    return validated(params, content)
