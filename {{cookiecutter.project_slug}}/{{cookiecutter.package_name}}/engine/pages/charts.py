"""Small charts, as SVG within the page: they use its colours, and say in words what they show."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from .parts import join

WIDTH, HEIGHT = 160, 36  # a histogram, in pixels
BAR_WIDTH, BAR_HEIGHT = 220, 9  # each of the two bars of a bin
BAR = 80  # the width of the bar for a share of 1
LEAST = 1.0  # the least size of a bar whose value is not 0


def histogram(counts: Sequence[int], label: str) -> Markup:
    """Draw how many values each of n bins has, with bars of equal width.

    Args:
        counts: the counts of the bins.
        label: what the chart shows, for people who cannot see it.
    """
    step, most = WIDTH / max(len(counts), 1), max(counts, default=0) or 1
    bars = [
        Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            place * step, HEIGHT - high, max(step - 1, 1), high
        )
        for place, count in enumerate(counts)
        if (high := max(HEIGHT * count / most, LEAST if count else 0.0))
    ]
    return Markup('<svg width="{}" height="{}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, label, join(bars)
    )


def ranking(shares: Mapping[str, float]) -> Markup:
    """Draw shares of 1 as bars, one below the other, each between its name and its percentage."""
    rows = [
        Markup(
            '<span>{}</span><svg width="{}" height="8" aria-hidden="true"><rect width="{:.1f}" height="8"/>'
            "</svg><span>{:.3g} %</span>"
        ).format(name, BAR, max(share * BAR, LEAST if share else 0.0), 100 * share)
        for name, share in shares.items()
    ]
    return Markup('<div class="ranking">{}</div>').format(join(rows))


def two_bars(was: float, now: float) -> Markup:
    """Draw two shares, one below the other; a share of 1 takes the full width."""
    widths = [max(share * BAR_WIDTH, LEAST if share else 0.0) for share in (was, now)]
    bars = [
        Markup('<rect class="{}" y="{}" height="{}" width="{:.1f}"/>').format(kind, at, BAR_HEIGHT, width)
        for kind, at, width in zip(("was", "now"), (0, BAR_HEIGHT + 1), widths, strict=True)
    ]
    return Markup('<svg width="{}" height="{}" aria-hidden="true">{}</svg>').format(
        BAR_WIDTH, 2 * BAR_HEIGHT + 1, join(bars)
    )


def key(was: str, now: str) -> Markup:
    """Write the key of the two colours."""
    return Markup('<p class="key"><span class="was">■</span> {} <span class="now">■</span> {}</p>').format(
        was, now
    )
