"""Make the project a git repository with a first commit, and say what to type next.

Nothing here can fail the bake: if git refuses something, a line says what to type. This file runs under
cookiecutter's own Python, so it uses only the standard library. A test imports it as it is and calls its
functions.
"""

import json
import os
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, List, Tuple

COMMIT = ("commit", "-m", "The project as the template made it")
COMMIT_TYPED = f'git {COMMIT[0]} {COMMIT[1]} "{COMMIT[2]}"'
# Variables that would lead git to another repository, for example if a git hook runs cookiecutter.
ELSEWHERE = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
)


def main() -> None:
    answers = json.loads(r"""{{ cookiecutter | tojson }}""")
    project = Path.cwd()
    remove_empty_folders(project)
    cruft = under_cruft(answers)
    adopted = () if cruft else adopt(answers)
    said = [*start_repository(project), *next_steps(project, cruft, adopted), *in_ascii(project, cruft)]
    try:
        print("\n".join(map(ascii_only, said)), flush=True)
    except OSError:  # a full disk or a closed pipe: the project is complete all the same
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def remove_empty_folders(project: Path) -> None:
    """Remove the folders that are left empty: cookiecutter can leave out files, but not folders."""
    folders = (".github/workflows", ".github", ".gitlab/merge_request_templates", ".gitlab")
    parts = [f"kubernetes/{name}" for name in ("base", "staging", "production", "tracking")]
    parts += ["kubernetes", "infrastructure", "tracking", "serving"]
    for folder in (*folders, *(f"deploy/{part}" for part in parts), "deploy"):
        with suppress(OSError):  # the folder is not empty, or does not exist
            (project / folder).rmdir()


def start_repository(project: Path) -> List[str]:
    """Make the project a repository; return lines about what is left to the user, none if all went well."""
    if (project / ".git").exists():
        return ["It is a git repository already; see what changed: git status"]
    by_hand = f"In its folder type: git init && git add -A && {COMMIT_TYPED}"
    try:
        if belongs_to_another(project):
            ignored = listed(
                project, "--others", "--ignored", "--exclude-standard", "*.py", "*.yaml", "*.toml"
            )
            said = "It lies inside another git repository, so it did not get one of its own; commit it there"
            return [said, *map(told, ignored[:1])]
        for command in (("-c", "init.defaultBranch=main", "init", "-q"), ("add", "-A")):
            code, said = git(project, *command)
            if code:
                return [f"git {command[-2]}: {said}", by_hand]
        ignored = add_what_the_user_ignores(project)
        if git(project, "var", "GIT_AUTHOR_IDENT")[0] or git(project, "var", "GIT_COMMITTER_IDENT")[0]:
            return [
                *map(told, ignored[:1]),
                "git does not know who you are, so the first commit is left to you; in its folder:",
                '  git config --global user.name "Your Name"',
                "  git config --global user.email you@example.com",
                f"  {COMMIT_TYPED}",
            ]
        code, said = git(project, *COMMIT, "-q")
        failed = [f"git commit: {said}", f"In its folder type: {COMMIT_TYPED}"] if code else []
        return [*map(told, ignored[:1]), *failed]
    except FileNotFoundError:
        return [
            "git is not installed, and DVC needs it: install it (https://git-scm.com), then",
            f"  {by_hand}",
        ]
    except (OSError, subprocess.SubprocessError) as error:
        return [f"git: {error}", by_hand]


def add_what_the_user_ignores(project: Path) -> List[str]:
    """Add baked files that a rule of the user's own would keep out (such as `data/` in core.excludesFile).

    Files that such a rule keeps out stay out if they were there before the bake.
    """
    begun = (project / ".gitignore").stat().st_mtime - 60
    ignored = [
        name
        for name in listed(project, "--others", "--exclude-per-directory=.gitignore")
        if (project / name).is_file() and (project / name).stat().st_mtime >= begun
    ]
    if ignored:
        git(project, "update-index", "-z", "--add", "--stdin", given="\0".join(ignored))
    return ignored


def told(ignored: str) -> str:
    return (
        f"{ignored}: a git rule from outside of the project ignores it: use `git add -f` for such files, "
        f"or correct the rule, which this shows: git check-ignore -v --no-index {shlex.quote(ignored)}"
    )


def listed(project: Path, *arguments: str) -> List[str]:
    names = os.fsdecode(run(project, "ls-files", "-z", *arguments).stdout)
    return list(filter(None, names.split("\0")))


def belongs_to_another(project: Path) -> bool:
    """Tell whether the folder is in a repository that does not ignore it, or that git refuses to read."""
    code, said = git(project, "rev-parse", "--is-inside-work-tree")
    if code:
        return "not a git repository" not in said
    return said == "true" and git(project, "check-ignore", "-q", ".")[0] != 0


def git(project: Path, *arguments: str, given: str = "") -> Tuple[int, str]:
    """Return git's exit code, and the last line that it printed."""
    done = run(project, *arguments, given=given)
    said = (done.stdout + done.stderr).decode("utf-8", "replace").strip().splitlines()
    return done.returncode, said[-1] if said else f"exit code {done.returncode}"


def run(project: Path, *arguments: str, given: str = "") -> "subprocess.CompletedProcess[bytes]":
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    return subprocess.run(
        ["git", *arguments],
        cwd=str(project),
        env={**environment, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"},
        input=os.fsencode(given),
        capture_output=True,
        timeout=120,
    )


def under_cruft(answers: Dict[str, Any]) -> bool:
    """Tell whether cruft runs this: it calls cookiecutter's functions, so there is no `_output_dir`."""
    return "_output_dir" not in answers


def adopt(answers: Dict[str, Any]) -> Tuple[str, ...]:
    """Return the command that puts the user's table in the example's place; none without a table."""
    path = answers.get("data_path")
    if not path:
        return ()
    places = [Path(start, Path(path).expanduser()) for start in (os.environ.get("PWD", ".."), "..")]
    table = os.path.normpath(next((place.absolute() for place in places if place.exists()), path))
    shown = f'"{table}"' if os.name == "nt" else shlex.quote(table)
    return (f"  python -m {answers['package_name']} adopt {shown} --target COLUMN",)


def next_steps(project: Path, cruft: bool, adopted: Tuple[str, ...] = ()) -> List[str]:
    if cruft:  # an update renders in a temporary folder, so say nothing about folders
        return ["Commit .cruft.json, which cruft writes next; README.md says how to go on"]
    path = str(project)
    if any(character > "~" for character in path):
        path = project.name
    windows = os.name == "nt"
    return [
        "Next:",
        f'  cd "{path}"' if windows else f"  cd {shlex.quote(path)}",
        "  py -m venv .venv" if windows else "  python3 -m venv .venv",
        r"  .venv\Scripts\activate" if windows else "  . .venv/bin/activate",
        "  pip install -r requirements-dev.txt"
        + ("" if windows else "  # or: uv pip sync requirements-dev.txt"),
        *adopted,
        "  dvc repro",
    ]


def in_ascii(project: Path, cruft: bool) -> List[str]:
    """Return lines about what does not work in this folder; none under cruft, which renders elsewhere."""
    if cruft or all(character <= "~" for character in str(project)):
        return []
    return [
        "The path here has letters outside ASCII, so DVC cannot run `dvc exp run --temp` or `--queue` in it;",
        "`dvc repro`, `dvc exp run` and `tune` work. For the others see docs/tuning.md, or bake elsewhere",
    ]


def ascii_only(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


if __name__ == "__main__":
    main()
