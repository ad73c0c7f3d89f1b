import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from penguins.engine.base import console, git, process
from penguins.engine.base.errors import UserError
from penguins.engine.lineage import diff
from penguins.engine.lineage.diff import MAX_FILE, Diff, diff_from
from penguins.engine.lineage.lineage import LEFT_OUT, TROUBLE, Lineage
from penguins.engine.reproduction.scratch import checked_out
from penguins.engine.tracking import store
from penguins.engine.tracking.links import run_url
from penguins.engine.tracking.recording import active
from penguins.engine.tracking.run import Run

from tests.engine.conftest import ROOT
from tests.support.repository import commit

PACKAGE = "penguins"
HIDDEN = "hunter22" + "x" * 40  # what must be nowhere
ACCOUNT = "service_account"
TOKEN = "ghp_" + HIDDEN[:36]

Git = Callable[..., bytes]


@pytest.fixture
def repository(project: Path) -> Git:
    """Provide a project in a repository with a first commit, and its git."""
    (project / PACKAGE).mkdir()
    (project / PACKAGE / "code.py").write_text("one = 1\n\n\ntwo = 2\n", encoding="utf-8")
    (project / "notes.md").write_text("notes\n", encoding="utf-8")
    (project / ".gitignore").write_text("mlflow.db\nmlruns/\n", encoding="utf-8")
    git.ask("init", "--quiet")
    commit()
    return git.ask


def now() -> Diff:
    return diff_from(git.head())


def put(path: str, content: str | bytes = "x = 1\n") -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_untracked_files_are_recorded_if_the_pipeline_could_use_them(repository: Git) -> None:
    put(f"{PACKAGE}/code.py", "import os, helper\nfrom tools.deep import part\n")
    pipeline = Path("dvc.yaml").read_text("utf-8")
    put("dvc.yaml", pipeline.replace("stages:\n", "stages:\n  own:\n    cmd: python ./scripts/clean.py\n", 1))
    paths = [f"{PACKAGE}/new.py", f"{PACKAGE}/größe.json", "expectations/more.yaml", "requirements-extra.txt"]
    paths += ["uv.lock", "data/raw/other.csv.dvc", "helper.py", "tools/deep/part.py", "scripts/clean.py"]
    for path in paths:
        put(path)
    found = now()
    assert (found.lacks, found.unused) == ({}, {})
    for path in paths:
        assert f"+++ b/{path}\n".encode() in found.content


def test_all_others_are_named_and_not_recorded(repository: Git) -> None:
    lacks = [f"{PACKAGE}/.env", f"{PACKAGE}/sa.json"]
    unused = [".env.local", "credentials.json", "deploy.pem", "id_rsa", "notes.txt", "scratch.py"]
    folders = {"secrets/": "sa.json", "unused/": "part.py"}
    in_folders = [folder + name for folder, name in folders.items()]
    for path in (*lacks, *unused, *in_folders, "data/raw/other.csv"):
        put(path, HIDDEN)
    found = now()
    assert found.content == b""
    assert list(found.lacks) == lacks
    assert set(found.unused) == {*unused, *folders, "data/raw/other.csv"}
    tags = Lineage.of("train").tags
    assert all(f"{path} (" in tags[LEFT_OUT] for path in (*lacks, *unused, *folders))
    assert "secrets/ (is named like a secret)" in tags[LEFT_OUT]
    assert tags["git.dirty"] == "true"
    for path in lacks:
        Path(path).unlink()
    assert Lineage.of("train").tags["git.dirty"] == "false"
    assert not [value for value in tags.values() if HIDDEN[:8] in value]


@pytest.mark.parametrize(
    "content",
    [
        f"password: {HIDDEN}",
        f'"api_key = \\"{HIDDEN}\\"\\n"',
        f"cmd: load --password {HIDDEN}",
        f"url = https://someone:{HIDDEN}@host/path",
        f"-----BEGIN {'OPENSSH'} PRIVATE KEY-----\n{HIDDEN}",
        json.dumps({"type": ACCOUNT, "id": HIDDEN}),
        f"AWS_SECRET_ACCESS_KEY={HIDDEN}",
        f"use {TOKEN}",
        f"password = (\n    '{HIDDEN}'\n)",
        f"secret = '{HIDDEN}'".encode("utf-16"),
        f"secret = '{HIDDEN}'\0".encode(),
    ],
)
def test_what_holds_a_secret_is_left_out_tracked_or_not(repository: Git, content: str | bytes) -> None:
    put("requirements.txt", "numpy\n")
    paths = ["notes.md", f"{PACKAGE}/code.py", f"{PACKAGE}/new.py"]
    for path in paths:
        put(path, content)
    found = now()
    assert sorted(found.lacks) == sorted(paths)
    assert all("holds what looks like a" in why for why in found.lacks.values())
    assert b"requirements.txt" in found.content
    assert not [path for path in paths if path.encode() in found.content]
    # another edit beside it is another state of the code
    put(
        paths[1], b"\n\0x\0 ".join([content, b""]) if isinstance(content, bytes) else f"{content}\nmore = 1\n"
    )
    assert now().fingerprint != found.fingerprint


def test_a_committed_secret_does_not_travel_with_an_edit_beside_it(repository: Git) -> None:
    put("notes.md", f"token: '{TOKEN}'\n")
    repository("commit", "--quiet", "--all", "-m", "oh no")
    assert now() == Diff()
    put("notes.md", f"token: '{TOKEN}'\nmore\n")
    assert (now().content, list(now().lacks)) == (b"", ["notes.md"])


def test_code_that_reads_a_secret_is_recorded(repository: Git) -> None:
    code = "password = os.environ['PASSWORD_1']\ntoken = next(tokens1)\nsecret: str\nu = 'http://h:80/a@b'\n"
    put(f"{PACKAGE}/code.py", code)
    assert not now().lacks


def test_large_files_are_left_out_and_cost_nothing(repository: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("scratch.bin", "venv/lib/python3/big.so", f"{PACKAGE}/big.bin", "notes.md"):
        with put(path).open("r+b") as file:
            file.truncate(MAX_FILE + 1 if path == "notes.md" else 150 * diff.MB)
    found = now()
    assert found.content == b""
    assert set(found.lacks) == {f"{PACKAGE}/big.bin", "notes.md"}
    assert set(found.unused) == {"scratch.bin", "venv/"}
    assert not any(path.stat().st_size > diff.MB for path in Path(".git").rglob("*") if path.is_file())
    Path("notes.md").write_text("short\n", encoding="utf-8")
    Path(f"{PACKAGE}/big.bin").unlink()
    monkeypatch.setattr(diff, "MAX_ALL", 10)
    put("requirements.txt", "numpy\n")
    assert list(now().lacks) == ["requirements.txt"]


DIFFS = """
    diff.noprefix=true diff.mnemonicPrefix=true diff.context=0 diff.interHunkContext=9 diff.external=false
    diff.algorithm=patience diff.renames=copies diff.submodule=log diff.ignoreSubmodules=all
    diff.wordRegex=. diff.relative=true diff.orderFile=order diff.suppressBlankEmpty=true
    diff.colorMoved=zebra color.ui=always color.diff=always diff.x.textconv=false diff.x.command=false
    core.attributesFile=attributes core.pager=false core.quotePath=true core.splitIndex=true
    core.untrackedCache=true status.showUntrackedFiles=no apply.whitespace=error apply.ignoreWhitespace=change
"""


@pytest.mark.parametrize("settings", [DIFFS, "core.autocrlf=true", "core.autocrlf=input core.safecrlf=true"])
def test_a_diff_applies_whatever_the_user_has_configured(repository: Git, settings: str) -> None:
    put("attributes", "*.py diff=x\n*.md -diff\n")
    put("order", "*.md\n")
    put(".git/info/exclude", "attributes\norder\n")
    for setting in settings.split():
        repository("config", *setting.split("=", 1))
    contents = {
        f"{PACKAGE}/code.py": b"one = 1\n\n\ntwo = 3 \n",
        f"{PACKAGE}/größe und mehr.py": b"new\r\n",
        f"{PACKAGE}/new.bin": bytes(range(256)),
        "notes.md": b"",
    }
    for path, content in contents.items():
        put(path, content)
    with checked_out(Path.cwd(), git.head()) as scratch:
        scratch.apply(now().content)
        for path, content in contents.items():
            made = (scratch.project / path).read_bytes()
            assert made.replace(b"\r\n", b"\n") == content.replace(b"\r\n", b"\n") or made == content


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_DIFF_OPTS", "-u0"),
        ("GIT_EXTERNAL_DIFF", "false"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_GLOB_PATHSPECS", "1"),
        ("GIT_NOGLOB_PATHSPECS", "1"),
        ("GIT_ICASE_PATHSPECS", "1"),
    ],
)
def test_a_diff_is_the_same_whatever_is_in_the_environment(
    repository: Git, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    put(f"{PACKAGE}/code.py", "one = 1\n\n\ntwo = 3\n")
    put("dvc.lock", "written by DVC\n")
    plain = now(), git.text("diff", "HEAD")
    monkeypatch.setenv(name, value)
    assert (now(), git.text("diff", "HEAD")) == plain


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_edits_that_git_was_told_not_to_see_are_recorded(repository: Git, flag: str) -> None:
    repository("update-index", flag, f"{PACKAGE}/code.py")
    assert now() == Diff()
    put(f"{PACKAGE}/code.py")
    assert b"+x = 1" in now().content


def test_edits_in_a_submodule_are_not_called_clean(
    repository: Git, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    repository("init", "--quiet", cwd=other)
    (other / "lib.py").write_text("a = 1\n", encoding="utf-8")
    commit(cwd=other)
    repository("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other, f"{PACKAGE}/lib")
    repository("commit", "--quiet", "-m", "two")
    assert now() == Diff()
    put(f"{PACKAGE}/lib/lib.py", "a = 2\n")
    first = now()
    assert list(first.lacks) == [f"{PACKAGE}/lib"]
    assert Lineage.of("train").tags["git.dirty"] == "true"
    put(f"{PACKAGE}/lib/lib.py", "a = 3\n")
    assert now().fingerprint != first.fingerprint


def test_in_a_folder_of_a_larger_repository(repository: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sub/team").mkdir(parents=True)
    for path in ("dvc.yaml", "params.yaml", PACKAGE, "expectations"):
        Path(path).rename(f"sub/team/{path}")
    put("shared/lib.py")
    monkeypatch.chdir("sub/team")
    pipeline = Path("dvc.yaml").read_text("utf-8")
    put("dvc.yaml", pipeline.replace("    deps:\n", "    deps:\n      - ../../shared/lib.py\n", 1))
    repository("add", "--all", "../..")
    repository("commit", "--quiet", "-m", "two")
    put(f"{PACKAGE}/new.py")
    put("../../shared/lib.py", "x = 2\n")
    put("../../elsewhere.py")
    put(f"{PACKAGE}/code.py", f"token = '{TOKEN}'\n")
    found = now()
    assert (list(found.lacks), found.unused) == ([f"{PACKAGE}/code.py"], {})
    assert found.content.count(b"diff --git") == 2
    assert f"b/sub/team/{PACKAGE}/new.py".encode() in found.content
    assert b"b/shared/lib.py" in found.content


def test_why_git_cannot_tell_is_said(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))

    def trouble() -> str:
        tags = Lineage.of("train").tags
        assert tags["git.dirty"] == "unknown"
        assert tags[TROUBLE] in Lineage.of("train").notes[0]
        return tags[TROUBLE]

    assert "this is not a git repository" in trouble()
    git.ask("init", "--quiet")
    assert "nothing is committed yet" in trouble()
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "true")
    with pytest.raises(UserError, match=r"git refuses this.*`git config --global --add safe\.directory /"):
        Lineage.of("train")
    monkeypatch.delenv("GIT_TEST_ASSUME_DIFFERENT_OWNER")
    monkeypatch.setenv("PATH", str(project))
    assert "git cannot be run" in trouble()


def test_parameters_with_a_secret_are_refused(repository: Git) -> None:
    put("params.yaml", Path("params.yaml").read_text("utf-8") + f"# password: {HIDDEN}\n")
    with pytest.raises(UserError, match=r"params.yaml: holds what looks like a password") as error:
        Lineage.of("train")
    assert HIDDEN not in str(error.value)


IN_ANY_LOCALE = """
import sys
from penguins.engine.lineage.lineage import Lineage
from penguins.engine.reporting import revision

tags = Lineage.of("train").tags
params = revision.at(tags["git.commit"]).params
found = tags["git.branch"], tags["user"], tags["git.left_out"], params["data.path"]
sys.stdout.buffer.write("|".join(found).encode())
"""


def test_git_is_read_as_utf8_whatever_the_locale(repository: Git) -> None:
    repository("switch", "--quiet", "--create", "größe")
    kept = Path("params.yaml").read_text("utf-8")
    put("params.yaml", kept.replace("data/raw/table.csv", "data/raw/größe.csv"))
    repository("commit", "--quiet", "--all", "-m", "größe")
    put("params.yaml", kept)
    put("größe.txt")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LOGNAME": "größe"}
    env = {**os.environ, **ascii_only, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", IN_ANY_LOCALE], env=env, capture_output=True)
    said = done.stdout.decode("utf-8"), done.stderr.decode()
    assert said == ('größe|größe|größe.txt (not used by the pipeline)|"data/raw/größe.csv"', "")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://someone:{}@host:5000/x", "http://***@host:5000/x"),
        ("https://{}@host/x@y", "https://***@host/x@y"),
        ("postgresql://u:{}/p@ss@db/x and a@b", "postgresql://***@db/x and a@b"),
        ("http://127.0.0.1:5000/a@b", "http://127.0.0.1:5000/a@b"),
    ],
)
def test_a_password_in_an_address_is_neither_printed_nor_recorded(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    address: str,
    shown: str,
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    process.prepare()
    text = address.format(HIDDEN)
    client = store.connect()
    run_id = client.create_run(store.experiment_id(client, store.experiment_name())).info.run_id
    with pytest.raises(OSError, match="no answer"), active(Run(client, run_id)):
        raise OSError(f"no answer from {text}")
    assert client.get_run(run_id).data.tags["failure"] == f"OSError: no answer from {shown}"
    console.summary("x", {"page": text})
    console.table("x", [{"page": text}])
    with pytest.raises(SystemExit) as ended:
        process.run(lambda: fail(text))
    assert str(ended.value) == f"error: {shown}"
    sys.excepthook(OSError, OSError(text), None)
    said = capsys.readouterr()
    assert HIDDEN not in said.out + said.err + run_url(text.split()[0], "1", "2")


def test_mlflow_does_not_print_an_address_with_a_password(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"
    monkeypatch.setenv(name, "false")
    for call in ("preflight.check_port", "_client"):
        monkeypatch.setattr(f"{store.__name__}.{call}", lambda uri: None)
    for account, quiet in {"": "false", f"someone:{HIDDEN}@": "true"}.items():
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://{account}127.0.0.1:5000")
        store.connect()
        assert os.environ[name] == quiet


def fail(text: str) -> None:
    raise UserError(text)
