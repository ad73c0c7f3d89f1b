"""The hooks' functions, imported and called."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest

from hooks import post_gen_project as post
from hooks import pre_gen_project as pre
from tests.baked import TEMPLATE, run
from tests.conftest import Bake

GOOD = {
    "project_name": "Penguins",
    "project_slug": "penguins",
    "package_name": "penguins",
    "dvc_remote_url": "../penguins-dvc-remote",
    "mlflow_tracking_uri": "sqlite:///mlflow.db",
}


def test_good_answers() -> None:
    assert list(pre.find_problems(GOOD)) == []


def test_every_problem_at_once_and_one_line_each() -> None:
    bad = dict.fromkeys(GOOD, "\n")
    problems = list(pre.find_problems(bad))
    assert [problem.split(":")[0] for problem in problems] == list(GOOD)
    assert not any("\n" in problem for problem in problems)


@pytest.mark.parametrize("name", ["x", "\N{PENGUIN}", "פינגווינים", "{{ 7*7 }}", "'''\n\""])
def test_good_names(name: str) -> None:
    assert pre.check_name(name) is None


@pytest.mark.parametrize("name", ["", "  ", "\n\t", "\x00", "\u200b"])
def test_empty_names(name: str) -> None:
    assert pre.check_name(name)


@pytest.mark.parametrize("slug", ["a", "7", "a.b-c_d", "con-model", "x" * 100])
def test_good_slugs(slug: str) -> None:
    assert pre.check_slug(slug) is None


@pytest.mark.parametrize(
    "slug",
    ["", "A", ".a", "-a", "a.", "a-", "a b", "a/b", "..", "ä", "a\n", "con", "nul.x", "com1", "x" * 101],
)
def test_bad_slugs(slug: str) -> None:
    assert pre.check_slug(slug)


@pytest.mark.parametrize("name", ["a", "churn_2", "match", "penguin_data", "x" * 40])
def test_good_packages(name: str) -> None:
    assert pre.check_package(name) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "no package name"),
        ("2x", "no package name"),
        ("a-b", "no package name"),
        ("Churn", "no package name"),
        ("größe", "no package name"),
        ("a\n", "no package name"),
        ("_a", "no package name"),
        ("x" * 41, "at most 40"),
        ("class", "keyword"),
        ("json", "standard library"),
        ("test", "standard library"),
        ("sklearn", "installs"),
        ("mlflow", "installs"),
        ("pip", "installs"),
        ("gcsfs", "installs"),
        ("data", "folder"),
    ],
)
def test_bad_packages(name: str, reason: str) -> None:
    assert reason in (pre.check_package(name) or "")


@pytest.mark.parametrize(
    "url",
    [
        "../storage",
        "storage",
        "/srv/my storage",
        "~/storage",
        r"C:\data\remote",
        "D:/x",
        r"\\server\share",
        "/home/josé/storage",
        "s3://bucket/path",
        "ssh://me@host:2222/path",
        "webdavs://host/path",
        "https://host/path",
    ],
)
def test_good_remotes(url: str) -> None:
    assert pre.check_remote(url) is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (" x", "space"),
        ("a\nb", "line break"),
        ("a\x00b", "invisible"),
        ('a"b', 'holds "'),
        ("a'b", "holds '"),
        ("a#b", "holds #"),
        ("a,b", "holds ,"),
        ("s3://a b", "holds a space"),
        ("ftp://host/x", "s3, gs"),
        ("s3:bucket", "neither"),
        ("host:path", "neither"),
        ("C:path", "neither"),
        ("file:///srv", "folder itself"),
        ("s3://", "no bucket"),
        ("s3:///path", "no bucket"),
        ("./", "own folder"),
        ("s3://key:secret@bucket", "credentials"),
        ("s3://key@bucket", "credentials"),
        ("ssh://me:secret@host/path", "credentials"),
        ("azure://container/path?sig=abc", "credentials"),
        ("https://[host/path", "cannot be read"),
    ],
)
def test_bad_remotes(url: str, reason: str) -> None:
    assert reason in (pre.check_remote(url) or "")


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:///mlflow.db",
        "sqlite:////srv/mlflow.db",
        "sqlite:///C:/data/mlflow.db",
        "http://localhost:5000",
        "https://mlflow.example.com/base",
    ],
)
def test_good_tracking(uri: str) -> None:
    assert pre.check_tracking(uri) is None


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("", "empty"),
        ("mlruns", "is a folder"),
        ("file:./mlruns", "is a folder"),
        ("file:///mlruns", "is a folder"),
        (r"C:\mlruns", "is a folder"),
        ("sqlite://", "no database file"),
        ("sqlite:///", "no database file"),
        ("sqlite:///:memory:", "no database file"),
        ("sqlite:///folder/", "no database file"),
        ("postgresql://me:secret@host/db", "mlflow server"),
        ("mysql+pymysql://host/db", "mlflow server"),
        ("ftp://host", "not known"),
        ("http://", "no host"),
        ("https:///x", "no host"),
        ("https://me:secret@host", "credentials"),
        ("https://token@host", "credentials"),
        ("https://host?token=secret", "credentials"),
        ("https://host/a b", "space"),
    ],
)
def test_bad_tracking(uri: str, reason: str) -> None:
    assert reason in (pre.check_tracking(uri) or "")


def test_secrets_are_not_repeated() -> None:
    for url in ("s3://key:hunter2@bucket", "https://me:hunter%2@host", "postgresql://me:hunter2@host/db"):
        assert "hunter" not in f"{pre.check_remote(url)} {pre.check_tracking(url)}"


def test_schemes_are_those_with_plugins() -> None:
    plugins = json.loads((TEMPLATE / "cookiecutter.json").read_text("utf-8"))["_dvc_plugins"]
    assert set(pre.REMOTE_SCHEMES) == {*plugins, "s3", "http", "https"}


def test_project_folders_are_reserved(baked: Bake) -> None:
    project = baked()
    folders = {path.name for path in project.path.iterdir() if path.is_dir() and path.name[0] != "."}
    assert folders - {"penguins"} <= pre.PROJECT_FOLDERS


@pytest.mark.slow
def test_every_installed_module_is_reserved(environment: Path) -> None:
    code = "from importlib.metadata import packages_distributions as p; print(*p())"
    modules = run(environment, environment / "python", "-c", code).stdout.split()
    names = {name for name in modules if re.fullmatch(r"[a-z][a-z0-9_]*", name)}
    assert "sklearn" in names
    assert {name for name in names if pre.check_package(name) is None} == set()


def test_ascii_only() -> None:
    assert pre.ascii_only("a \N{PENGUIN}") == post.ascii_only("a \N{PENGUIN}") == r"a \U0001f427"


def test_next_steps(tmp_path: Path) -> None:
    steps = post.next_steps(tmp_path / "my project", cruft=False)
    assert "my project" in steps[1]
    assert [steps[0], *steps[4:]] == ["Next:", "  pip install -r requirements.txt", "  dvc repro"]
    assert post.next_steps(tmp_path / "größe", cruft=False)[1].isprintable()


@pytest.mark.parametrize("ci", ["github", "gitlab", "none"])
def test_no_empty_folder_of_the_other_host(bake: Bake, ci: str) -> None:
    project = bake(ci=ci)
    assert [project.has(".github"), project.has(".gitlab")] == [ci == "github", ci == "gitlab"]


def test_cruft_is_recognised() -> None:
    assert post.under_cruft({"_template": "x", "_commit": "y"})
    assert not post.under_cruft({"_template": "x", "_output_dir": "y"})


def test_runs_on_an_old_python_with_nothing_installed() -> None:
    for hook in ("pre_gen_project", "post_gen_project"):
        tree = ast.parse((TEMPLATE / "hooks" / f"{hook}.py").read_text("utf-8"), feature_version=(3, 8))
        imported = {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert "json" in imported
        assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
