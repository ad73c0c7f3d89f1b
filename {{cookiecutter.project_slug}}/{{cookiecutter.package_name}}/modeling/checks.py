"""The parameters, checked as far as they can be before any work."""

import hashlib
from pathlib import Path

from ..params import Params, load_params
from ..paths import PARAMS
from ..yamlfile import read_yaml
from .estimators import check_model
from .metrics import check_metrics

LOCK, REQUIREMENTS = Path("dvc.lock"), Path("requirements.txt")


def load_checked_params() -> Params:
    """Read params.yaml and check that its model and its metrics are ones that there are.

    Raises:
        UserError: a line for every mistake that could be found.
    """
    params = load_params()
    check_metrics(params)
    if not _has_been_fitted():
        check_model(params.model)  # which imports scikit-learn, a second that some stages otherwise spare
    return params


def _has_been_fitted() -> bool:
    """Tell whether dvc.lock has it that this very model was fitted, with these libraries."""
    if not (LOCK.is_file() and REQUIREMENTS.is_file()):
        return False
    train = read_yaml(LOCK).get("stages", {}).get("train", {})
    fitted = train.get("params", {}).get(PARAMS.name, {}).get("model")
    libraries = [dep.get("md5") for dep in train.get("deps", []) if dep["path"] == REQUIREMENTS.name]
    now = hashlib.md5(REQUIREMENTS.read_bytes()).hexdigest()
    return bool(fitted == read_yaml(PARAMS)["model"] and libraries == [now])
