"""The block `slo`: how quickly, how reliably and how often the prediction server has to answer."""

from typing import Annotated

from pydantic import Field

from .block import Block

Positive = Annotated[float, Field(gt=0)]


class Slo(Block):
    """The service-level objectives that `load-test` judges a server by; None is off.

    Attributes:
        p50_ms: within how many milliseconds half of the requests have to be answered.
        p99_ms: within how many milliseconds 99 of 100 have to be answered.
        errors: the greatest share of requests that may fail.
        requests_per_second: how many requests have to be answered per second at least.
    """

    p50_ms: Positive | None = 50.0
    p99_ms: Positive | None = 250.0
    errors: Annotated[float, Field(ge=0, lt=1)] | None = 0.001
    requests_per_second: Positive | None = 20.0
