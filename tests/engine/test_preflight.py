from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.tracking import preflight

LOST = (404, "<!doctype html><title>404 Not Found</title>")
HIDDEN = "secret"


class Server(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, tuple[int, str]]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append(self.path)
        code, text = self.answers.get(self.path, LOST)
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
    [((200, "2.22.5"), "is MLflow 2.22.5;"), (LOST, "it names no version"), ((403, ""), "names no version")],
)
def test_a_server_of_another_age_is_one_line(server: str, version: tuple[int, str], says: str) -> None:
    Server.answers = {"/version": version}
    with pytest.raises(UserError) as caught:
        preflight.check_answer(server)
    assert says in str(caught.value)
    assert "MLFLOW_TRACKING_URI=sqlite:///mlflow.db" in str(caught.value)
    assert HIDDEN not in str(caught.value)
    assert Server.asked == [preflight.LOGGED_MODELS, "/version"]


def test_what_a_server_forbids_is_its_own_word(server: str) -> None:
    Server.answers = {preflight.LOGGED_MODELS: (403, "Permission denied")}
    with pytest.raises(Exception, match="403"):
        preflight.check_answer(server)
