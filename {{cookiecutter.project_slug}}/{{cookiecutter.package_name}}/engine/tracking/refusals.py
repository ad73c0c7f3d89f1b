"""Explaining what a tracking server refused, and what to do about it, in one line."""

import re
from urllib.parse import urlsplit

from ..base.errors import causes
from ..base.paths import PACKAGE

ACCESS = "deploy/tracking/access.yaml"  # who has which role on the team's server
WHERE = "in the environment or in .env"
ENDPOINT = re.compile(r"/api/\d\.\d/(?:mlflow/)?(\S+?)(?:\?\S*)? ")
CODE = re.compile(r"error code (\d{3})|too many (\d{3}) error|\b([45]\d\d) (?:Client|Server) Error")
GONE = ("NewConnectionError", "ProtocolError", "RemoteDisconnected")  # urllib3's errors, which requests wraps
GATEWAY = ("502", "503", "504")  # what a proxy answers while the server behind it does not
AGAIN = "the server is gone, or was restarted meanwhile: run this again once it answers"
HOST = "Invalid Host header"  # MLflow's answer to a host name that is not on its list
ARTIFACTS, ABORTED = "mlflow-artifacts/", "Connection aborted"
# What an endpoint's refusal means: the right, what it is for, and the role of ACCESS that has it.
RIGHTS = (
    (r"(registered-models|model-versions)/delete", "MANAGE on the registered model", "admin"),
    (r"(runs|experiments)/(delete|restore)$", "MANAGE on the experiment", "admin"),
    (r"(registered-models|model-versions)/(get|search)", "READ on the registered model", "viewer"),
    (r"registered-models|model-versions", "EDIT on the registered model", "deployer"),
    (r"/(get|search)|artifacts/list", "READ on the experiment", "viewer"),
    (r"", "EDIT on the experiment", "trainer"),
)


def refused(error: BaseException, uri: str) -> str:
    """Say what a server refused and what to do about it; empty if the error is not a refusal."""
    if reason := _certificate(error):
        return reason
    text = " ".join(str(each) for each in causes(error))
    endpoint, code = ENDPOINT.search(text), _code(text)
    if code == "401":
        return not_authenticated(uri)
    if code == "403" and HOST in text:
        return unknown_name(uri)
    if code == "403" and "Permission denied" not in text:
        return "the server, or a proxy before it, refuses this request (403): ask whoever runs it"
    if code == "403":
        return forbidden(uri, endpoint[1] if endpoint else "")
    # while a file is being sent, the server's 500 may be lost, since it closes the connection
    if ARTIFACTS in text and (code >= "500" or "timed out" in text or ABORTED in text):
        why = code or ("it timed out" if "timed out" in text else "it broke off")
        return (
            f"the server cannot reach its artifacts ({why}), for example because the object store is down: "
            "whoever runs the server finds the reason in its log"
        )
    is_gone = any(isinstance(each, ConnectionError) or type(each).__name__ in GONE for each in causes(error))
    return AGAIN if is_gone or code in GATEWAY else ""


def not_authenticated(uri: str) -> str:
    """Say that the server requires an account, or does not accept this one."""
    if name := account_name(uri):
        return (
            f"the server knows no account {name!r} with this password (401): check "
            "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
        )
    names = "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
    return f"the server requires an account (401): set {names}, {WHERE}"


def unknown_name(uri: str) -> str:
    """Say that the server was addressed by a host name that is not on its list."""
    parts = urlsplit(uri)
    name = parts.netloc.rpartition("@")[2]
    return (
        f"the server does not answer to the name {name!r} (403, {HOST}): whoever runs it adds the name to "
        "MLFLOW_SERVER_ALLOWED_HOSTS there"
    )


def forbidden(uri: str, endpoint: str) -> str:
    """Say which right an account lacks, and how it gets it.

    Args:
        uri: the server's URI.
        endpoint: the endpoint that was refused: `runs/create`.
    """
    endpoint = "artifacts" if endpoint.startswith(ARTIFACTS) else endpoint
    right, role = next((right, role) for path, right, role in RIGHTS if re.search(path, endpoint))
    return lacks(uri, right, role, f"403 for {endpoint}" if endpoint else "403")


def lacks(uri: str, right: str, role: str, why: str = "") -> str:
    """Say that an account lacks a right, and how it gets it."""
    name = account_name(uri)
    who = f"the account {name!r}" if name else "this account"
    return (
        f"{who} lacks {right}{f' ({why})' if why else ''}: an admin adds it to `{role}` in {ACCESS} and "
        f"runs `python -m {PACKAGE} access apply`"
    )


def account_name(uri: str) -> str:
    """Return the name of the account that MLflow logs in with; empty if there is none."""
    from mlflow.utils.credentials import read_mlflow_creds

    return str(read_mlflow_creds().username or urlsplit(uri).username or "")


def timed_out(error: BaseException) -> bool:
    """Tell whether a server did not answer in time."""
    return any("timed out" in str(each) for each in causes(error))


def _code(text: str) -> str:
    """Return the status code that a message names; empty if it names none."""
    match = CODE.search(text)
    return str(next(filter(None, match.groups()))) if match else ""


def _certificate(error: BaseException) -> str:
    """Say that the server's certificate is not trusted; empty if the error is a different one."""
    if not any(type(each).__name__ in ("SSLError", "SSLCertVerificationError") for each in causes(error)):
        return ""
    text = " ".join(str(each) for each in causes(error))
    if "CERTIFICATE_VERIFY_FAILED" not in text:
        return "the server does not speak TLS at this address: https:// or http://? check MLFLOW_TRACKING_URI"
    match = re.search(r"certificate verify failed: ([^(\"']+)", text)
    reason = match[1].strip() if match else "not verified"
    return (
        f"the server's certificate is not trusted ({reason}): name the file with its CA's certificate, "
        f"MLFLOW_TRACKING_SERVER_CERT_PATH=ca.pem, {WHERE}"
    )
