import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import ClassVar

import mlflow
import pytest
from botocore.exceptions import NoCredentialsError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from penguins.engine.base.errors import LONGEST, UserError, first_line
from penguins.engine.tracking import preflight, store

from tests.support.serving import free_ports

LOST = (404, "<!doctype html><title>404 Not Found</title>")
HIDDEN = "secret"


class Server(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, tuple[int, str]]] = {}
    slow: ClassVar[list[float]] = []  # how long the next answers take, in seconds
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append(self.path)
        if self.slow:
            time.sleep(self.slow.pop())
        code, text = self.answers.get(self.path, LOST)
        if not code:
            self.close_connection = True
            return
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    do_POST = do_GET  # noqa: N815

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Server.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://someone:{HIDDEN}@127.0.0.1:{listening.server_port}"
        listening.shutdown()


def test_a_server_newer_than_this_client_is_asked_once_and_used(server: str) -> None:
    Server.answers = {preflight.LOGGED_MODELS: (200, "{}"), "/version": (200, "4.2.0")}
    preflight.check_answer(server)
    assert Server.asked == [preflight.LOGGED_MODELS]


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ((200, "2.22.5"), "is MLflow 2.22.5;"),
        (LOST, "no MLflow at this path (it names no version)"),
        ((403, ""), "with the prefix that the server has"),
    ],
)
def test_a_server_of_another_age_is_one_line(server: str, version: tuple[int, str], says: str) -> None:
    Server.answers = {"/version": version}
    with pytest.raises(UserError) as caught:
        preflight.check_answer(server)
    assert says in str(caught.value)
    assert "MLFLOW_TRACKING_URI" in str(caught.value)
    assert HIDDEN not in str(caught.value)
    assert Server.asked == [preflight.LOGGED_MODELS, "/version"]


DENIED = (403, "Permission denied")
FILES = "/api/2.0/mlflow-artifacts/artifacts/0/r/artifacts/file"


def said(uri: str, path: str) -> str:
    """Ask a server by MLflow's own means, and return the line that comes of its answer."""
    from mlflow.utils.credentials import get_default_host_creds
    from mlflow.utils.rest_utils import augmented_raise_for_status, http_request, verify_rest_response

    def ask() -> None:
        with store.errors_in_one_line(uri, before_work=True):
            answer = http_request(get_default_host_creds(uri), path, "GET", max_retries=0, timeout=1)
            augmented_raise_for_status(answer) if path == FILES else verify_rest_response(answer, path)

    with pytest.raises(UserError) as caught:
        ask()
    (line,) = str(caught.value).splitlines()
    assert HIDDEN not in line
    return line


@pytest.mark.parametrize(
    ("path", "answer", "says"),
    [
        ("/api/2.0/mlflow/runs/create", (401, "You are not authenticated."), "no account 'someone'"),
        ("/api/2.0/mlflow/runs/create", (403, "Invalid Host header"), "MLFLOW_SERVER_ALLOWED_HOSTS"),
        ("/api/2.0/mlflow/runs/create", (403, "<html>Forbidden</html>"), "a proxy before it, refuses"),
        ("/api/2.0/mlflow/runs/create", DENIED, "lacks EDIT on the experiment (403 for runs/create)"),
        ("/api/2.0/mlflow/runs/delete", DENIED, "lacks MANAGE on the experiment (403 for runs/delete)"),
        ("/api/2.0/mlflow/runs/get?run_id=1", DENIED, "lacks READ on the experiment (403 for runs/get)"),
        ("/api/2.0/mlflow/model-versions/create", DENIED, "lacks EDIT on the registered model"),
        ("/api/2.0/mlflow/runs/create", (503, "no server"), "run this again once it answers"),
        (FILES, DENIED, "lacks EDIT on the experiment (403 for artifacts)"),
        (FILES, (500, "EndpointConnectionError"), "cannot reach its artifacts (500)"),
        (FILES, (503, "no"), "cannot reach its artifacts (503)"),
    ],
)
def test_what_a_server_refuses_is_its_own_line(
    server: str, path: str, answer: tuple[int, str], says: str
) -> None:
    Server.answers = {path: answer}
    line = said(server, path)
    assert says in line
    if answer == DENIED:
        assert "'someone'" in line
        assert line.endswith("in deploy/tracking/access.yaml and runs `python -m penguins access apply`")


def test_a_server_that_wants_an_account_says_how_to_give_one(server: str) -> None:
    Server.answers = {preflight.LOGGED_MODELS: (401, "You are not authenticated.")}
    line = said(server.replace(f"someone:{HIDDEN}@", ""), preflight.LOGGED_MODELS)
    assert "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD" in line


def test_artifacts_in_a_bucket_need_a_library_and_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    preflight.check_bucket("mlflow-artifacts:/1")
    monkeypatch.setattr(preflight, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="for which boto3 is missing: add it to pyproject"):
        preflight.check_bucket("s3://team/1")
    with (
        pytest.raises(UserError, match="S3, where the artifacts are, is refused: there are no cred"),
        store.errors_in_one_line("http://server"),
    ):
        raise NoCredentialsError


def test_a_server_that_has_just_started_is_asked_once_more(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "patience", lambda: 0.5)
    Server.answers, Server.slow[:] = {preflight.LOGGED_MODELS: (200, "{}")}, [1.0]
    preflight.check_answer(server)
    assert Server.asked == [preflight.LOGGED_MODELS] * 2

    Server.slow[:] = [1.0, 1.0]
    with (
        pytest.raises(UserError, match="did not answer in time; `patience` under"),
        store.errors_in_one_line(server, before_work=True),
    ):
        preflight.check_answer(server)
    with (
        pytest.raises(UserError, match="did not answer in time; MLFLOW_HTTP_REQUEST_TIMEOUT"),
        store.errors_in_one_line(server),
    ):
        raise mlflow.MlflowException("API request failed with timeout exception: Read timed out.")


def certificate(folder: Path) -> Path:
    """Write a certificate that no authority has signed, and its key, into one file."""
    key, begin = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / "server.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(private + signed.public_bytes(pem))
    return file


def test_a_certificate_of_ones_own_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path)
    Server.answers = {preflight.LOGGED_MODELS: (200, "{}")}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as listening:
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        Thread(target=listening.serve_forever, daemon=True).start()
        uri = f"https://127.0.0.1:{listening.server_port}"
        line = said(uri, preflight.LOGGED_MODELS)
        assert "certificate is not trusted (self-signed certificate)" in line
        assert "MLFLOW_TRACKING_SERVER_CERT_PATH=ca.pem" in line
        monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(file))
        preflight.check_answer(uri)
        listening.shutdown()


def test_plain_http_is_not_taken_for_a_bad_certificate(server: str) -> None:
    assert "https:// or http://?" in said(server.replace("http://", "https://"), preflight.LOGGED_MODELS)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (FILES, "cannot reach its artifacts (it broke off)"),
        ("/api/2.0/mlflow/runs/create", "the server is gone"),
    ],
)
def test_a_server_that_breaks_off_is_one_line(server: str, path: str, says: str) -> None:
    """MLflow does so to a file that it cannot put into its object store."""
    Server.answers = {path: (0, "")}
    assert says in said(server, path)


def test_a_server_that_is_gone_is_one_line() -> None:
    gone = f"http://127.0.0.1:{free_ports(1)}"
    for path in (FILES, preflight.LOGGED_MODELS):
        assert "the server is gone, or was restarted meanwhile" in said(gone, path)


def test_a_long_message_ends_after_a_word() -> None:
    line = first_line(ValueError("word " * 100))
    assert line.endswith("word …")
    assert len(line) <= LONGEST
