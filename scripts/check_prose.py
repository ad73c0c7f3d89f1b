"""Check the spelling and the prose of all texts that people read; `make lint` runs this.

codespell reads all files. proselint reads the markdown pages, without their code. The words of `HOUSE` are
refused everywhere, also in comments, docstrings and messages: they are riddles, or a second name for a thing.
"""

import ast
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent
READ = (".md", ".py", ".toml", ".yaml", ".yml")
# files whose words are not our own: data, locks, names of modules, drawings
NOT_OURS = re.compile(
    r"\.(csv|lock|png|svg|txt)$|^cookiecutter\.json$|/tables/|^benchmarks/kedro/|/first_half/|^scripts/check_prose\.py$"
)
# words that tests misspell on purpose, and names: `fpr` is scikit-learn's, `IST` is a time zone
WORDS = "acounts,acuracy,fpr,heigth,histori,ist,nd,tage,targte,untils,viwer,widht,zar"
HOUSE = {
    r"\bagain is safe\b": "it is safe to run again",
    r"\bwhatever way\b": "however",
    r"\b(can|could|must|cannot|to) be had\b": "be available, be used",
    r"\bof now\b": "current, today's",
    r"\b[Bb]ad data(\*\*)? stop\b": "bad data stops",
    r"\b(is|are) told by (?!whom|the user)": "is recognised by",
    r"\bin a pinch\b": "if need be",
    r"\btake one over\b": "adopt one",
    r"\bis what is true\b": "is the source of truth",
    r"\b[Kk]nobs?\b": "parameter",
    r"\bregistry of images\b": "image registry",
    r"\bpushed over\b": "overwritten",
    r"\bsurer\b": "more confident",
}
BLOCK = re.compile(r"^ *```.*?^ *```|^ {4,}\S[^\n]*$|^#[^\n]*$", re.MULTILINE | re.DOTALL)
IN_LINE = re.compile(r"`[^`\n]+`|\]\([^)\n]*\)|\{[{%].*?[%}]\}")
# checks of proselint that do not suit plain text, such as curly quotes; and its joke about "very"
NOT_MEANT = (": typography.", ": weasel_words.very")


DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
ENTRY = re.compile(r"^\s*[\w*]+( \([^)]*\))?: |:$")  # of `Args`, whose continuation is deeper


def main() -> int:
    """Print what is found, and return 1 if anything is."""
    names = subprocess.run(
        ("git", "ls-files"), cwd=TEMPLATE, capture_output=True, text=True, check=True
    ).stdout
    files = [name for name in names.splitlines() if not NOT_OURS.search(name) and (TEMPLATE / name).is_file()]
    pages, modules = ([name for name in files if name.endswith(kind)] for kind in (".md", ".py"))
    found = [*spelling(files), *house(files), *prose(pages), *wrapped(modules)]
    print("\n".join(found) or f"{len(files)} files: nothing found")
    return 1 if found else 0


def spelling(files: list[str]) -> list[str]:
    """Return what codespell finds, one line for each finding."""
    command = (sys.executable, "-m", "codespell_lib", "--ignore-words-list", WORDS, *files)
    return _lines(command, TEMPLATE)


def wrapped(files: list[str]) -> list[str]:
    """Return where a line of a docstring is deeper than both its neighbours in the middle of a sentence."""
    found = []
    for name in files:
        source = (TEMPLATE / name).read_text("utf-8")
        if re.search(r"\{\{ cookiecutter|\{%", source):  # no Python yet
            continue
        documented = [node for node in ast.walk(ast.parse(source)) if isinstance(node, DOCUMENTED)]
        for lines in ((ast.get_docstring(node) or "").split("\n") for node in documented):
            for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
                depths = [len(each) - len(each.lstrip()) for each in (before, line, after)]
                if before and after and depths[0] == depths[2] < depths[1] and not ENTRY.search(before):
                    found.append(f"{name}: {line.strip()!r} is deeper than the lines around it")
    return found


def house(files: list[str]) -> list[str]:
    """Return where the words of `HOUSE` are, with what to write instead."""
    texts = {name: (TEMPLATE / name).read_text(encoding="utf-8") for name in files if name.endswith(READ)}
    return [
        f"{name}:{number}: {found[0]!r}: write {instead!r} or the like"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        for pattern, instead in HOUSE.items()
        if (found := re.search(pattern, line))
    ]


def prose(pages: list[str]) -> list[str]:
    """Return what proselint finds in pages, with the numbers of the lines."""
    with tempfile.TemporaryDirectory() as scratch:
        for number, name in enumerate(pages):
            text = words((TEMPLATE / name).read_text(encoding="utf-8"))
            (Path(scratch) / f"{number}.md").write_text(text, encoding="utf-8")
        copies = (f"{number}.md" for number in range(len(pages)))
        lines = _lines((sys.executable, "-m", "proselint", "check", *copies), Path(scratch))
    meant = [line for line in lines if not any(kind in line for kind in NOT_MEANT)]
    return [re.sub(r"^\S*?(\d+)\.md", lambda match: pages[int(match[1])], line) for line in meant]


def words(page: str) -> str:
    """Return a page's prose: code blocks and headings become empty lines, inline code becomes a word."""
    page = BLOCK.sub(lambda block: "\n" * block[0].count("\n"), page)
    return IN_LINE.sub(lambda code: f"code{code.start()}x", page)


def _lines(command: tuple[str, ...], folder: Path) -> list[str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if done.stderr.strip():
        return [done.stderr.strip()]
    return done.stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main())
