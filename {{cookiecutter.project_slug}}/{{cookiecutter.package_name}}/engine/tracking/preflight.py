"""Checks that a tracking server answers and accepts our credentials: they take seconds, before any work."""

import re
import socket
from functools import lru_cache
from http import HTTPStatus
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from ..base.errors import UserError
from ..base.settings import patience
from ..base.text import masked
from .refusals import timed_out

LOGGED_MODELS = "/api/2.0/mlflow/logged-models/search"


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
    except ValueError:  # the error's text may contain a part of the password
        reason = "not a valid address: special characters of a password must be percent-encoded (/ is %2F)"
        raise UserError(f"{masked(uri)}: {reason}; check MLFLOW_TRACKING_URI") from None
    from urllib.request import getproxies, proxy_bypass  # this imports all of HTTP

    if parts.scheme in getproxies() and not proxy_bypass(host):
        return  # only the proxy can reach the server
    try:
        socket.create_connection((host, port), timeout=patience()).close()
    except (OSError, ValueError) as error:
        reason = f"the tracking server cannot be reached: {error}; check it, and MLFLOW_TRACKING_URI"
        raise UserError(f"{masked(uri)}: {reason}") from None


def check_answer(uri: str) -> None:
    """Send the server a small request that only MLflow 3 knows, with the credentials that MLflow would use.

    A server that does not answer in time is asked once more: its first answer after a start takes longer.

    Raises:
        UserError: the server does not know the request.
        Exception: an error of MLflow or of requests: the server answers with an error, or not in time.
    """
    if not uri.startswith(("http:", "https:")):
        return
    from mlflow.utils.rest_utils import verify_rest_response

    answer = ask(uri, LOGGED_MODELS, "POST", json={"experiment_ids": []})
    if answer.status_code != HTTPStatus.NOT_FOUND or "error_code" in answer.text:
        verify_rest_response(answer, LOGGED_MODELS)
        return
    version = ask(uri, "/version", "GET").text.strip()
    if not re.fullmatch(r"\d+\.\d+[\w.]*", version):
        raise UserError(
            f"{masked(uri)}: there is no MLflow at this path (it names no version): is the address complete, "
            "with the prefix that the server has? check MLFLOW_TRACKING_URI"
        )
    raise UserError(
        f"{masked(uri)}: the tracking server is MLflow {version}; this project logs models as MLflow 3 does. "
        "Upgrade the server, or log to a file of this project: MLFLOW_TRACKING_URI=sqlite:///mlflow.db"
    )


@lru_cache
def check_bucket(location: str) -> None:
    """Check that a bucket answers, if the server lets its clients write artifacts there themselves.

    Raises:
        UserError: the library for it is missing.
        Exception: an error of MLflow or of boto3: the bucket does not answer, or refuses.
    """
    if not location.startswith("s3:"):
        return
    if find_spec("boto3") is None:
        raise UserError(
            f"{location}: the tracking server leaves it to clients to write to S3, for which boto3 is "
            "missing: add it to pyproject.toml and remake both locks (their first lines say how), so that "
            "it suits dvc-s3; or let the server pass artifacts on, by --artifacts-destination"
        )
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    get_artifact_repository(location).list_artifacts("nothing")


def ask(uri: str, path: str, method: str, **request: Any) -> Any:
    """Send a request, and again if no answer comes in time; returns the response of `requests`."""
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import http_request

    def once() -> Any:
        limits = {"max_retries": 0, "timeout": patience()}
        return http_request(get_default_host_creds(uri), path, method, **limits, **request)

    try:
        return once()
    except Exception as error:
        if not timed_out(error):
            raise
    return once()
