"""Whether a tracking server is there and lets us in: seen in seconds, before any work."""

import re
import socket
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ..base.errors import UserError
from ..base.text import masked

LOGGED_MODELS = "/api/2.0/mlflow/logged-models/search"
SECONDS = 3  # in which a server accepts a connection, and in which it answers


def check_port(uri: str) -> None:
    """Check that something listens where the server should be; for other stores do nothing.

    Raises:
        UserError: the address is not valid, there is no such host, or it does not accept a connection.
    """
    if not uri.lower().startswith(("http:", "https:")):
        return
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:  # whose text may have a part of a password in it
        reason = "not a valid address: special characters of a password must be percent-encoded (/ is %2F)"
        raise UserError(f"{masked(uri)}: {reason}; check MLFLOW_TRACKING_URI") from None
    if parts.scheme in getproxies() and not proxy_bypass(host):
        return  # the proxy knows the way, and says what is wrong with it
    try:
        socket.create_connection((host, port), timeout=SECONDS).close()
    except (OSError, ValueError) as error:
        reason = f"the tracking server cannot be reached: {error}; check it, and MLFLOW_TRACKING_URI"
        raise UserError(f"{masked(uri)}: {reason}") from None


def check_answer(uri: str) -> None:
    """Ask the server for something small that MLflow 2 lacks, with the credentials that MLflow would use.

    Raises:
        UserError: it does not know it.
        Exception: it does not answer in time, or with an error: that of MLflow or of requests.
    """
    if not uri.startswith(("http:", "https:")):
        return
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request, verify_rest_response

    credentials = get_default_host_creds(uri)
    how = {"max_retries": 0, "timeout": SECONDS}
    answer = http_request(credentials, LOGGED_MODELS, "POST", json={"experiment_ids": []}, **how)
    if answer.status_code != HTTPStatus.NOT_FOUND or "error_code" in answer.text:
        verify_rest_response(answer, LOGGED_MODELS)
        return
    version = http_request(credentials, "/version", "GET", **how).text.strip()
    known = re.fullmatch(r"\d+\.\d+[\w.]*", version)
    what = f"is MLflow {version}" if known else "does not say its version, and is no MLflow 3 (or elsewhere)"
    raise UserError(
        f"{masked(uri)}: the tracking server {what}; this project logs models as MLflow 3 does. "
        "Upgrade the server, or log to a file of this project: MLFLOW_TRACKING_URI=sqlite:///mlflow.db"
    )
