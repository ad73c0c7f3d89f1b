"""Whether a tracking server is there and lets us in: seen in seconds, before any work."""

import socket
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ..errors import UserError

SECONDS = 3  # in which a server accepts a connection, and in which it answers


def check_port(uri: str) -> None:
    """Check that something listens where the server should be; for other stores do nothing.

    Raises:
        UserError: there is no such host, or it does not accept a connection.
    """
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https"):
        return
    host = parts.hostname or ""
    if parts.scheme in getproxies() and not proxy_bypass(host):
        return  # the proxy knows the way, and says what is wrong with it
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((host, port), timeout=SECONDS).close()
    except (OSError, ValueError) as error:
        where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        raise UserError(
            f"{where}: the tracking server cannot be reached: {error}; check it, and MLFLOW_TRACKING_URI"
        ) from None


def check_answer(uri: str) -> None:
    """Ask the server for something small, with the credentials that MLflow would use.

    Raises:
        Exception: it does not answer in time, or with an error: that of MLflow or of requests.
    """
    if not uri.startswith(("http:", "https:")):
        return
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request, verify_rest_response

    path = "/api/2.0/mlflow/experiments/search"
    credentials = get_default_host_creds(uri)
    answer = http_request(credentials, path, "POST", json={"max_results": 1}, max_retries=0, timeout=SECONDS)
    verify_rest_response(answer, path)
