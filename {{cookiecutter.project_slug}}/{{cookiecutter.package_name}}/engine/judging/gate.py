"""A gate: a condition that a model has to meet, and whether it does."""

import math
from dataclasses import dataclass

AT_LEAST, AT_MOST = 1, -1


@dataclass(frozen=True)
class Gate:
    """A condition, and whether the model meets it; None if that cannot be known, so that a person decides."""

    name: str
    wanted: str
    got: str
    passed: bool | None

    def __post_init__(self) -> None:
        """Turn NumPy's booleans, which are neither True nor False, into Python's."""
        object.__setattr__(self, "passed", None if self.passed is None else bool(self.passed))

    def __str__(self) -> str:
        """Format it in a line: `f1_macro: 0.91, wanted >= 0.9`."""
        return f"{self.name}: {self.got}, wanted {self.wanted}"


def at_least(name: str, value: float | None, bound: float) -> Gate:
    """Make a gate for a value of at least `bound`; None or NaN (it could not be measured) fails."""
    return compare(name, value, AT_LEAST, bound)


def at_most(name: str, value: float | None, bound: float) -> Gate:
    """Make a gate for a value of at most `bound`; None or NaN (it could not be measured) fails."""
    return compare(name, value, AT_MOST, bound)


def compare(name: str, value: float | None, side: int, bound: float, wanted: str = "", got: str = "") -> Gate:
    """Make a gate for a value on one side of a bound.

    Args:
        name: the gate's name.
        value: the value; None or NaN if it could not be measured, which passes no gate.
        side: AT_LEAST or AT_MOST.
        bound: the bound; a value that equals it passes.
        wanted: a text to add to what is wanted.
        got: a text to add to the value.
    """
    measured = value is not None and not math.isnan(value)
    shown = f"{value:.4g}" if measured else "not measured"
    passed = value is not None and measured and bool(side * (value - bound) >= 0)
    return Gate(name, f"{'>=' if side == AT_LEAST else '<='} {bound:.4g}{wanted}", shown + got, passed)
