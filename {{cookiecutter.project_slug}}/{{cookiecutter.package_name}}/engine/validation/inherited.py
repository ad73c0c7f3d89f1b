"""Giving Great Expectations' classes the fields of their base classes, faster than pydantic does."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic.v1.fields import ModelField


@contextmanager
def fields() -> Iterator[None]:
    """Within the block, a new class copies what may change in inherited fields, and shares the rest.

    Great Expectations makes several hundred classes with pydantic's first version, which copies everything
    that a field refers to, down to each type: this is a third of the time that the import takes.
    """
    from pydantic.v1 import main as pydantic
    from pydantic.v1.fields import ModelField

    main: Any = pydantic
    deep = main.smart_deepcopy

    def copied(value: Any) -> Any:
        if type(value) is dict and value and all(type(each) is ModelField for each in value.values()):
            return {name: _copy(field) for name, field in value.items()}
        return deep(value)

    main.smart_deepcopy = copied
    try:
        yield
    finally:
        main.smart_deepcopy = deep


def _copy(field: "ModelField") -> "ModelField":
    """Copy a field, and those of its parts that pydantic may change later."""
    new = copy(field)
    new.class_validators = {**field.class_validators}
    new.field_info = copy(field.field_info)
    new.field_info.extra = {**field.field_info.extra}
    new.sub_fields = field.sub_fields and [_copy(part) for part in field.sub_fields]
    new.key_field = field.key_field and _copy(field.key_field)
    return new
