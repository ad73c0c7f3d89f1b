"""A class of pydantic's first version has fields of its own, whatever they share with those of its bases."""

from typing import ClassVar

import pytest
from penguins.engine.validation import inherited
from pydantic.v1 import BaseModel, Extra, Field, ValidationError, main, validator


class Base(BaseModel):
    column: str
    limit: int | float | None = Field(None, description="the most", unit="mm")
    tags: dict[str, list[int]] = {}
    next: "Later | None" = None

    @validator("column")
    @classmethod
    def is_a_name(cls, value: str) -> str:
        if not value.isidentifier():
            raise ValueError("no name")
        return value


class Plain(Base):
    class Config:
        fields: ClassVar = {"limit": {"alias": "max"}}

    @validator("limit")
    @classmethod
    def is_positive(cls, value: float) -> float:
        if value <= 0:
            raise ValueError("not positive")
        return value


deep = main.smart_deepcopy
with inherited.fields():

    class Quick(Base):
        class Config:
            fields: ClassVar = {"limit": {"alias": "max"}}
            extra = Extra.forbid

        @validator("limit", allow_reuse=True)
        @classmethod
        def is_positive(cls, value: float) -> float:
            if value <= 0:
                raise ValueError("not positive")
            return value


class Later(BaseModel):
    number: int


def test_it_is_as_pydantic_makes_it() -> None:
    for model in (Base, Plain, Quick):
        model.update_forward_refs(Later=Later)
    assert Quick.schema()["properties"] == Plain.schema()["properties"]
    assert Quick(column="a", max=2, tags={"b": [1]}, next={"number": 3}).dict() == {
        **Plain(column="a", max=2, tags={"b": [1]}, next={"number": 3}).dict(),
    }
    for wrong in ({"column": "1"}, {"column": "a", "max": 0}, {"column": "a", "tags": {"b": "c"}}):
        with pytest.raises(ValidationError) as plain:
            Plain(**wrong)
        with pytest.raises(ValidationError) as quick:
            Quick(**wrong)
        assert quick.value.errors() == plain.value.errors()


def test_its_base_is_as_it_was() -> None:
    assert Base.__fields__["limit"].alias == "limit"
    assert Base(column="a", limit=-1).limit == -1
    assert Quick.__fields__["limit"].field_info is not Base.__fields__["limit"].field_info
    assert main.smart_deepcopy is deep
    Quick(column="a").tags["b"] = [1]
    assert Quick(column="a").tags == Base(column="a").tags == {}
