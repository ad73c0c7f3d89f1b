"""Controlling a headless Chromium by its own protocol: opening pages, waiting for them, taking pictures."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 120.0  # the most seconds to wait for Chromium's start, or for a page
OPTIONS = [
    "--headless=new",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]


class Page:
    """A tab of the browser."""

    def __init__(self, address: str) -> None:
        self.socket = websocket.create_connection(address, timeout=PATIENCE)
        self.number = 0
        self.call("Page.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while (answer := json.loads(self.socket.recv())).get("id") != self.number:
            pass  # an event
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return dict(answer["result"])

    def show(self, url: str, size: tuple[int, int], *, dark: bool, ready: str, scale: float = 1) -> None:
        """Open an address, and wait until a JavaScript expression is true and nothing moves any more."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        view = {"width": size[0], "height": size[1], "deviceScaleFactor": scale, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **view)
        self.call("Page.navigate", url=url)
        self.wait(f"document.readyState == 'complete' && document.fonts.status == 'loaded' && ({ready})")
        self.settle()

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']['exception']['description']}")
        return answer["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(RuntimeError):  # the page is not there yet
                if self.evaluate(expression):
                    return
            time.sleep(0.2)
        raise SystemExit(f"pictures: after {PATIENCE:.0f} s the page does not show {expression}")

    def settle(self) -> None:
        """Wait until two pictures in a row are the same."""
        last, end = None, time.monotonic() + PATIENCE
        while (now := self.picture()) != last and time.monotonic() < end:
            last = now
            time.sleep(0.7)

    def picture(self, clip: tuple[float, float, float, float] | None = None) -> bytes:
        """Return what the tab shows, or a part of it (left, top, width, height), as PNG."""
        part = {}
        if clip:
            part = {"clip": dict(zip(("x", "y", "width", "height"), clip, strict=True)) | {"scale": 1}}
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=bool(clip), **part)
        return base64.b64decode(shot["data"])


@contextmanager
def opened() -> Iterator[Page]:
    """Start Chromium with its own profile, and end it after the block."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise SystemExit(
            f"pictures: there is none of {', '.join(NAMES)} on the PATH (Debian: apt install chromium)"
        )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        root = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
        command = [program, *OPTIONS, *root, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield Page(tab(Path(profile, "DevToolsActivePort")))
        finally:
            process.terminate()
            process.wait()


def tab(file: Path) -> str:
    """Open a new tab, once Chromium has written its port to the file, and return the tab's address."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError, IndexError, URLError):
            port = file.read_text().split()[0]
            with urlopen(Request(f"http://127.0.0.1:{port}/json/new?about:blank", method="PUT")) as answer:
                return str(json.load(answer)["webSocketDebuggerUrl"])
        time.sleep(0.1)
    raise SystemExit(f"pictures: Chromium has not started in {PATIENCE:.0f} s")
