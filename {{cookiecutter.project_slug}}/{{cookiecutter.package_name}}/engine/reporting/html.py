"""The report as one HTML file, which includes its pictures and loads nothing from the network."""

import base64
import html
from collections.abc import Sequence
from pathlib import Path

from .sections import BAD, FAILED, GOOD, NEITHER, PASSED

# coloured letters instead of emoji, which not every computer has a font for
MARKS = {
    PASSED: ("good", "✔"),
    FAILED: ("bad", "✘"),
    GOOD: ("good", "●"),
    BAD: ("bad", "●"),
    NEITHER: ("", ""),
}
STYLE = """
  :root { color-scheme: light dark; --line: #d8dee6; --soft: #f4f6f8; --good: #1a7f37; --bad: #b42318 }
  @media (prefers-color-scheme: dark) {
    :root { --line: #3a424d; --soft: #20262e; --good: #4cc26b; --bad: #ff8a80 }
    body { background: #14181d; color: #e4e8ed }
    img { filter: brightness(.92) }
  }
  body { font: 16px/1.55 system-ui, sans-serif; margin: 2.5rem auto; max-width: 62rem; padding: 0 1.25rem }
  h2 { font-size: 1.75rem; margin: 0 0 .5rem } h3 { margin: 2.25rem 0 .75rem; font-size: 1.15rem }
  table { border-collapse: collapse; display: block; overflow-x: auto; font-variant-numeric: tabular-nums }
  th { font-weight: 600; font-size: .85rem; background: var(--soft) }
  th, td { text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line) }
  th, td { padding: .4rem 1rem .4rem .75rem }
  code { font-family: ui-monospace, monospace; font-size: .9em; background: var(--soft); border-radius: 4px }
  code { padding: .1em .35em }
  pre { background: var(--soft); border-radius: 6px; padding: .9rem 1rem; overflow-x: auto }
  pre code { padding: 0 }
  .good { color: var(--good) } .bad { color: var(--bad) }
  .pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1rem }
  .pictures img { width: 100%; border: 1px solid var(--line); border-radius: 6px; background: #fff }
"""


def page(title: str, markdown: str, pictures: Sequence[Path]) -> str:
    """Render the report as HTML.

    Args:
        title: of the page.
        markdown: the report; HTML in it is escaped.
        pictures: PNG files, shown at the end.
    """
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    for mark, (kind, letter) in MARKS.items():
        body = body.replace(mark, f'<span class="{kind}">{letter}</span>')
    images = "\n".join(_picture(path) for path in pictures)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{html.escape(title)}</title>
<style>{STYLE}</style>
{body}
<div class="pictures">
{images}
</div>
</html>
"""


def _picture(path: Path) -> str:
    content = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{html.escape(path.stem)}" src="data:image/png;base64,{content}">'
