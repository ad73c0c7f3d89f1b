"""Checks that a tracking server answers and accepts our credentials: within seconds, before any work."""

import re
import socket
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ..base.errors import UserError
from ..base.text import masked

LOGGED_MODELS = "/api/2.0/mlflow/logged-models/search"
SECONDS = 3  # within which a server must accept a connection, and within which it must answer


def check_port(uri: str) -> None:
    """Check that a server accepts a connection at the store's address; do nothing for other stores.

    Raises:
        UserError: the address is not valid, the host does not exist, or it does not accept a connection.
    """
    if not uri.lower().startswith(("http:", "https:")):
        return
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:  # its text may contain a part of the password
        reason = "not a valid address: special characters of a password must be percent-encoded (/ is %2F)"
        raise UserError(f"{masked(uri)}: {reason}; check MLFLOW_TRACKING_URI") from None
    if parts.scheme in getproxies() and not proxy_bypass(host):
        return  # only the proxy can reach the server
    try:
        socket.create_connection((host, port), timeout=SECONDS).close()
    except (OSError, ValueError) as error:
        reason = f"the tracking server cannot be reached: {error}; check it, and MLFLOW_TRACKING_URI"
        raise UserError(f"{masked(uri)}: {reason}") from None


def check_answer(uri: str) -> None:
    """Send the server a small request that only MLflow 3 knows, with the credentials that MLflow would use.

    Raises:
        UserError: the server does not know the request.
        Exception: an error of MLflow or of requests: the server answers with an error, or not in time.
    """
    if not uri.startswith(("http:", "https:")):
        return
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request, verify_rest_response

    credentials = get_default_host_creds(uri)
    limits = {"max_retries": 0, "timeout": SECONDS}
    answer = http_request(credentials, LOGGED_MODELS, "POST", json={"experiment_ids": []}, **limits)
    if answer.status_code != HTTPStatus.NOT_FOUND or "error_code" in answer.text:
        verify_rest_response(answer, LOGGED_MODELS)
        return
    version = http_request(credentials, "/version", "GET", **limits).text.strip()
    known = re.fullmatch(r"\d+\.\d+[\w.]*", version)
    kind = f"is MLflow {version}" if known else "is not MLflow 3, or not at this path: it names no version"
    raise UserError(
        f"{masked(uri)}: the tracking server {kind}; this project logs models as MLflow 3 does. "
        "Upgrade the server, or log to a file of this project: MLFLOW_TRACKING_URI=sqlite:///mlflow.db"
    )
