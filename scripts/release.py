"""The template's version, which is the engine's: `python -m scripts.release check TAG`, or `cut VERSION`.

`cut` writes a new version wherever it stands: the engine, the heading in CHANGELOG.md, the README. A version
that has no tag yet can be cut again, as the first one: what was written since becomes a part of it.
`check` prints the notes of a release, or fails if the tag is not the version of all three, or if something
is still called unreleased.
"""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent
ENGINE = "{{cookiecutter.project_slug}}/{{cookiecutter.package_name}}/engine/__init__.py"
CHANGELOG, README = "CHANGELOG.md", "README.md"
VERSION = re.compile(r"\d+\.\d+\.\d+")
OF_ENGINE = re.compile(r'(?<=^__version__ = ")[^"]*', re.MULTILINE)
OF_README = re.compile(r"(?<=--checkout v)[\d.]*\d|(?<=^Version )[\d.]*\d", re.MULTILINE)
HEADING = re.compile(r"^## \[(.*?)\](?: - (.*))?$", re.MULTILINE)
UNRELEASED = "## [Unreleased]\n"


def main(arguments: list[str]) -> None:
    """Run the command in the arguments; a mistake is reported in one line."""
    match arguments:
        case ["check", tag]:
            problems, notes = check(TEMPLATE, tag)
            if problems:
                sys.exit("\n".join(problems))
            print(notes)
        case ["cut", version]:
            cut(TEMPLATE, version, date.today().isoformat())
        case _:
            sys.exit(__doc__)


def check(template: Path, tag: str) -> tuple[list[str], str]:
    """Return the reasons why this tag cannot release the template, and the notes of the release."""
    version = tag.removeprefix("v")
    changelog = _read(template, CHANGELOG)
    sections = HEADING.split(changelog)[1:]
    released = [(name, day) for name, day in zip(sections[::3], sections[1::3], strict=True) if day]
    newest = released[0][0] if released else "none"
    notes = dict(zip(sections[::3], sections[2::3], strict=True)).get(version, "").strip()
    named = {
        f"{ENGINE}: __version__": OF_ENGINE.findall(_read(template, ENGINE)),
        f"{CHANGELOG}: the newest version with a day": [newest],
        f"{README}: --checkout, Version": OF_README.findall(_read(template, README)) or ["none"],
    }
    problems = (
        [] if tag == f"v{version}" and VERSION.fullmatch(version) else [f"{tag}: no tag such as v1.2.3"]
    )
    problems += [
        f"{place}: {other}, and the tag is {tag}"
        for place, versions in named.items()
        for other in versions
        if other != version
    ]
    if not notes:
        problems.append(f"{CHANGELOG}: nothing under {version}")
    if changelog.partition(UNRELEASED)[2].partition("## [")[0].strip():
        problems.append(f"{CHANGELOG}: {tag} has what is under Unreleased: make release VERSION={version}")
    return problems, notes


def cut(template: Path, version: str, day: str) -> None:
    """Write the version everywhere, and turn the unreleased changes into its section."""
    if not VERSION.fullmatch(version):
        sys.exit(f"{version}: no version such as 1.2.3")
    tags = ["git", "tag", "--list", f"v{version}"]
    if subprocess.run(tags, cwd=template, capture_output=True, check=False).stdout.strip():
        sys.exit(f"v{version} is released: git has its tag")
    _write(template, CHANGELOG, with_unreleased(_read(template, CHANGELOG), version, day))
    _write(template, ENGINE, OF_ENGINE.sub(version, _read(template, ENGINE)))
    _write(template, README, OF_README.sub(version, _read(template, README)))


def with_unreleased(changelog: str, version: str, day: str) -> str:
    """Return the changelog with the unreleased changes moved to the top of a version's section."""
    top, unreleased, *others = re.split(r"^(?=## \[)", changelog, flags=re.MULTILINE)
    parts: dict[str, list[str]] = {}
    for section in (unreleased, *(other for other in others if other.startswith(f"## [{version}]"))):
        for part in re.split(r"^(?=### )", section.partition("\n")[2], flags=re.MULTILINE):
            title, _, text = part.partition("\n")
            if text.strip():
                parts.setdefault(title, []).append(text.strip("\n"))
    body = "".join("\n".join([f"{title}\n", *texts]) + "\n\n" for title, texts in parts.items())
    older = [other for other in others if not other.startswith(f"## [{version}]")]
    return f"{top}{UNRELEASED}\n## [{version}] - {day}\n\n{body}{''.join(older)}".rstrip("\n") + "\n"


def _read(template: Path, name: str) -> str:
    return (template / name).read_text(encoding="utf-8")


def _write(template: Path, name: str, text: str) -> None:
    (template / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
