"""The report as one HTML file, which includes its pictures and loads nothing from the network."""

from collections.abc import Mapping

from markupsafe import Markup

from ..pages import parts
from ..pages.parts import join
from .sections import BAD, FAILED, GOOD, NEITHER, PASSED

# coloured letters instead of emoji: not every computer has a font for those
MARKS = {
    PASSED: (parts.GOOD, "✔"),
    FAILED: (parts.BAD, "✘"),
    GOOD: (parts.GOOD, "●"),
    BAD: (parts.BAD, "●"),
    NEITHER: (parts.PLAIN, ""),
}
# a comment on a pull request has a heading of its own above it; a wide table is scrolled, not the page
ON_A_PAGE = {
    "h2>": "h1>",
    "h3>": "h2>",
    "<table>": '<div class="wide"><table>',
    "</table>": "</table></div>",
}


def page(title: str, head: str, sections: Mapping[str, str], shown: Mapping[str, Markup]) -> str:
    """Render the report as HTML.

    Args:
        title: the page's title.
        head: markdown; HTML in it is escaped.
        sections: markdown, too, by the sections' headings.
        shown: what a comment cannot hold, by the heading of the section whose end it is put at.
    """
    below = [
        join([_rendered(f"### {name}\n\n{text}"), shown.get(name, Markup(""))], "\n")
        for name, text in sections.items()
    ]
    return parts.page(title, _rendered(head), *below)


def _rendered(markdown: str) -> Markup:
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    for mark, (kind, letter) in MARKS.items():
        body = body.replace(mark, Markup('<span class="{}">{}</span>').format(kind, letter))
    for written, shown in ON_A_PAGE.items():
        body = body.replace(written, shown)
    return Markup(body)
