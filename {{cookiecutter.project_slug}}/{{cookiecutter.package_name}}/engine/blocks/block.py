"""What all blocks have in common."""

from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, model_validator


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
