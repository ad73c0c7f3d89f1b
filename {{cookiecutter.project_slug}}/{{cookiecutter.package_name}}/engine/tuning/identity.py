"""Which study a search belongs to: another space, other data or other code is another study."""

import hashlib
import json
from typing import Any

from ..base import git
from ..base.hashing import file_md5, path_md5
from ..base.paths import PARAMS, REQUIREMENTS, VALIDATED
from ..lineage.pipeline import WRITTEN_BY_DVC
from ..params import Params
from . import code
from .space import IN_PROCESS


def of_cross_validation(content: dict[str, Any], params: Params) -> str:
    """Return the name of the study of a search by cross-validation.

    Args:
        content: the content of params.yaml.
        params: the same, typed.
    """
    return _name(
        {
            "params": {name: content.get(name) for name in ("data", "split", *IN_PROCESS)},
            "metric": params.search_metric,
            "tune": params.tune.model_dump(mode="json", exclude={"metric", "trials"}),
            "files": [path_md5(path) for path in (VALIDATED, REQUIREMENTS)],
            "code": {name: file_md5(path) for name, path in code.modules(content).items()},
        }
    )


def of_pipeline(content: dict[str, Any]) -> str:
    """Return the name of the study of a search by runs of the pipeline.

    Args:
        content: the content of params.yaml.
    """
    excluded = [f":(exclude){path}" for path in (PARAMS, *WRITTEN_BY_DVC)]
    return _name(
        {
            "params": {
                name: block for name, block in content.items() if name not in ("drift", "serve", "tune")
            },
            "tune": {
                name: value for name, value in content["tune"].items() if name not in ("trials", "folds")
            },
            "code": [git.text("rev-parse", "HEAD"), git.text("diff", "HEAD", "--", ".", *excluded)],
        }
    )


def _name(content: dict[str, Any]) -> str:
    return f"tune-{hashlib.md5(json.dumps(content, default=str).encode()).hexdigest()[:8]}"
