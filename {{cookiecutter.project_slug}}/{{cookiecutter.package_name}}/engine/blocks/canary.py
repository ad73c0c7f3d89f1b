"""The block `canary`: how a version gets its share of the traffic, and when it is taken out."""

from typing import Annotated

from pydantic import Field, field_validator

from .block import Block

Percent = Annotated[int, Field(ge=1, le=100)]
Share = Annotated[float, Field(gt=0, lt=1)]


class Canary(Block):
    """The limits of the `canary` command; None switches one off. See `rollout.comparison`.

    Attributes:
        steps: the shares of the traffic that the canary gets one after another, in percent; the last is 100.
        seconds: how many seconds a step takes at least.
        requests: how many requests the canary must at least have answered at a step before it gets more.
        errors: how much greater its share of failed requests may be than the champion's.
        slow: how much greater its share of slow requests may be: of those that take longer than 99 % of the
            champion's.
        predictions: how far the share of a class, or of a range of numbers, among its predictions may be from
            the champion's.
        alpha: the chance that a canary that is not worse is taken out for one of these reasons at a step.
    """

    steps: list[Percent] = Field(default=[5, 25, 50, 100], min_length=1)
    seconds: int = Field(default=600, ge=1)
    requests: int = Field(default=500, ge=1)
    errors: Share | None = 0.01
    slow: Share | None = 0.05
    predictions: Share | None = 0.15
    alpha: Share = 0.01

    @field_validator("steps")
    @classmethod
    def _steps_rise(cls, steps: list[int]) -> list[int]:
        if steps != sorted(set(steps)) or steps[-1] != 100:
            raise ValueError(f"the steps have to rise to 100, such as [5, 25, 50, 100]; got {steps}")
        return steps
