"""Draw the README's badges, docs/badges/*.svg, from the facts they show, so that no other host is needed.

`make lock` and `make release` write them; a test fails if one is out of date.
"""

from html import escape

from scripts import compatibility, release

FOLDER = release.TEMPLATE / "docs" / "badges"
WIDTH, HEIGHT = 6.6, 20  # the width of a letter, and the height of a badge
SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img">
<title>{title}</title>
<clipPath id="r"><rect width="{width}" height="{height}" rx="3"/></clipPath>
<g clip-path="url(#r)">
<rect width="{left}" height="{height}" fill="#4a4f57"/>
<rect x="{left}" width="{right}" height="{height}" fill="#1f5fa8"/>
</g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<text x="{first}" y="14">{label}</text>
<text x="{second}" y="14">{value}</text>
</g>
</svg>
"""


def badges() -> dict[str, str]:
    """Return the content of each file: the template's version, its versions of Python, and its licence."""
    version, pythons, *_ = compatibility.row().strip("| ").split(" | ")
    licence = (release.TEMPLATE / "LICENSE").read_text(encoding="utf-8").split()[0]
    facts = {"version": f"v{version}", "python": pythons, "licence": licence}
    return {f"{label}.svg": drawn(label, value) for label, value in facts.items()}


def drawn(label: str, value: str) -> str:
    """Return a badge as SVG."""
    left, right = (round(len(text) * WIDTH) + 12 for text in (label, value))
    return SVG.format(
        width=left + right,
        height=HEIGHT,
        left=left,
        right=right,
        first=left / 2,
        second=left + right / 2,
        title=escape(f"{label}: {value}"),
        label=escape(label),
        value=escape(value),
    )


def write() -> None:
    """Write all badges."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in badges().items():
        (FOLDER / name).write_text(content, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
