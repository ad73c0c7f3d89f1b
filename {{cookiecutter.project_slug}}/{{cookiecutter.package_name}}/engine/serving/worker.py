"""One of several workers: it finds the settings in its environment, and ends with the server."""

import multiprocessing
import os
import signal
import threading
from types import FrameType
from typing import Any

from starlette.applications import Starlette

from .app import create
from .live import Live
from .served import Served
from .settings import Settings


def of_worker() -> Starlette:
    """Return the application of one of several workers, which finds the settings in the environment.

    A worker that replaces one that was killed waits for a store that does not answer, and ends when it is
    told to.
    """
    served = Served.here()
    live = Live(Settings.shared(), served.data, served.inside, served.limits)
    former: Any = signal.getsignal(signal.SIGTERM)  # the web server's

    def end(number: int, frame: FrameType | None) -> None:
        live.stop()
        former(number, frame)

    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=_end_with_parent, daemon=True, name="end with the server").start()
    return create(live)


def _end_with_parent() -> None:
    """End as on a signal when the process that started the workers is gone: else the port stays in use."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
