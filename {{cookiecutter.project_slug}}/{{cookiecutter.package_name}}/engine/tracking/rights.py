"""The account that we have on a tracking server, and what it may do there.

A server without accounts has nothing to check. A server may also not say, if it is an older one or has
another kind of login: `refusals` then explains what it refused.
"""

from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..base.text import masked
from .refusals import account_name, lacks

if TYPE_CHECKING:
    from mlflow import MlflowClient

CURRENT = "/api/2.0/mlflow/users/current"
PERMISSION = "/api/3.0/mlflow/users/permissions/get"
EXPERIMENT, MODEL = "experiment", "registered_model"  # MLflow's names for what a right is for
READ, EDIT, MANAGE = "READ", "EDIT", "MANAGE"
LEVELS = ("NO_PERMISSIONS", READ, "USE", EDIT, MANAGE)  # each includes those before it
ROLES = {  # the role of access.yaml that has the right
    (EXPERIMENT, READ): "viewer",
    (EXPERIMENT, EDIT): "trainer",
    (MODEL, READ): "viewer",
    (MODEL, EDIT): "deployer",
}


@dataclass(frozen=True)
class Account:
    """An account of the server."""

    name: str
    is_admin: bool


def account(client: "MlflowClient") -> Account | None:
    """Return the account that the server has authenticated; None if it has no accounts, or does not say."""
    uri = client.tracking_uri
    return _account(uri, account_name(uri)) if uri.startswith("http") else None


def check(client: "MlflowClient", kind: str, name: str, wanted: str, what: str, role: str = "") -> None:
    """Check that this account has a right, before anything is written.

    Args:
        client: the store's client.
        kind: EXPERIMENT or MODEL.
        name: the model's name, or the experiment's id.
        wanted: the level that is needed at least: READ, EDIT or MANAGE.
        what: what the right is for, in a message.
        role: the role that has the right, if it is not the one in ROLES.

    Raises:
        UserError: the account lacks the right; says how it gets it.
    """
    has = level(client, kind, name)
    if has not in LEVELS or LEVELS.index(has) < LEVELS.index(wanted):
        uri, role = client.tracking_uri, role or ROLES.get((kind, wanted), "admin")
        raise UserError(masked(f"{uri}: {lacks(uri, f'{wanted} on {what}', role, f'it has {has}')}"))


def level(client: "MlflowClient", kind: str, name: str) -> str:
    """Return the right that this account has, one of LEVELS; MANAGE if there are no accounts."""
    known = account(client)
    if known is None or known.is_admin:
        return MANAGE
    asked = {"username": known.name, "resource_type": kind, "resource_id": name}
    return str((_get(client.tracking_uri, PERMISSION, **asked) or {}).get("permission", MANAGE))


@lru_cache
def _account(uri: str, name: str) -> Account | None:
    """Ask the server, once for each account that a process uses."""
    answer = _get(uri, CURRENT) if name else None
    user = (answer or {}).get("user", {})
    return Account(user["username"], bool(user.get("is_admin"))) if user.get("username") else None


def _get(uri: str, path: str, **asked: str) -> dict[str, Any] | None:
    """Send a request; return the answer, or None if the server does not know the request."""
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    answer = http_request(get_default_host_creds(uri), path, "GET", params=asked)
    if answer.status_code != HTTPStatus.OK or "json" not in answer.headers.get("Content-Type", ""):
        return None
    content: Any = answer.json()
    return content if isinstance(content, dict) else None
