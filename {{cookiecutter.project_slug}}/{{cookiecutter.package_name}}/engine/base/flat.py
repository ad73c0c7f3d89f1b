"""Values in nested blocks, by the dotted names that DVC uses for parameters."""

from collections.abc import Mapping
from typing import Any


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Flatten nested blocks as DVC does: `{"a": {"b": 1}}` to `{"a.b": 1}`; an empty block is a value."""
    by_name: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            by_name |= flat(value, f"{prefix}{name}.")
        else:
            by_name[f"{prefix}{name}"] = value
    return by_name


def value_at(content: Any, name: str) -> Any:
    """Return the value at a name such as `model.type`; None if there is none."""
    for part in name.split("."):
        content = content.get(part) if isinstance(content, dict) else None
    return content
