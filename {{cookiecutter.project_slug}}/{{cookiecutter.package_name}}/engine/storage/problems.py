"""Why a remote cannot be used, in one line: what is wrong with it, and what to do."""

import errno

from ..base import job
from ..base.errors import UserError, causes, kind_and_line, refusal
from ..base.paths import PACKAGE
from ..base.text import masked

SECRETS = "; in a CI job these are secrets (a fork's job gets none: a maintainer pushes its branch here)"
KEYS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
NO_LIBRARY = {"ImportError", "RemoteMissingDepsError"}
NO_KEYS = {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "NoAuthHandlerFound"}
NO_ANSWER = {"ConnectionError", "HTTPClientError", "ClientConnectorError", "TimeoutError", "gaierror"}
NO_ANSWER_NUMBERS = (errno.ECONNREFUSED, errno.ECONNRESET, errno.ENETUNREACH, errno.EHOSTUNREACH)
NO_ACCESS = {"PermissionError", "DefaultCredentialsError", "ClientAuthenticationError", "HttpError"}
# error codes of S3, in the order in which they are looked for
WRONG_KEYS = {
    "SignatureDoesNotMatch": "the secret key is wrong",
    "InvalidAccessKeyId": "the access key does not exist",
    "ExpiredToken": "the session token has expired",
    "RequestTimeTooSkewed": "this machine's clock is wrong",
}


class UnusableError(UserError):
    """The remote cannot be used from here; its text says why, and what to do."""


def unusable(address: str, error: BaseException) -> UnusableError:
    """Describe an error that a remote's file system raised; each kind of remote raises its own.

    Args:
        address: the remote's address, such as s3://bucket/path.
        error: the error that was raised.
    """
    return UnusableError(masked(f"{address}: DVC's remote {problem(address, error)}"))


def problem(address: str, error: BaseException) -> str:
    """Say what is wrong with a place: the rest of a sentence whose subject is the place."""
    chain = list(causes(error))
    kinds = {kind.__name__ for one in chain for kind in type(one).__mro__}
    texts = " ".join(map(str, chain))
    if kinds & NO_LIBRARY:
        plugin = f"dvc-{address.partition(':')[0]}"
        return f"needs {plugin}: add it to pyproject.toml, and `pip install {plugin}`"
    if kinds & NO_KEYS:
        how = f"set {KEYS} in the environment or in .env, then `python -m {PACKAGE} remote`"
        return f"is refused: there are no credentials; {how}{_in_ci()}"
    if "NoSuchBucket" in texts:
        bucket = address.partition("://")[2].partition("/")[0]
        how = f"create it, or correct the address: `python -m {PACKAGE} remote URL`"
        return f"has no bucket {bucket!r}: {how}"
    for code, reason in WRONG_KEYS.items():
        if code in texts:
            return f"is refused: {reason}; check {KEYS}{_in_ci()}"
    if kinds & NO_ANSWER or any(getattr(one, "errno", None) in NO_ANSWER_NUMBERS for one in chain):
        return f"does not answer: {kind_and_line(error)}; check the network{_endpoint(address)}"
    if kinds & NO_ACCESS:
        reason = refusal(error) or kind_and_line(error)
        return f"is refused: {reason}; check the credentials' rights{_in_ci()}"
    return f"cannot be used: {kind_and_line(error)}; check its address"


def _in_ci() -> str:
    return SECRETS if job.is_job() else ""


def _endpoint(address: str) -> str:
    return " and AWS_ENDPOINT_URL_S3" if address.startswith("s3:") else ""
