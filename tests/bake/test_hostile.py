"""Whatever the free text holds, every file parses and the text arrives."""

import json
import subprocess
import sys
import tomllib
import unicodedata
from pathlib import Path

import pytest

from tests.bake.test_bake import parse_all
from tests.conftest import Bake
from tests.support.baked import TEMPLATE, Baked, literally, run

HOSTILE = {
    "quotes": """it's "quoted" and ''' and \""" too""",
    "backslashes": r"C:\new\table\ and \u0041 and a last one \\",
    "newlines": "one\ntwo\r\n\nthree\tfour\u2028five\u0085six",
    "control characters": "a\x00b\x07c\x1bd\x7fe\x9ff \x01 ",
    "expression": "{{ 7*7 }}",
    "open expression": "{{ cookiecutter.nothing",
    "block": "{% raw %} {% endfor %} {# comment",
    "emoji": "\N{PENGUIN} family \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "right-to-left": "פינגווינים والبطاريق می\u200cخ abc",
    "invisible": "a\u202eb\u2066c\u200fd\u061ce\u200bf\ufeffg\u00adh\u2060i\U000e0041\U000e007fj",
    "markup": "</script><!-- ``` [a]: b & &amp; <b>",
    "long": "word " * 2000,
    "shell": "$HOME `x` $(id) %s %(x)s ${x} ; # !",
    "dashes": "-- --help - x",
    "yaml": "? key: [a, {b: *c}] &d !!e | > @ ` 'x",
    "toml": '" ]\n[tool.evil]\nx = "1',
    "null": "null",
    "looks empty": "\u200b",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_text_arrives(bake: Bake, text: str) -> None:
    given = literally(text)
    project = bake(
        project_name=literally("N" + text),
        project_slug="x",
        package_name="pack",
        description=given,
        author=given,
    )
    arrived(project, text)


def arrived(project: Baked, text: str) -> None:
    parse_all(project)
    assert project.run("git", "status", "--porcelain").stdout == ""
    metadata = tomllib.loads(project.read("pyproject.toml"))["project"]
    seen = one_line(text)  # nothing: the project's name, nobody in particular
    assert metadata["description"] == (seen or "N")
    author = seen or "The authors"
    assert metadata["authors"] == [{"name": author}]
    assert author in project.read("LICENSE")


def one_line(text: str) -> str:
    return " ".join("".join(c for c in text if c in "\r\n\t" or not is_invisible(c)).split())


def is_invisible(character: str) -> bool:
    """A control, or a format character (which an attacker may use to show another text than there is).

    Those that join letters and emojis are part of the writing, as are Arabic's signs for numbers.
    """
    if character in "\u0085\u200c\u200d":
        return False
    return unicodedata.category(character) in ("Cc", "Cf")


def test_invisible_characters_are_listed() -> None:
    """All of Unicode's format characters, but joiners and those that can be seen (around digits, say)."""
    listed = json.loads((TEMPLATE / "cookiecutter.json").read_text("utf-8"))["_invisible"]
    spans = [tuple(int(end, 16) for end in span.split("-")) for span in listed.split()]
    taken = {chr(code) for first, last in spans for code in range(first, last + 1)}
    formats = {
        character for character in map(chr, range(0x110000)) if unicodedata.category(character) == "Cf"
    }
    visible = {c for c in formats if unicodedata.bidirectional(c) in ("AN", "AL", "L")} - taken
    assert formats - taken - visible == {"\u200c", "\u200d"}


def test_empty_text_has_a_substitute(baked: Bake) -> None:
    metadata = tomllib.loads(baked(description=" ", author="").read("pyproject.toml"))["project"]
    assert (metadata["description"], metadata["authors"][0]["name"]) == ("Penguins", "The authors")


@pytest.mark.parametrize("text", [HOSTILE["expression"], HOSTILE["block"], HOSTILE["quotes"]])
def test_typed_text_and_its_replay(tmp_path: Path, text: str) -> None:
    """Typed at the prompts, text is taken as it is; `--replay` makes the same project again."""
    answers = [text, "typed", "", text, text, "", "", "", "", "", "", ""]
    command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE)]
    subprocess.run(
        command,
        cwd=tmp_path,
        input="\n".join(answers) + "\n",
        check=True,
        encoding="utf-8",
        capture_output=True,
    )
    typed = Baked(tmp_path / "typed")
    arrived(typed, text)

    again = tmp_path / "again"
    again.mkdir()
    run(again, *command, "--replay")
    replayed = Baked(again / "typed")
    assert {name: replayed.read(name) for name in replayed.files()} == {
        name: typed.read(name) for name in typed.files()
    }


def test_hooks_get_answers_as_data(baked: Bake) -> None:
    """Neither hook holds user text outside its JSON."""
    for hook in ("pre_gen_project", "post_gen_project"):
        source = (TEMPLATE / "hooks" / f"{hook}.py").read_text("utf-8")
        assert source.count("{{") == source.count('r"""{{ cookiecutter | tojson }}"""') == 1
        assert "{%" not in source
    assert json.loads((TEMPLATE / "cookiecutter.json").read_text("utf-8"))
