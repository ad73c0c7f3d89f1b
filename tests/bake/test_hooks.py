"""The hooks' functions, imported and called."""

import ast
import json
import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from cookiecutter.generate import generate_context
from cookiecutter.prompt import prompt_for_config
from jinja2 import Template

from hooks import post_gen_project as post
from hooks import pre_gen_project as pre
from tests.conftest import Bake
from tests.support.baked import TEMPLATE, run

RESERVED = json.loads((TEMPLATE / "cookiecutter.json").read_text("utf-8"))["_reserved"]
NAMES = {owner: names.split() for owner, names in RESERVED.items()}
OWN = [*NAMES["a folder or file of the project"], "penguins"]
QUESTIONS = ["project_name", "project_slug", "package_name", "dvc_remote_url", "mlflow_tracking_uri"]
GOOD = {
    "_reserved": RESERVED,
    "_template": "gh:someone/template",
    "_output_dir": "/somewhere",
    "__license": "MIT",
    "project_name": "Penguins",
    "project_slug": "penguins",
    "package_name": "penguins",
    "dvc_remote_url": "../penguins-dvc-remote",
    "mlflow_tracking_uri": "sqlite:///mlflow.db",
}


def test_good_answers() -> None:
    assert list(pre.find_problems(GOOD)) == []


def test_every_problem_at_once_and_one_line_each() -> None:
    problems = dict(pre.find_problems({**GOOD, **dict.fromkeys(QUESTIONS, "\n")}))
    assert list(problems) == QUESTIONS
    assert not any("\n" in problem for problem in problems.values())


@pytest.mark.parametrize("name", ["x", "\N{PENGUIN}", "פינגווינים", "{{ 7*7 }}", "'''\n\""])
def test_good_names(name: str) -> None:
    assert pre.check_name(name) is None


@pytest.mark.parametrize("name", ["", "  ", "\n\t", "\x00", "\u200b"])
def test_empty_names(name: str) -> None:
    assert pre.check_name(name)


@pytest.mark.parametrize("slug", ["a", "7", "a.b-c_d", "con-model", "x" * 60])
def test_good_slugs(slug: str) -> None:
    assert pre.check_slug(slug, NAMES["a device on Windows"]) is None


@pytest.mark.parametrize(
    "slug",
    ["", "A", ".a", "-a", "a.", "a-", "a b", "a/b", "..", "ä", "a\n", "con", "nul.x", "com1", "x" * 61],
)
def test_bad_slugs(slug: str) -> None:
    assert pre.check_slug(slug, NAMES["a device on Windows"])


@pytest.mark.parametrize("name", ["a", "churn_2", "match", "penguin_data", "x" * 40])
def test_good_packages(name: str) -> None:
    assert pre.check_package(name, NAMES) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "not a package name"),
        ("2x", "not a package name"),
        ("a-b", "not a package name"),
        ("Churn", "not a package name"),
        ("größe", "not a package name"),
        ("a\n", "not a package name"),
        ("_a", "not a package name"),
        ("x" * 41, "at most 40"),
        ("class", "keyword"),
        ("json", "standard library"),
        ("test", "standard library"),
        ("sklearn", "installs"),
        ("mlflow", "installs"),
        ("pip", "installs"),
        ("gcsfs", "installs"),
        ("data", "folder"),
        ("license", "file of the project"),  # LICENSE, where case counts for nothing
        ("aux", "Windows"),
        ("credentials", "taken for a secret"),
        ("statistics", "standard library"),
    ],
)
def test_bad_packages(name: str, reason: str) -> None:
    assert reason in (pre.check_package(name, NAMES) or "")


@pytest.mark.parametrize(
    "url",
    [
        "../storage",
        "..",
        "storage",
        "my storage/[x]?",
        "penguins-remote",
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
    assert pre.check_remote(url, OWN) is None


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
        (str(Path.cwd()), "own folder"),
        (f"../{Path.cwd().name.upper()}/", "own folder"),
        ("./storage", "write it as 'storage'"),
        ("storage/", "write it as 'storage'"),
        ("a//b", "write it as 'a/b'"),
        ("a/../b", "write it as 'b'"),
        (f"../{Path.cwd().name}/storage", "write it as 'storage'"),
        (str(Path.cwd() / "storage"), "write it as 'storage'"),
        (".git", "project's own"),
        (".dvc/cache", "project's own"),
        (".github", "project's own"),
        ("data", "project's own"),
        ("data/raw", "project's own"),
        ("DATA/raw", "project's own"),
        ("x/../models", "project's own"),
        (r"data\raw", "project's own"),
        ("mlruns", "project's own"),
        ("mlflow.db", "project's own"),
        ("dvc.yaml", "project's own"),
        ("license/x", "project's own"),
        ("penguins", "project's own"),
        ("s3://key:secret@bucket", "credentials"),
        ("s3://key@bucket", "credentials"),
        ("ssh://me:secret@host/path", "credentials"),
        ("azure://container/path?sig=abc", "credentials"),
        ("https://[host/path", "cannot be read"),
    ],
)
def test_bad_remotes(url: str, reason: str) -> None:
    assert reason in (pre.check_remote(url, OWN) or "")


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:///mlflow.db",
        "sqlite:////srv/mlflow.db",
        "sqlite:///../mlflow.db",
        "sqlite:///store/runs[1].db",
        "sqlite:///runs.db-journal",
        "sqlite:///C:/data/mlflow.db",
        "http://localhost:5000",
        "https://mlflow.example.com/base",
    ],
)
def test_good_tracking(uri: str) -> None:
    assert pre.check_tracking(uri, OWN, "../remote") is None


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
        ("sqlite:///penguins", "project's own"),
        ("sqlite:///penguins/mlflow.db", "project's own"),
        ("sqlite:///tests", "project's own"),
        ("sqlite:///data/raw", "project's own"),
        ("sqlite:///.env", "project's own"),
        ("sqlite:///tune.db", "project's own"),
        ("sqlite:///README.md", "project's own"),
        ("sqlite:///./mlflow.db", "project's own"),
        ("sqlite:///./runs.db", "write it as 'runs.db'"),
        (f"sqlite:///{Path.cwd()}/runs.db", "write it as 'runs.db'"),
        ("sqlite:///~/mlflow.db", "without ~"),
        (r"sqlite:///store\runs.db", "with /"),
        ("sqlite:///../remote", "is the DVC remote"),
        ("https://" + "h" * 73, "at most 80"),
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
    assert reason in (pre.check_tracking(uri, OWN, "../remote") or "")


def test_secrets_are_not_repeated() -> None:
    for url in ("s3://key:hunter2@bucket", "https://me:hunter%2@host", "postgresql://me:hunter2@host/db"):
        assert "hunter" not in f"{pre.check_remote(url, OWN)} {pre.check_tracking(url, OWN, '')}"


def test_schemes_are_those_with_plugins() -> None:
    plugins = json.loads((TEMPLATE / "cookiecutter.json").read_text("utf-8"))["_dvc_plugins"]
    assert set(pre.REMOTE_SCHEMES) == {*plugins, "s3", "http", "https"}


def test_what_a_project_has_is_reserved(baked: Bake) -> None:
    """Also without respect to case, as on macOS and Windows; what begins with a dot is anyhow."""
    names = {path.name.lower() for ci in ("github", "gitlab") for path in baked(ci=ci).path.iterdir()}
    assert {name for name in names if name[0] != "."} <= set(OWN)


def test_the_standard_library_is_reserved() -> None:
    """That of every Python, whichever cookiecutter runs under."""
    names = {name for name in sys.stdlib_module_names if re.fullmatch(r"[a-z][a-z0-9_]*", name)}
    assert names <= set(NAMES["a module of Python's standard library"])


def test_the_models_libraries_are_reserved() -> None:
    """A package named as one would hide it, once it is installed."""
    file = (
        TEMPLATE / "{{cookiecutter.project_slug}}/{{cookiecutter.package_name}}/engine/fitting/libraries.py"
    )
    names = re.findall(r'^    "(\w+)": Library\(', file.read_text("utf-8"), re.MULTILINE)
    assert "xgboost" in names
    assert {name for name in names if pre.check_package(name, NAMES) is None} == set()


@pytest.mark.slow
def test_every_installed_module_is_reserved(environment: Path) -> None:
    code = "from importlib.metadata import packages_distributions as p; print(*p())"
    modules = run(environment, environment / "python", "-c", code).stdout.split()
    names = {name for name in modules if re.fullmatch(r"[a-z][a-z0-9_]*", name)}
    assert "sklearn" in names
    assert {name for name in names if pre.check_package(name, NAMES) is None} == set()


@pytest.mark.parametrize(
    ("name", "slug", "package"),
    [
        ("Penguins", "penguins", "penguins"),
        ("House prices", "house-prices", "house_prices"),
        ("Statistics", "statistics", "ml_statistics"),
        ("Test", "test", "ml_test"),
        ("Data", "data", "ml_data"),
        ("License", "license", "ml_license"),
        ("Abc", "abc", "ml_abc"),
        ("Class", "class", "ml_class"),
        ("MLflow", "mlflow", "ml_mlflow"),
        ("XGBoost", "xgboost", "ml_xgboost"),
        ("Torch", "torch", "ml_torch"),
        ("psycopg2", "psycopg2", "ml_psycopg2"),
        ("scikit-learn", "scikit-learn", "scikit_learn"),
        ("Great Expectations", "great-expectations", "ml_great_expectations"),
        ("123", "123", "ml_123"),
        ("CON", "con-project", "con_project"),
        ("\N{PENGUIN}", "unnamed", "unnamed"),
        ("Größe", "grosse", "grosse"),
        ("ペンギン", "henkin", "henkin"),
    ],
)
def test_no_default_is_refused(name: str, slug: str, package: str) -> None:
    answers = answered(project_name=name)
    assert (answers["project_slug"], answers["package_name"]) == (slug, package)
    assert dict(pre.find_problems(answers)) == {}


def test_a_long_folder_has_a_good_package() -> None:
    assert answered(project_slug="s" * 60)["package_name"] == "s" * 40


def answered(**given: str) -> pre.Answers:
    """What cookiecutter makes of these answers."""
    context = generate_context(str(TEMPLATE / "cookiecutter.json"), extra_context=given)
    return dict(prompt_for_config(context, no_input=True))


def test_an_unrendered_answer_is_told() -> None:
    assert not pre.is_unrendered(GOOD)
    assert pre.is_unrendered({"__license": "{{ 'MIT' if cookiecutter.license == 'MIT' }}"})
    assert pre.is_unrendered({})


def test_the_way_on_keeps_what_was_good() -> None:
    answers = {
        **GOOD,
        "project_slug": "Bad",
        "author": "It's \N{PENGUIN} {{ 7 }}",
        "dvc_remote_url": "s3://b/x",
    }
    said = pre.again(answers, ["project_slug"])
    typed = shlex.split(said.split(": ", 1)[1])
    assert typed[:4] == ["cookiecutter", "gh:someone/template", "--output-dir", "/somewhere"]
    kept = dict(answer.split("=", 1) for answer in typed[4:])
    assert set(kept) == {"project_name", "package_name", "author", "dvc_remote_url", "mlflow_tracking_uri"}
    assert Template(kept["author"]).render() == answers["author"]
    assert said.isascii()

    derived = {**answers, "package_name": "bad", "dvc_remote_url": "../Bad-dvc-remote"}
    asked_again = pre.again(derived, ["project_slug"])
    assert "package_name" not in asked_again
    assert "dvc_remote_url" not in asked_again

    answers["_template"] = "https://me:hunter2@host/template"
    assert " https://host/template " in pre.again(answers, [])
    del answers["_output_dir"]
    assert shlex.split(pre.again(answers, []).split(": ", 1)[1])[:2] == ["cruft", "create"]


def test_ascii_only() -> None:
    assert pre.ascii_only("a \N{PENGUIN}") == post.ascii_only("a \N{PENGUIN}") == r"a \U0001f427"


def test_a_table_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "my table.csv").write_text("a,b\n1,2\n")
    monkeypatch.chdir(tmp_path / "new")
    monkeypatch.delenv("PWD")
    assert pre.check_data({**GOOD, "data_path": "my table.csv"}) is None
    assert "no such file" in str(pre.check_data({**GOOD, "data_path": "other.csv"}))
    updated = {name: answer for name, answer in GOOD.items() if name != "_output_dir"}
    assert pre.check_data({**updated, "data_path": "other.csv"}) is None
    adopted = post.adopt({**GOOD, "data_path": "my table.csv"})
    assert adopted == (f"  python -m penguins adopt '{tmp_path / 'my table.csv'}' --target COLUMN",)
    assert post.next_steps(tmp_path, False, adopted)[-2:] == [*adopted, "  dvc repro"]
    assert post.adopt({**GOOD, "data_path": ""}) == ()


def test_next_steps(tmp_path: Path) -> None:
    steps = post.next_steps(tmp_path / "my project", cruft=False)
    assert "my project" in steps[1]
    install = "  pip install -r requirements-dev.txt"
    if os.name != "nt":  # where `#` begins no comment
        install += "  # or: uv pip sync requirements-dev.txt"
    assert [steps[0], *steps[4:]] == ["Next:", install, "  dvc repro"]
    assert post.next_steps(tmp_path / "größe", cruft=False)[1].isprintable()


def test_what_does_not_work_in_a_folder_is_said() -> None:
    assert post.in_ascii(Path("/home/jose/penguins"), cruft=False) == []
    assert post.in_ascii(Path("/home/josé/penguins"), cruft=True) == []
    assert "`dvc exp run --temp` or `--queue`" in post.in_ascii(Path("/home/josé/penguins"), cruft=False)[0]


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
