"""A block of YAML, checked against its type: each mistake is one line with file, line and what is allowed.

This module is saved with a model if one of the model's steps imports it. Where that model is loaded, there
may be no library for YAML, so only the functions that read a file import it.
"""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..base.errors import UserError
from ..base.paths import PARAMS

# pydantic's messages for these speak of Python
NEEDS = {
    "dict_type": "a block of keys",
    "model_type": "a block of keys",
    "list_type": "a list",
    "path_type": "a path",
    "string_type": "text (in quotes, if it looks like something else)",
}
CHOICES = {"task": ": classification or regression"}  # a project from before the engine lacks this key


B = TypeVar("B", bound=BaseModel)


def validated(block: type[B], content: Any, at: tuple[str | int, ...] = ()) -> B:
    """Check the content of a block against its type.

    Args:
        block: the type.
        content: the block, as it was read.
        at: the keys that lead to it in params.yaml.

    Raises:
        UserError: there are mistakes; the message has a line for each.
    """
    try:
        return block.model_validate(content)
    except ValidationError as error:
        raise UserError("\n".join(_explain(dict(item), block, at) for item in error.errors())) from None


def params_error(key: tuple[str | int, ...], message: str) -> UserError:
    """Make the error for one key of params.yaml, e.g. `("model", "type")`."""
    from ..base.yaml import line_of

    where = ".".join(str(part) for part in key if part != "")
    return UserError(f"{PARAMS}:{line_of(PARAMS, key)}: {where}: {message}")


def _explain(error: dict[str, Any], block: type[BaseModel], at: tuple[str | int, ...]) -> str:
    """Turn one of pydantic's errors into a line."""
    from ..base.yaml import nearest

    key, message = (*at, *error["loc"]), str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = f"unknown key; {nearest(str(key[-1]), allowed_keys(key[len(at) : -1], block))}"
    elif error["type"] == "missing":
        message = f"missing; this block needs {key[-1]!r}{CHOICES.get(str(key[-1]), '')}"
    elif error["type"] in NEEDS and (key[0] != "model" or len(key) != 2):
        message = f"needs {NEEDS[error['type']]}; got {error['input']!r}"
    elif error["type"] in NEEDS:
        message = f"neither 'type' nor a block of parameters of a model type; got {error['input']!r}"
    elif error["type"] != "value_error":
        message = f"{message[0].lower()}{message[1:]}; got {error['input']!r}"
    return str(params_error(key, message))


def allowed_keys(key: tuple[str | int, ...], block: Any) -> list[str]:
    """List the keys that a block may have.

    Args:
        key: the keys that lead to it in an outer block.
        block: the type of the outer block.
    """
    for part in key:
        field = next(f for name, f in block.model_fields.items() if (f.alias or name) == part)
        block = field.annotation
        if part in ("thresholds", "group_thresholds"):
            return ["min", "max"]
    return [field.alias or name for name, field in block.model_fields.items()]
