"""The parameters, checked as far as they can be before any work."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .. import console
from ..params import Params, load_params
from ..paths import PARAMS
from ..yamlfile import read_block, read_yaml
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


def check_beside(params: Params) -> Callable[[], None]:
    """Check parameters as `load_checked_params` does, but the model by a process of its own.

    To import scikit-learn takes a second. A stage that needs it for nothing else leaves it to another
    processor, and goes on.

    Returns:
        What is to be called before anything is recorded: it waits for that process, and raises.

    Raises:
        UserError: as `load_checked_params`, now or when that is called.
    """
    check_metrics(params)
    if _has_been_fitted():
        return lambda: None
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen([sys.executable, "-m", __name__], stdout=nowhere, stderr=nowhere)

    def finish() -> None:
        if process.wait():  # whatever the reason was, here it becomes an error of this process
            check_model(params.model)

    return finish


def _has_been_fitted() -> bool:
    """Tell whether dvc.lock has it that this very model was fitted, with these libraries."""
    if not (LOCK.is_file() and REQUIREMENTS.is_file()):
        return False
    train = read_block(LOCK)["stages"].get("train", {})
    fitted = train.get("params", {}).get(PARAMS.name, {}).get("model")
    libraries = [dep.get("md5") for dep in train.get("deps", []) if dep["path"] == REQUIREMENTS.name]
    now = hashlib.md5(REQUIREMENTS.read_bytes()).hexdigest()
    return bool(fitted == read_yaml(PARAMS)["model"] and libraries == [now])


if __name__ == "__main__":
    console.prepare()
    console.run(lambda: check_model(load_params().model))
