"""A page of the docs as a list of blocks, for a test that follows it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

PART = re.compile(
    r"(?:In|A new file,) `(?P<file>[^`\n]+)`[^\n]*:$"  # where the next block belongs
    r"|^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.M | re.S,
)


@dataclass(frozen=True)
class Block:
    """A block of a page.

    Attributes:
        kind: the block's language: `sh` is run, `text` is its output, `diff` an edit, `python` a new file.
        file: the file that the line before names.
        text: the block's text, without the indentation of a list.
    """

    kind: str
    file: str
    text: str

    @property
    def edit(self) -> tuple[str, str]:
        """The text before and the text after the edit of a `diff`."""
        lines = self.text.splitlines()
        before, after = ("\n".join(line[1:] for line in lines if line[:1] != other) for other in "+-")
        return before, after


def blocks(page: str) -> Iterator[Block]:
    file = ""
    for part in PART.finditer(page):
        if part["file"]:
            file = part["file"]
        else:
            yield Block(part["kind"], file, dedent(part["text"]))


def unlike(shown: str, printed: str) -> str:
    """Return the first line in which a page and the printed text differ; empty if they do not.

    On the page, `...` stands for any text in a line and, where it is alone in a line, for any lines.
    """
    lines, skip = printed.splitlines(), False
    for wanted in shown.splitlines():
        if wanted.strip() == "...":
            skip = True
            continue
        pattern = ".*".join(map(re.escape, wanted.rstrip().split("...")))
        while lines and not re.fullmatch(pattern, lines[0].rstrip()) and skip:
            del lines[0]
        if not lines or not re.fullmatch(pattern, lines.pop(0).rstrip()):
            return wanted
        skip = False
    return "" if skip else "".join(lines[:1])
