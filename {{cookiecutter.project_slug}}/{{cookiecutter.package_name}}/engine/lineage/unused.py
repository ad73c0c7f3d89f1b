"""Parameters whose change has no effect, since they belong to a model type that is not in use."""

import os
from collections.abc import Mapping
from typing import Any

from ..base import git
from ..base.flat import flat
from ..base.paths import PARAMS
from ..base.yaml import read_yaml
from .committed import mapping


def changed_in_vain() -> list[str]:
    """Warn about blocks of `model` that were changed since the run's commit, but are not used.

    `dvc exp run -S model.random_forest.n_estimators=500` makes the same model if another type is set.

    Returns:
        A line for each block.
    """
    revision = os.environ.get("DVC_EXP_BASELINE_REV") or "HEAD"
    committed = git.text("show", f"{revision}:./{PARAMS.as_posix()}")
    if not committed or committed == PARAMS.read_text(encoding="utf-8").strip():
        return []
    before = mapping(committed.encode()).get("model", {})
    model = read_yaml(PARAMS)["model"]
    lines = []
    for block, values in model.items():
        if block == model.get("type") or not isinstance(values, Mapping) or block not in before:
            continue
        if changed := _changed(values, before[block]):
            names = ", ".join(f"model.{block}.{name}" for name in changed)
            lines.append(
                f"warning: {names}: changed, but model.type is {model.get('type')}, which does not read it; "
                f"`-S model.type={block}` uses it"
            )
    return lines


def _changed(now: Mapping[str, Any], before: Any) -> list[str]:
    was = flat(before) if isinstance(before, Mapping) else {}
    return [name for name, value in flat(now).items() if was.get(name) != value]
