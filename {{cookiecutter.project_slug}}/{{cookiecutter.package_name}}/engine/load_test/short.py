"""The short load of `probe`, from threads in its own process.

`load-test` uses another one on purpose. `probe` runs in a job that has just built an image, with the
project's own libraries and without a validated table: it sends one example, and checks that the server is
quick enough to go on. `load-test` judges by the SLO: it sends rows of the table with locust (an extra), whose
clients are cheap enough not to slow down what they measure.
"""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..base.errors import UserError
from ..rollout.probing import Ask, Finding
from .verdict import percentile


def load(ask: Ask, example: Mapping[str, Any], clients: int, seconds: float, p99: float) -> Finding:
    """Ask for an example's prediction again and again, by several clients at once.

    Args:
        ask: a callable that asks the server.
        example: the row to send.
        clients: how many clients ask at the same time.
        seconds: for how many seconds they ask.
        p99: the seconds within which 99 % of the answers have to come.
    """
    until = time.monotonic() + seconds

    def client(_: int) -> list[tuple[float, str]]:
        answers = []
        while (start := time.monotonic()) < until:
            try:
                status, text = ask("/predict", example)
                failed = "" if status == 200 else f"{status}: {text[:100]}"
            except UserError as error:
                failed = str(error)
            answers.append((time.monotonic() - start, failed))
        return answers

    with ThreadPoolExecutor(clients) as pool:
        answers = sorted(answer for each in pool.map(client, range(clients)) for answer in each)
    failures = [failed for _, failed in answers if failed]
    latency = percentile([seconds for seconds, _ in answers], 0.99)
    seen = f"{len(answers)} requests in {seconds:g} s by {clients} clients, p99 {latency * 1000:.0f} ms"
    if failures:
        return Finding("load", f"{len(failures)} of {len(answers)} requests failed: {failures[0]}", seen)
    return Finding("load", "" if latency <= p99 else f"{seen}; at most {p99 * 1000:.0f} ms are wanted", seen)
