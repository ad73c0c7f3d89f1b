"""The file that locust runs: each user asks for the prediction of one row after another, without a pause.

Locust replaces parts of Python's standard library (gevent's monkey patches), so it runs in its own process,
and this file imports nothing from the engine. It measures, but does not judge: the times are written
unrounded, while locust's own figures are rounded to two digits.
"""

import json
import os
import random
import time
from pathlib import Path
from typing import Any

from locust import FastHttpUser, events

REASONS = 5  # how many different reasons are kept
BODIES: list[bytes] = [json.dumps([row]).encode() for row in json.loads(Path(os.environ["ROWS"]).read_text())]
HEADERS = {"Content-Type": "application/json"}
if os.environ["TOKEN"]:
    HEADERS["Authorization"] = f"Bearer {os.environ['TOKEN']}"

milliseconds: list[float] = []  # the times of the requests that were answered
reasons: dict[str, int] = {}  # how many requests failed, by the reason
moments: list[float] = []  # the start of the test, and the end of the last request


def ask(user: Any) -> None:
    """Send a row; the answer's status alone decides whether the request has failed."""
    with user.client.post(
        "/predict", data=random.choice(BODIES), headers=HEADERS, catch_response=True
    ) as answer:
        if answer.status_code == 200:
            answer.success()
        else:
            said = " ".join((answer.text or str(answer.error) or "no answer").split())
            answer.failure(f"{answer.status_code or 'no answer'}: {said[:200]}")


class Client(FastHttpUser):  # type: ignore[misc]  # locust has no types here: it is an extra
    """A user who sends the next request as soon as the last one is answered."""

    network_timeout = connection_timeout = 10.0  # seconds after which a request has failed
    max_retries = 0
    tasks = (ask,)


def count(response_time: float, exception: Exception | None, **others: Any) -> None:
    """Record a request that has ended."""
    moments[1:] = [time.monotonic()]
    if exception is None:
        milliseconds.append(response_time)
        return
    said = str(exception)
    kept = said if said in reasons or len(reasons) < REASONS else "other reasons"
    reasons[kept] = reasons.get(kept, 0) + 1


def start(**others: Any) -> None:
    """Record when the users begin."""
    moments[:] = [time.monotonic()]


def write(**others: Any) -> None:
    """Write what was measured."""
    seconds = moments[1] - moments[0] if len(moments) > 1 else 0.0
    found = {"milliseconds": milliseconds, "reasons": reasons, "seconds": seconds}
    Path(os.environ["MEASURED"]).write_text(json.dumps(found))


events.test_start.add_listener(start)
events.request.add_listener(count)
events.quitting.add_listener(write)
