"""Markdown in which a user's text has no effect: no markup, no link, no mention."""

from collections.abc import Sequence

LONGEST = 200  # characters of a value; longer ones are cut off


def code(text: object) -> str:
    """Format a user's text as code, in which neither markup nor `@somebody` means anything."""
    shown = "".join(c if c.isprintable() else " " for c in str(text)).replace("|", r"\|")
    if len(shown) > LONGEST:
        shown = shown[:LONGEST].rstrip("\\") + "…"
    fence = "`"
    while fence in shown:
        fence += "`"
    space = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{space}{shown}{space}{fence}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out cells of markdown as a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
