"""The parameters, checked as far as they can be before any work."""

from ..params import Params, load_params
from .estimators import check_model
from .metrics import check_metrics


def load_checked_params() -> Params:
    """Read params.yaml and check that its model and its metrics are ones that there are.

    Raises:
        UserError: a line for every mistake that could be found.
    """
    params = load_params()
    check_metrics(params)
    check_model(params.model)
    return params
