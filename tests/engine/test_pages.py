"""The parts of a page: whatever stands in the data, it is text on one page that loads nothing."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import Markup
from penguins.engine.pages import charts, parts

HOSTILE = "<script>alert(1)</script>\"'&"
VOID = ("meta", "img", "rect")
CLOSED_BY_OTHERS = ("td", "th", "dt", "dd", "tr")  # HTML lets their ends out, and so do the parts


class Tags(HTMLParser):
    """Remembers the tags that are open, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in (*VOID, *CLOSED_BY_OTHERS):
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "part",
    [
        parts.heading(HOSTILE, parts.BAD),
        parts.verdict(HOSTILE, parts.GOOD),
        parts.paragraph(HOSTILE),
        parts.facts({"name": HOSTILE}),
        parts.facts({HOSTILE: "value"}),
        parts.section(HOSTILE, "text"),
        parts.section("title", HOSTILE),
        parts.details(HOSTILE, "text", anchor="a"),
        parts.details("title", HOSTILE),
        parts.details("title", "text", beside=HOSTILE, opened=True),
        parts.badge(HOSTILE, parts.WARN),
        parts.code(HOSTILE),
        parts.small(HOSTILE),
        parts.link(HOSTILE, "a"),
        parts.table([HOSTILE], [["a"]]),
        parts.table(["a"], [[HOSTILE]], style="cards"),
        charts.key(HOSTILE, "now"),
    ],
)
def test_a_text_of_the_data_is_text(part: Markup) -> None:
    page = parts.page("title", part)
    assert "<script" not in page
    tags = Tags()
    tags.feed(f"{page}")
    assert tags.opened == []
    assert HOSTILE in tags.text


def test_a_page_loads_nothing_and_its_title_is_text() -> None:
    page = parts.page(HOSTILE, parts.heading("a"), charts.histogram([1, 0, 5], "how much"))
    assert not re.search(r"src=|href=|@import|url\(|<script", page)
    assert f"<title>{Markup.escape(HOSTILE)}</title>" in page


def test_a_table_says_its_heads_where_a_row_is_a_card_and_aligns_numbers() -> None:
    table = parts.table(["column", "rows"], [["<a>", "7"]], numbers=[1], style="cards")
    assert '<td data-head="column">&lt;a&gt;<td class="number" data-head="rows">7' in table


def test_a_histogram_has_the_height_of_its_counts() -> None:
    drawn = charts.histogram([0, 5, 10], 'counts of "a"')
    assert re.findall(r'height="([\d.]+)"/', drawn) == ["18.0", "36.0"]
    assert 'aria-label="counts of &#34;a&#34;"' in drawn
    assert "<rect" not in charts.histogram([], "nothing")
    assert "<rect" not in charts.histogram([0], "nothing")


def test_the_smaller_of_two_bars_is_as_much_smaller() -> None:
    assert re.findall(r'width="([\d.]+)"/', charts.two_bars(0.5, 1.0)) == ["110.0", "220.0"]
    assert re.findall(r'width="([\d.]+)"/', charts.two_bars(0.0, 1e-9)) == ["0.0", "1.0"]


def test_a_very_long_text_is_cut_off_and_a_picture_is_included(tmp_path: Path) -> None:
    assert len(parts.code("x" * 100_000)) < 400
    picture = tmp_path / "a&b.png"
    picture.write_bytes(b"png")
    assert 'alt="a&amp;b" src="data:image/png;base64,cG5n"' in parts.pictures([picture])
