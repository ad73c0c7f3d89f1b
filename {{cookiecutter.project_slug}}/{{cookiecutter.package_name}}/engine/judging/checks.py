"""Checking the parameters, as far as that is possible before any work."""

from .. import project
from ..base import ahead, elsewhere, process
from ..base.flat import value_at
from ..base.hashing import file_md5
from ..base.paths import LOCK, PARAMS, REQUIREMENTS
from ..base.yaml import nearest, read_block, read_yaml
from ..blocks.checking import params_error
from ..fitting.estimators import check_model
from ..params import Params
from ..project import load_params


def load_checked_params() -> Params:
    """Read params.yaml and check it.

    Raises:
        UserError: a line for every mistake.
    """
    params = load_params()
    check(params)
    return params


def begin_to_check(params: Params) -> None:
    """Begin to check parameters, for a later `check` of equal ones; a process of its own checks the model.

    Importing scikit-learn takes a second. A stage that needs it for nothing else leaves this to another
    processor, and goes on.

    Raises:
        UserError: for the same reasons as `check`, now or when that is called.
    """
    check_metrics(params)
    if _has_been_fitted():
        return
    exit_code = elsewhere.start(__name__)

    def finish() -> None:
        if exit_code():  # whatever the reason was, checking again here raises it in this process
            check_model(params)

    ahead.begin(_key(params), finish)


def check(params: Params) -> None:
    """Check that the model type and the metrics exist.

    Raises:
        UserError: a line for every mistake.
    """
    check_metrics(params)
    if not _has_been_fitted():
        ahead.take(_key(params), lambda: check_model(params))


def check_metrics(params: Params) -> None:
    """Check the metrics that params.yaml names.

    Raises:
        UserError: there is no such metric, or there are no groups to measure it in.
    """
    known = list(project.greater_is_better())
    named: list[tuple[tuple[str | int, ...], str]]
    named = [(("evaluate", "primary_metric"), params.evaluate.primary_metric)]
    if params.tune.metric is not None:
        named.append((("tune", "metric"), params.tune.metric))
    by_group = ("group_thresholds", "max_spread")
    for gate in ("thresholds", "max_group_gap", *by_group):
        named += [(("register", gate, name), name) for name in getattr(params.register_, gate)]
        if gate in by_group and getattr(params.register_, gate) and not params.evaluate.groups:
            raise params_error(("register", gate), "there are no groups; list columns under evaluate.groups")
    for key, name in named:
        if name not in known:
            raise params_error(key, f"no such metric {name!r}; {nearest(name, known)}")


def _key(params: Params) -> tuple[str, str]:
    return "check", params.model_dump_json()


def _has_been_fitted() -> bool:
    """Tell whether dvc.lock says that this very model was fitted, with these libraries."""
    if not (LOCK.is_file() and REQUIREMENTS.is_file()):
        return False
    train = read_block(LOCK)["stages"].get("train", {})
    fitted = train.get("params", {}).get(PARAMS.name, {})
    now = read_yaml(PARAMS)
    same = fitted.get("model") == now["model"] and value_at(fitted, "data.task") == value_at(now, "data.task")
    libraries = [dep.get("md5") for dep in train.get("deps", []) if dep["path"] == REQUIREMENTS.name]
    return same and libraries == [file_md5(REQUIREMENTS)]


if __name__ == "__main__":
    process.prepare()
    process.prepare_libraries()
    process.run(lambda: check_model(load_params()))
