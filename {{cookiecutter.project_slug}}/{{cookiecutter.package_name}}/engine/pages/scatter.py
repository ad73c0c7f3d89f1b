"""A scatter chart, as SVG within the page: marks of several kinds, and a line through some of them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, axes, scale
from .parts import join

LETTER, LINE = 7.2, 15  # pixels: the width of a letter in a label, and the height of its line
SIZE = 6.0  # half the width of a mark
KINDS = 6  # kinds with different colours; further kinds use the colours again, with other shapes
SHAPES = (
    "M{l:.1f} {y:.1f}a{s:.1f} {s:.1f} 0 1 0 {d:.1f} 0a{s:.1f} {s:.1f} 0 1 0 -{d:.1f} 0z",  # a circle
    "M{l:.1f} {t:.1f}H{r:.1f}V{b:.1f}H{l:.1f}z",  # a square
    "M{x:.1f} {t:.1f}L{r:.1f} {b:.1f}H{l:.1f}z",  # a triangle
    "M{x:.1f} {t:.1f}L{r:.1f} {y:.1f}L{x:.1f} {b:.1f}L{l:.1f} {y:.1f}z",  # a diamond
)


@dataclass(frozen=True)
class Point:
    """A mark of the chart.

    Attributes:
        x: the horizontal value, above 0, on a logarithmic scale.
        y: the vertical value, on a linear scale.
        kind: the kind of mark; each kind has a colour and a shape.
        title: the text that is shown when the mark is pointed at.
        label: the text beside the mark; empty for none.
        hollow: whether the mark is drawn as an outline.
    """

    x: float
    y: float
    kind: str
    title: str
    label: str = ""
    hollow: bool = False


def scatter(points: Sequence[Point], line: Sequence[tuple[float, float]], x: str, y: str) -> Markup:
    """Draw a chart, with a key of its kinds below.

    Args:
        points: the marks, at least one.
        line: the points through which a line goes in steps, from left to right.
        x: the name of the horizontal axis.
        y: the name of the vertical axis.
    """
    horizontal = scale([math.log10(point.x) for point in points], 0.15, LEFT, WIDTH - RIGHT)
    vertical = scale([point.y for point in points], 0.1, HEIGHT - BOTTOM, TOP)
    kinds = list(dict.fromkeys(point.kind for point in points))
    places = [(horizontal.at(math.log10(point.x)), vertical.at(point.y)) for point in points]
    steps = _steps([(horizontal.at(math.log10(at)), vertical.at(up)) for at, up in line])
    marks = [
        _mark(point, kinds.index(point.kind), *place) for point, place in zip(points, places, strict=True)
    ]
    parts = [*axes(horizontal, vertical, x, y), steps, *marks, *_labels(points, places)]
    label = f"{y} against {x}, {len(points)} marks; the table has the values"
    chart = Markup('<svg class="scatter" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, label, join(parts, "\n")
    )
    return Markup('<div class="wide">{}</div>\n{}').format(chart, _key(kinds))


def _steps(places: Sequence[tuple[float, float]]) -> Markup:
    """Draw the line; a value applies until the next one."""
    if len(places) < 2:
        return Markup("")
    first, *others = places
    way = "".join(f"H{at:.1f}V{up:.1f}" for at, up in others)
    return Markup('<path class="front" d="M{:.1f} {:.1f}{}"/>').format(*first, Markup(way))


def _mark(point: Point, kind: int, x: float, y: float) -> Markup:
    return Markup('<path class="{}" d="{}"><title>{}</title></path>').format(
        f"kind{kind % KINDS}{' hollow' if point.hollow else ''}", _shape(kind, x, y, SIZE), point.title
    )


def _shape(kind: int, x: float, y: float, size: float) -> str:
    shape = SHAPES[(kind + kind // KINDS) % len(SHAPES)]
    sides = {"l": x - size, "r": x + size, "t": y - size, "b": y + size}
    return shape.format(x=x, y=y, s=size, d=2 * size, **sides)


def _key(kinds: Iterable[str]) -> Markup:
    """Write the key, which shows the mark of each kind."""
    mark = Markup(
        '<span><svg width="14" height="14" aria-hidden="true"><path class="{}" d="{}"/></svg>{}</span>'
    )
    marks = [
        mark.format(f"kind{number % KINDS}", _shape(number, 7, 7, 5), kind)
        for number, kind in enumerate(kinds)
    ]
    return Markup('<p class="kinds">{}</p>').format(join(marks))


def _labels(points: Sequence[Point], places: Sequence[tuple[float, float]]) -> list[Markup]:
    """Write the labels where they cover neither each other nor a mark."""
    taken = [(x - SIZE, y - SIZE, x + SIZE, y + SIZE) for x, y in places]
    parts = []
    for point, (x, y) in zip(points, places, strict=True):
        if not point.label:
            continue
        wide = LETTER * len(point.label)
        tries = [
            (left, top)
            for distance in range(0, 6 * LINE, LINE)
            for top in (y - LINE / 2 - distance, y - LINE / 2 + distance)
            for left in (x + 10, x - 10 - wide)
        ]
        boxes = [(left, top, left + wide, top + LINE) for left, top in tries]
        free = (box for box in boxes if _inside(box) and not any(_overlap(box, other) for other in taken))
        left, top, right, bottom = next(free, boxes[0])
        taken.append((left, top, right, bottom))
        parts.append(
            Markup('<text class="label" x="{:.1f}" y="{:.1f}">{}</text>').format(left, top + 12, point.label)
        )
    return parts


def _inside(box: tuple[float, float, float, float]) -> bool:
    return box[0] > LEFT and box[1] > 0 and box[2] < WIDTH and box[3] < HEIGHT - BOTTOM


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
