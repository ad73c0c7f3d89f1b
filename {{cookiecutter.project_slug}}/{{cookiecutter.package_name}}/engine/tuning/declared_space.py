"""`tune.space` in params.yaml, read and checked before any trial."""

from collections.abc import Iterator
from typing import Any

from .. import project
from ..base.errors import UserError, first_line
from ..blocks.checking import params_error, validated
from ..fitting.estimators import check_model
from ..params import Params
from .domain import Domain
from .space import IN_PROCESS, TYPE, Dimension, Key, Space, with_values


def load_space(
    content: dict[str, Any], params: Params, allowed: tuple[str, ...] | None = IN_PROCESS
) -> Space:
    """Read and check `tune.space`.

    Args:
        content: the content of params.yaml.
        params: the same, typed.
        allowed: the blocks whose parameters may be searched; None: all.

    Raises:
        UserError: nothing is declared, or a parameter is unknown, does not take a value, or has no domain; a
            line for each mistake.
    """
    if not params.tune.space:
        raise params_error(
            ("tune",),
            f"nothing to search; add `tune:`, under it `space:`, `model:` and `{params.model.type}:`, "
            "and then for example `PARAMETER: {float: [0.01, 1.0], log: true}`",
        )
    space = Space(content, list(_dimensions(params.tune.space, ())))
    errors = [str(e) for d in space.dimensions for e in _errors(d, space, params, allowed)]
    if errors:
        raise UserError("\n".join(errors))
    return space


def _dimensions(node: dict[str, Any], path: Key) -> Iterator[Dimension]:
    """Walk down the declared space to its domains."""
    for name, child in node.items():
        key = (*path, str(name))
        if not isinstance(child, dict) or not child or {"float", "int", "choice"} & child.keys():
            yield Dimension(key, validated(Domain, child, ("tune", "space", *key)))
        else:
            yield from _dimensions(child, key)


def _errors(
    dimension: Dimension, space: Space, params: Params, allowed: tuple[str, ...] | None
) -> Iterator[UserError]:
    """Yield the first mistake in a dimension, if there is one."""
    path, place = dimension.path, ("tune", "space", *dimension.path)
    if allowed is not None and path[0] not in allowed:
        yield params_error(place[:3], f"only {' and '.join(allowed)} are searched without --queue")
        return
    model_type = dimension.model_type
    types = (dimension.domain.choice or []) if path == TYPE else [model_type] if model_type else []
    for name in types:
        if str(name) not in params.model.blocks:
            yield params_error(place, f"the type {name!r} has no block under `model`; add one")
            return
    for value in dimension.domain.representatives:
        values = {path: value, **({TYPE: model_type} if model_type else {})}
        try:
            changed = validated(project.params_type(), with_values(space.content, values))
            if path[0] == "model":
                check_model(changed)
        except UserError as error:  # names the place of the value; the mistake is in that of the space
            yield params_error(place, first_line(error).split(": ", 2)[-1])
            return
