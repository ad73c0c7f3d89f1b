"""The receivers of Alertmanager's alerts: stand-ins for Slack's webhook and GitLab's pipeline trigger."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ruamel.yaml import YAML

from tests.support.pages import blocks

TRIGGER = re.compile(r"/api/v4/projects/(\d+)/ref/([\w.-]+)/trigger/pipeline")
TOKEN = "glptt-of-the-tests"


@dataclass
class Told:
    """What was sent.

    Attributes:
        url: the address at which both listen.
        attachments: the attachments that Slack got.
        pipelines: the pipelines that GitLab would have started: project, ref and the alerts of the payload.
        refused: the requests for which GitLab would not have started a pipeline.
    """

    url: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    pipelines: list[tuple[str, str, set[str]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def gitlab(self, address: str, content: dict[str, Any]) -> int:
        """Answer as https://docs.gitlab.com/api/pipeline_triggers says.

        A field of the body with the name of one of the API's parameters counts as that parameter.
        """
        found, query = TRIGGER.fullmatch(urlsplit(address).path), dict(parse_qsl(urlsplit(address).query))
        if not found or query != {"token": TOKEN} or content.keys() & {"ref", "token", "variables", "inputs"}:
            self.refused.append(f"{address} {content}")
            return 400
        alerts = {alert["labels"]["alertname"] for alert in content["alerts"]}
        self.pipelines.append((found[1], found[2], alerts))
        return 201


@contextmanager
def somebody_is_told() -> Iterator[Told]:
    """Let both listen within the block."""
    told = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path.startswith("/api/"):
                self.send_response(told.gitlab(self.path, content))
            else:
                told.attachments.append(content["attachments"][0])
                self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield told
        finally:
            server.shutdown()


def with_trigger(config: Path, page: str, told: Told) -> None:
    """Add the configuration that a page shows for GitLab to Alertmanager's.

    The address, which the page keeps in a file, is written into the configuration: Debian's Alertmanager is
    older than `url_file`.
    """
    yaml = YAML()
    (block,) = (block.text for block in blocks(page) if block.kind == "yaml")
    loaded, shown = yaml.load(config), yaml.load(block)
    (hook,) = shown["receivers"][0]["webhook_configs"]
    del hook["url_file"]
    (address,) = re.findall(r"`https://gitlab\.com(/api/v4/\S+)`", page)
    hook["url"] = told.url + address.replace("PROJECT", "7").replace("TOKEN", TOKEN)
    loaded["route"]["routes"] += shown["route"]["routes"]
    loaded["receivers"] += shown["receivers"]
    yaml.dump(loaded, config)
