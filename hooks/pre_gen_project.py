"""Refuse wrong answers before anything is written: all at once, one line each.

The answers arrive as JSON only, so nothing in them is ever run as code. This file runs under cookiecutter's
own Python, so it uses only the standard library. A test imports it as it is and calls its functions.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple
from urllib.parse import urlsplit

Answers = Dict[str, Any]

# The URL schemes that DVC's own configuration allows; cookiecutter.json names the plugin of each.
REMOTE_SCHEMES = re.findall(r"\w+", "s3 gs azure ssh gdrive oss webdav webdavs hdfs webhdfs http https")
DATABASES = frozenset(["postgresql", "postgres", "mysql", "mssql", "oracle"])
SQLITE = "sqlite:///"
# The answers whose defaults are derived from another answer, and that answer.
MADE_OF = {"project_slug": "project_name", "package_name": "project_slug", "dvc_remote_url": "project_slug"}


def main() -> None:
    answers = json.loads(r"""{{ cookiecutter | tojson }}""")
    if is_unrendered(answers):
        stop(["cookiecutter: this one leaves Jinja in the files; take 2.1 or newer: uvx cookiecutter ..."])
    problems = dict(find_problems(answers))
    if problems:
        said = [f"{question}: {problem}" for question, problem in problems.items()]
        stop([*said, *where_secrets_are(answers, problems), again(answers, problems)], ", ".join(problems))


def stop(lines: Iterable[str], refused: str = "this cookiecutter") -> None:
    for line in lines:
        print(ascii_only(line), file=sys.stderr, flush=True)
    say_last(f"Nothing was made. Refused: {refused}; the reasons stand above cookiecutter's own report.")
    sys.exit(1)


def is_unrendered(answers: Answers) -> bool:
    """Tell whether this is cookiecutter 1, which does not render the answers derived from others."""
    return "{" in answers.get("__license", "{")


def find_problems(answers: Answers) -> Iterator[Tuple[str, str]]:
    reserved = {owner: names.split() for owner, names in answers["_reserved"].items()}
    slug, package = answers["project_slug"], answers["package_name"]
    remote, tracking = answers["dvc_remote_url"], answers["mlflow_tracking_uri"]
    own = [*reserved["a folder or file of the project"], package]
    checked = {
        "project_name": check_name(answers["project_name"]),
        "project_slug": check_slug(slug, reserved["a device on Windows"]),
        "package_name": check_package(package, reserved),
        "data_path": check_data(answers),
        "dvc_remote_url": check_remote(remote, own),
        "mlflow_tracking_uri": check_tracking(tracking, own, remote),
    }
    for question, problem in checked.items():
        if problem:
            yield question, problem


def check_name(name: str) -> Optional[str]:
    if not any(character.isprintable() and not character.isspace() for character in name):
        return "is empty; give the project a name"
    return None


def check_slug(slug: str, devices: List[str]) -> Optional[str]:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", slug):
        return (
            f"{slug!r} is not a folder name; start with a lower-case letter or digit, "
            "go on with those or . _ -, and end with a letter or digit"
        )
    if len(slug) > 60:
        return f"has {len(slug)} characters; use at most 60"
    if slug.split(".")[0] in devices:
        return f"{slug!r} is a device on Windows; choose another"
    return None


def check_package(name: str, reserved: Dict[str, List[str]]) -> Optional[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return (
            f"{name!r} is not a package name; start with a lower-case letter, go on with letters, digits or _"
        )
    if len(name) > 40:
        return f"has {len(name)} characters; use at most 40"
    for owner, names in reserved.items():
        if name in names:
            return f"{name!r} is {owner}; choose another"
    return None


def check_data(answers: Answers) -> Optional[str]:
    """Check that the table exists, except for cruft, whose updates may run on another machine."""
    path = answers.get("data_path", "")
    if not path or "_output_dir" not in answers:
        return None
    if not path.isprintable():
        return "holds a line break or another invisible character"
    if not any(place.exists() for place in places(path)):
        return f"{path!r}: no such file or folder; leave it empty, and give it to `adopt` later"
    return None


def places(path: str) -> List[Path]:
    """Return what a path may mean: the hook runs in the new project, but the user was in another folder."""
    return [Path(start) / Path(path).expanduser() for start in (os.environ.get("PWD", ".."), "..")]


def check_remote(url: str, own: List[str]) -> Optional[str]:
    problem = check_text(url)
    if problem:
        return problem
    if is_elsewhere(url):
        return None
    if "://" not in url:
        if ":" in url and not is_windows_path(url):
            return f"{url!r} is neither a folder nor a URL; write ssh://host/path for another machine"
        return check_place(url.replace("\\", "/"), own)
    scheme, rest = url.split("://", 1)
    if scheme == "file":
        return f"{url!r}: give the folder itself, without file://"
    if scheme not in REMOTE_SCHEMES:
        return f"{scheme}:// is not known to DVC; use a folder, or one of {', '.join(REMOTE_SCHEMES)}"
    if not rest.split("/")[0]:
        return f"{url!r} names no bucket or host; write {scheme}://NAME/path"
    return check_secrets(url)


def check_tracking(uri: str, own: List[str], remote: str) -> Optional[str]:
    problem = check_text(uri)
    if problem:
        return problem
    known = "use sqlite:///mlflow.db or the https:// address of an MLflow server"
    scheme = uri.split(":", 1)[0].split("+")[0].lower()
    if scheme in DATABASES:
        return (
            f"a {scheme} URI carries a password and gives artifacts no shared place; put the database behind "
            "`mlflow server` and give that server's address, or export MLFLOW_TRACKING_URI"
        )
    if scheme == "file" or is_windows_path(uri) or ":" not in uri:
        return f"{uri!r} is a folder, and MLflow 3 keeps no runs in one; {known}"
    if len(uri) > 80:
        return f"has {len(uri)} characters; use at most 80, or export MLFLOW_TRACKING_URI"
    if scheme == "sqlite":
        return check_database(uri, own, remote)
    if scheme not in ("http", "https"):
        return f"{scheme}: is not known; {known}"
    if not re.match(r"https?://[^/:?#]", uri):
        return f"{uri!r} names no host; write {scheme}://your-server"
    return check_secrets(uri)


def check_database(uri: str, own: List[str], remote: str) -> Optional[str]:
    if not re.fullmatch(r"sqlite:///[^:?]*[^:?/]|sqlite:///[A-Za-z]:[\\/][^:?]*[^:?/\\]", uri):
        return f"{uri!r} names no database file; write sqlite:///mlflow.db"
    path = uri[len(SQLITE) :]
    if is_elsewhere(path):
        return None
    if not is_windows_path(path) and ("\\" in path or path.startswith("~")):
        return f"{uri!r}: write the path with / and without ~, relative to the project's folder or absolute"
    if "://" not in remote and absolute(path) == absolute(remote):
        return f"{uri!r} is the DVC remote; choose another place"
    return None if path == "mlflow.db" else check_place(path, own)


def check_place(path: str, own: List[str]) -> Optional[str]:
    """Check that a path in the project is apart from its own files, and that git can ignore it as written."""
    try:
        inside = os.path.relpath(absolute(path), absolute(".")).replace(os.sep, "/")
    except ValueError:  # another drive
        return None
    if inside == ".":
        return "is the project's own folder; choose one beside it"
    first = inside.split("/")[0].casefold().rstrip(". ")
    if inside.startswith("../") or inside == "..":
        return None
    if first in own or first.startswith("."):
        return f"{path!r} lies in {first!r}, which is the project's own; choose another place"
    if inside != path:
        return f"{path!r} lies in the project; write it as {inside!r}"
    return None


def absolute(path: str) -> str:
    """Return the absolute path: links are resolved, and the project's folder is in its true case."""
    here = str(Path.cwd().resolve())
    full = str(Path(path).expanduser().resolve())
    return here + full[len(here) :] if full[: len(here)].casefold() == here.casefold() else full


def check_text(text: str) -> Optional[str]:
    """Check that a URL or folder has nothing that is unsafe in configuration files and command lines."""
    if not text.strip():
        return "is empty"
    if text != text.strip() or not text.isprintable():
        return "begins or ends with a space, or holds a line break or another invisible character"
    unsafe = sorted(set(text) & set("\"'`#,<>|*{}$%"))
    if unsafe:
        return f"holds {' '.join(unsafe)}; choose a place without"
    if " " in text and "://" in text:
        return "holds a space; write it as a URL without"
    return None


def check_secrets(url: str) -> Optional[str]:
    """Check that a URL has no password, key or token, since answers are committed. A user name is allowed."""
    try:
        parts = urlsplit(url)
        secret = parts.password is not None or parts.query or (parts.username and not is_login(url))
    except ValueError as error:
        return f"cannot be read as a URL: {error}"
    if secret:
        return "holds credentials, and it is committed; keep those in the environment or .env"
    return None


def is_login(url: str) -> bool:
    """Tell whether a name alone is a login, as in `ssh://user@host`; in other URLs it is a key or a token."""
    return url.startswith(("ssh://", "webdav://", "webdavs://", "hdfs://", "webhdfs://"))


def is_windows_path(text: str) -> bool:
    return re.match(r"[A-Za-z]:[\\/]|\\\\[^\\]", text) is not None


def is_elsewhere(path: str) -> bool:
    """Tell whether this is a Windows path on another system."""
    return os.name != "nt" and is_windows_path(path)


def where_secrets_are(answers: Answers, problems: Iterable[str]) -> Iterator[str]:
    """Name the replay files, where cookiecutter (not cruft) has saved all answers before this hook runs."""
    for question in problems:
        answer = answers[question]
        if "://" in answer and ("@" in answer or "?" in answer) and "_output_dir" in answers:
            found = [
                str(file)
                for file in replay_files()
                if json.dumps(answer) in file.read_text("utf-8", "replace")
            ]
            yield (
                f"{question}: if that is a secret, delete the replay file in which cookiecutter has kept it: "
                + (", ".join(found) or "it is in its `replay_dir`, by default ~/.cookiecutter_replay")
            )


def replay_files() -> Iterator[Path]:
    folder = "~/.cookiecutter_replay"
    with suppress(OSError, UnicodeDecodeError, RuntimeError):  # the last one: there is no home
        configuration = Path(os.environ.get("COOKIECUTTER_CONFIG", "~/.cookiecutterrc")).expanduser()
        named = re.search(r"^replay_dir:\s*(.+?)\s*$", configuration.read_text("utf-8"), re.MULTILINE)
        folder = named.group(1).strip("'\"") if named else folder
    with suppress(RuntimeError):
        yield from Path(os.path.expandvars(folder)).expanduser().glob("*.json")


def again(answers: Answers, problems: Iterable[str]) -> str:
    """Return the command that asks again, with the good answers as defaults.

    Good answers are neither refused nor derived from a refused one.
    `--replay` is of no use: it asks nothing, and keeps what was derived from the wrong answer.
    """
    asked = set(problems)
    for question, origin in MADE_OF.items():
        if origin in asked and letters(answers[origin])[:20] in letters(answers[question]):
            asked.add(question)
    good = {
        question: as_default(answer)
        for question, answer in answers.items()
        if answer and question[0] != "_" and question not in asked and len(answer) <= 300
    }
    template = re.sub("(?<=https://)[^/@]*@", "", answers["_template"])  # no token in a log
    if "_output_dir" not in answers:
        command = ["cruft", "create", template, "--extra-context", json.dumps(good)]
    else:
        command = ["cookiecutter", template, *(f"{question}={answer}" for question, answer in good.items())]
        if answers.get("_checkout"):
            command[2:2] = ["--checkout", answers["_checkout"]]
        if answers["_output_dir"] != os.environ.get("PWD"):
            command[2:2] = ["--output-dir", answers["_output_dir"]]
    typed = subprocess.list2cmdline(command) if os.name == "nt" else " ".join(map(shlex.quote, command))
    return f"To be asked again, with your other answers as defaults: {typed}"


def letters(answer: str) -> str:
    return re.sub("[^a-z0-9]", "", answer.lower())


def as_default(answer: str) -> str:
    """Quote non-ASCII text, and what cookiecutter would change when it renders an answer."""
    if answer.isprintable() and re.fullmatch(r"[ -~]*", answer) and not re.search(r"{[#%{]", answer):
        return answer
    literal = answer.encode("unicode_escape").decode().replace('"', r"\x22")
    opening, closing = "{" * 2, "}" * 2
    return f'{opening} "{literal}" {closing}'


def say_last(line: str) -> None:
    """Print a line below the traceback with which cookiecutter 2.7 ends, so that it is read last.

    Another process prints it: it waits until cookiecutter has ended, for two seconds at most.
    """
    cookiecutter = os.getppid()
    if not hasattr(os, "fork") or os.fork():
        return
    for _ in range(100):
        time.sleep(0.02)
        if has_ended(cookiecutter):
            print(line, file=sys.stderr, flush=True)
            break
    os._exit(0)


def has_ended(process: int) -> bool:
    with suppress(OSError):
        if Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z":
            return True  # a zombie: its parent may still be reading our output
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def ascii_only(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


if __name__ == "__main__":
    main()
