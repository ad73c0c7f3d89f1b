"""The axes of a chart, with round numbers: one with a logarithmic scale, and one with a linear scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 880, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 30, 20, 50  # margins: room for the axes' names


@dataclass(frozen=True)
class Scale:
    """The scale of an axis, which turns values into pixels."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the position of a value in pixels."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def scale(values: Sequence[float], margin: float, start: float, end: float) -> Scale:
    """Return a scale with room for all values, however near they are to each other."""
    low, high = min(values), max(values)
    room = max((high - low) * margin, abs(high) * 0.01, 1e-3)
    return Scale(low - room, high + room, start, end)


def axes(horizontal: Scale, vertical: Scale, x: str, y: str) -> list[Markup]:
    """Draw the lines, numbers and names of both axes."""
    bottom, middle = HEIGHT - BOTTOM, (HEIGHT - BOTTOM + TOP) / 2
    parts = [Markup('<path class="axis" d="M{} {}V{}H{}"/>').format(LEFT, TOP, bottom, WIDTH - RIGHT)]
    for value in factors(10**horizontal.low, 10**horizontal.high):
        at = horizontal.at(math.log10(value))
        parts.append(Markup('<path class="grid" d="M{:.1f} {}V{}"/>').format(at, TOP, bottom))
        parts.append(Markup('<text x="{:.1f}" y="{}" class="mid">{:g}</text>').format(at, bottom + 18, value))
    for value in even(vertical.low, vertical.high):
        at = vertical.at(value)
        parts.append(Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(LEFT, at, WIDTH - RIGHT))
        parts.append(
            Markup('<text x="{}" y="{:.1f}" class="end">{:g}</text>').format(LEFT - 8, at + 4, value)
        )
    names = '<text x="{}" y="{}" class="mid name">{}</text>'
    parts.append(Markup(names).format((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x))
    turned = '<text transform="translate(14 {}) rotate(-90)" class="mid name">{}</text>'
    return [*parts, Markup(turned).format(middle, y)]


def factors(low: float, high: float) -> list[float]:
    """Return up to about ten round numbers between two, each larger by about the same factor."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for digits in ((1,), (1, 3), (1, 2, 5), tuple(range(1, 10))):
        values = [
            float(f"{digit}e{power}")
            for power in range(first, last + 1)
            for digit in digits
            if low <= float(f"{digit}e{power}") <= high
        ]
        if len(values) >= 3:
            return values
    return even(low, high)


def even(low: float, high: float) -> list[float]:
    """Return five to ten round numbers between two, in even steps."""
    step = 10 ** math.floor(math.log10((high - low) / 4))
    step *= next((factor for factor in (1, 2, 5, 10) if (high - low) / (step * factor) <= 8), 10)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(number * step, 12) for number in range(first, last + 1)]
