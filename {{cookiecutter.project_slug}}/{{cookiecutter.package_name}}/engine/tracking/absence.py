"""Whether an error of MLflow means that something is not there.

If a model, a version, a run or a logged model does not exist, a server with accounts answers 403 to all but
its admins, so that nobody can find out which names exist. What an account cannot see does not exist for it:
if it does exist, the attempt to create it says which right is missing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow.exceptions import MlflowException

ABSENT = ("RESOURCE_DOES_NOT_EXIST", "PERMISSION_DENIED")


def is_absent(error: "MlflowException") -> bool:
    """Tell whether an error means that what was asked for does not exist, for this account."""
    return error.error_code in ABSENT
