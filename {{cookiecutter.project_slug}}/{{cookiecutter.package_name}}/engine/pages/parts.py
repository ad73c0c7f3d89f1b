"""The parts of a page. Text is escaped; only `Markup`, which these functions return, is HTML."""

import base64
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from .style import STYLE

GOOD, WARN, BAD, PLAIN = "good", "warn", "bad", ""  # tones, which show whether something is good or bad
LONGEST = 300  # the most characters of a cell's text; the rest is cut off

_PAGE = Markup("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
{body}
</html>
""")


def page(title: str, *parts: str) -> str:
    """Write a page as one file that loads no others.

    Args:
        title: the window's title.
        parts: the parts of the page, one below the other.
    """
    return str(_PAGE.format(title=title, style=Markup(STYLE), body=join(parts, "\n")))


def join(parts: Sequence[str], between: str = "") -> Markup:
    """Put parts one after the other."""
    return Markup(between).join(parts)


def heading(text: str, tone: str = PLAIN) -> Markup:
    """Write the heading of a page, with a mark in the colour of its tone."""
    mark = Markup('<span class="{}" aria-hidden="true">●</span> ').format(tone) if tone else ""
    return Markup("<h1>{}{}</h1>").format(mark, text)


def verdict(text: str, tone: str) -> Markup:
    """Write the result in a sentence."""
    return Markup('<p class="verdict {}">{}</p>').format(tone, text)


def paragraph(*parts: str) -> Markup:
    """Write a paragraph."""
    return Markup("<p>{}</p>").format(join(parts))


def facts(values: Mapping[str, str]) -> Markup:
    """Write a list of values with their names."""
    pairs = [Markup("<dt>{}<dd>{}").format(name, value) for name, value in values.items()]
    return Markup("<dl>{}</dl>").format(join(pairs))


def section(title: str, *parts: str) -> Markup:
    """Write a heading with the parts below it."""
    return Markup("<h2>{}</h2>\n{}").format(title, join(parts, "\n"))


def details(title: str, *parts: str, beside: str = "", anchor: str = "", opened: bool = False) -> Markup:
    """Write a section that can be folded up.

    Args:
        title: the title, which stays visible.
        parts: the parts that are folded up.
        beside: what is shown beside the title, such as a badge.
        anchor: the name by which links refer to the section.
        opened: whether the section is unfolded at first.
    """
    return Markup(
        '<details id="{}"{}>\n<summary><h2>{}</h2> {}</summary>\n{}\n</details>'
        if anchor
        else "<details{1}>\n<summary><h2>{2}</h2> {3}</summary>\n{4}\n</details>"
    ).format(anchor, Markup(" open" if opened else ""), title, beside, join(parts, "\n"))


def badge(text: str, tone: str = PLAIN) -> Markup:
    """Write a word or two in the colour of a tone."""
    return Markup('<span class="badge {}">{}</span>').format(tone, text)


def code(text: str) -> Markup:
    """Write a value of the data as it is; a very long one is cut off."""
    return Markup("<code>{}</code>").format(cut(text))


def small(text: str) -> Markup:
    """Write a text that matters less."""
    return Markup("<small>{}</small>").format(text)


def link(text: str, anchor: str) -> Markup:
    """Write a link to a part of the same page."""
    return Markup('<a href="#{}">{}</a>').format(anchor, text)


def cut(text: str, longest: int = LONGEST) -> str:
    """Cut off a text that is too long to be read."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[int] = (), style: str = ""
) -> Markup:
    """Write a table.

    Args:
        head: the heads of the columns.
        rows: the rows of cells.
        numbers: the numbers of the columns that are aligned on the right, since they contain numbers.
        style: the class of the table: with `cards`, on a narrow screen, the cells of a row stand below each
            other with their heads; with `bins`, the rows are narrow, for a distribution.
    """
    kinds = [Markup(' class="number"') if place in numbers else "" for place in range(len(head))]
    heads = [Markup("<th{}>{}").format(kind, name) for kind, name in zip(kinds, head, strict=True)]
    named = [Markup(' data-head="{}"').format(name) if style == "cards" and name else "" for name in head]
    lines = [
        Markup("<tr>{}").format(
            join([Markup("<td{}{}>{}").format(*cell) for cell in zip(kinds, named, row, strict=True)])
        )
        for row in rows
    ]
    return Markup(
        '<div class="wide"><table class="{}">\n<thead><tr>{}</thead>\n<tbody>\n{}</tbody>\n</table></div>'
    ).format(style, join(heads), join(lines, "\n"))


def pictures(paths: Sequence[Path]) -> Markup:
    """Include PNG files."""
    images = [
        Markup('<img alt="{}" src="data:image/png;base64,{}">').format(
            path.stem, base64.b64encode(path.read_bytes()).decode()
        )
        for path in paths
    ]
    return Markup('<div class="pictures">\n{}\n</div>').format(join(images, "\n"))
