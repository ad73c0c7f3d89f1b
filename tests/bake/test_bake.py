"""What is baked is clean, whatever was answered."""

import hashlib
import json
import re
import runpy
import sys
import tomllib
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from scripts.lock import COMPILE
from tests.conftest import Bake
from tests.support.baked import TEMPLATE, Baked

Answers = dict[str, str]

PLUGINS = json.loads((TEMPLATE / "cookiecutter.json").read_text("utf-8"))["_dvc_plugins"]
ANSWERS: dict[str, Answers] = {
    f"{task}-{ci}": {"task": task, "ci": ci}
    for task, ci in product(["classification", "regression"], ["github", "gitlab", "none"])
}
ANSWERS |= {license: {"license": license} for license in ["MIT", "BSD-3-Clause", "Apache-2.0", "proprietary"]}
ANSWERS |= {
    f"remote-{scheme}": {"dvc_remote_url": f"{scheme}://host/path"} for scheme in ["s3", "https", *PLUGINS]
}
ANSWERS |= {
    f"{tracking}-{remote}-{task}-{ci}": {
        "mlflow_tracking_uri": {
            "sqlite": "sqlite:///store/runs.db",
            "server": "https://mlflow.example.com:5000/x",
        }[tracking],
        "dvc_remote_url": {"folder": "/srv/dvc", "s3": "s3://bucket/path"}[remote],
        "task": task,
        "ci": ci,
    }
    for tracking, remote, task, ci in [
        ("server", "folder", "classification", "gitlab"),
        ("server", "s3", "regression", "github"),
        ("server", "s3", "classification", "none"),
        ("sqlite", "s3", "regression", "gitlab"),
    ]
}
ANSWERS |= {serving: {"serving": serving} for serving in ("container", "kubernetes")}
ANSWERS["kubernetes-server"] = {"serving": "kubernetes", "mlflow_tracking_uri": "https://mlflow.example.com"}
# Longer and shorter names wrap lines and sort imports otherwise.
ANSWERS |= {
    "short-names": {"project_name": "A", "project_slug": "a", "package_name": "a"},
    "long-names": {  # the longest that are accepted
        "project_name": "Long " * 20,
        "project_slug": "s" * 60,
        "package_name": "z" * 40,
        "description": "long " * 50,
        "author": "long " * 50,
        "dvc_remote_url": "s3://" + "b" * 200,
        "mlflow_tracking_uri": "https://" + "h" * 72,
    },
    "longer-names": {"project_slug": "z" * 34},
    "long-database": {"mlflow_tracking_uri": "sqlite:///" + "d" * 70},
    "dotted-names": {"project_slug": "3.x-model_v2", "package_name": "match"},
    "yaml-names": {"project_slug": "1e3", "package_name": "null"},
}

every = pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS.keys())


@every
def test_formatted_and_linted(baked: Bake, answers: Answers) -> None:
    project = baked(**answers)
    ruff, what = (sys.executable, "-m", "ruff"), ["--no-cache", "."]
    if answers != next(iter(ANSWERS.values())):
        what += ["--exclude", "engine"]  # which is the same for all
    project.run(*ruff, "format", "--check", *what)
    project.run(*ruff, "check", *what)


@every
def test_parses(baked: Bake, answers: Answers) -> None:
    parse_all(baked(**answers))


def parse_all(project: Baked) -> None:
    for name in project.files():
        parse(Path(name).suffix, project.read(name))


@cache
def parse(suffix: str, text: str) -> None:
    """Parse a text, once: most files are the same whatever is answered."""
    match suffix:
        case ".json" | ".ipynb":
            json.loads(text)
        case ".toml":
            tomllib.loads(text)
        case ".yaml" | ".yml" | ".dvc":
            YAML().load(text)
        case ".py":
            compile(text, "a file of the project", "exec")


@cache
def first(pattern: re.Pattern[str], text: str) -> str:
    """Return the first place in a text that matches, with what is before it."""
    found = pattern.search(text)
    return text[max(0, found.start() - 20) : found.end()] if found else ""


@every
def test_no_leftovers(baked: Bake, answers: Answers) -> None:
    project = baked(**answers)
    # GitHub's own ${{ }} stays, and what Prometheus and Alertmanager fill in, as {{ $labels.job }}
    jinja = re.compile(r"(?<!\$)\{\{ (?![$.]|range |end )|\{%|\{#|\bcookiecutter\.[_a-z]")
    found = {name: first(jinja, project.read(name)) for name in project.files()}
    assert {name: text for name, text in found.items() if text} == {}
    assert [name for name in project.files() if "{" in name] == []


@every
def test_no_blank_line_scars(baked: Bake, answers: Answers) -> None:
    project = baked(**answers)
    scars = re.compile(r"\A\s*\n|\n\n\n\n|\n\n\Z|(?<!\n)\Z|[ \t]+\n|\r")
    found = {name: first(scars, project.read(name) or "-\n") for name in project.files()}
    assert {name: text for name, text in found.items() if text} == {}


@every
def test_no_unasked_file(baked: Bake, answers: Answers) -> None:
    project = baked(**answers)
    package = answers.get("package_name", project.path.name.replace("-", "_"))
    plain = baked(ci="none")
    files = {renamed(name, package) for name in project.files()}
    is_server = answers.get("mlflow_tracking_uri", "").startswith("http")
    assert files - {renamed(name, plain.path.name) for name in plain.files()} == CI_FILES[
        answers.get("ci", "github")
    ] | (DEPLOY_FILES if is_server else set()) | SERVING[answers.get("serving", "none")] | (
        OF_SERVING if answers.get("ci", "github") == "github" and "serving" in answers else set()
    ) | (TRACKING if is_server and answers.get("serving") == "kubernetes" else set())


CONTAINER = {"docs/in-production.md"} | {
    f"deploy/serving/{name}"
    for name in (
        ".dockerignore",
        "Dockerfile",
        "README.md",
        "alertmanager.yml",
        "canary-watch.service",
        "compose.yaml",
        "dashboard.json",
        "grafana-dashboards.yaml",
        "grafana-datasource.yaml",
        "haproxy.cfg",
        "model-server@.service",
        "prometheus.yml",
        "rules.yml",
        "rules_test.yml",
        "targets-containers.yml",
        "targets-machine.yml",
        "watch.Dockerfile",
    )
}
MANIFESTS = {
    "base": ["account", "deployment", "service", "autoscaler", "disruption", "network", "monitor"],
    "staging": [],
    "production": ["deployment", "autoscaler", "rollout", "analysis", "stable", "canary", "judge-network"],
}
SERVING: dict[str, set[str]] = {
    "none": set(),
    "container": CONTAINER,
    "kubernetes": {"docs/kubernetes.md"}
    | CONTAINER
    | {
        f"deploy/kubernetes/{folder}/{name}.yaml"
        for folder, names in MANIFESTS.items()
        for name in ("kustomization", *names)
    },
}
OF_SERVING = {".github/workflows/load-test.yml", ".github/workflows/deploy.yml"}
TRACKING = {
    f"deploy/kubernetes/tracking/{name}.yaml"
    for name in ("kustomization", "deployment", "service", "disruption", "network")
} | {
    f"deploy/infrastructure/{name}"
    for name in ("Pulumi.yaml", "requirements.txt", "__main__.py", "README.md")
}
DEPLOY_FILES = {
    f"deploy/tracking/{name}"
    for name in (
        "Dockerfile",
        "README.md",
        "access.yaml",
        "accounts.sql",
        "compose.yaml",
        "haproxy.cfg",
        "haproxy.conf",
        "health.py",
        "mlflow-backup.service",
        "mlflow-backup.timer",
        "mlflow-tracking.service",
        "requirements.in",
        "requirements.txt",
        "schema.py",
        "serve.sh",
        "settings.conf",
    )
}

CI_FILES = {
    "github": {
        f".github/{name}"
        for name in (
            "CODEOWNERS",
            "dependabot.yml",
            "pull_request_template.md",
            "workflows/ci.yml",
            "workflows/promote.yml",
            "workflows/retrain.yml",
        )
    },
    "gitlab": {
        ".gitlab-ci.yml",
        ".gitlab/CODEOWNERS",
        ".gitlab/merge_request_templates/Default.md",
        "renovate.json",
    },
    "none": set(),
}


def renamed(name: str, package: str) -> str:
    return "PACKAGE" + name.removeprefix(package) if name.startswith(f"{package}/") else name


@every
@pytest.mark.parametrize("lock_file", COMPILE)
def test_requirements(baked: Bake, answers: Answers, lock_file: str) -> None:
    project = baked(**answers)
    lock = project.read(lock_file)
    scheme = answers.get("dvc_remote_url", "").split("://")[0]
    wanted = {"dvc-s3", "dvc-http"} | ({PLUGINS[scheme].split(">")[0]} if scheme in PLUGINS else set())
    asked = set(re.findall(r'^ +"(dvc-[a-z0-9]+)', project.read("pyproject.toml"), re.MULTILINE))
    known = {requirement.split(">")[0] for requirement in PLUGINS.values()} | {"dvc-s3", "dvc-http"}
    assert asked == wanted - {"dvc-http"}
    assert set(re.findall(r"^(dvc-[a-z0-9]+)==", lock, re.MULTILINE)) & known == wanted
    assert "://" not in lock
    assert "--index-url" not in lock


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        ("../penguins-dvc-remote", "../../penguins-dvc-remote"),
        ("storage", "../storage"),
        (r"..\storage", "../../storage"),
        ("/srv/dvc/storage", "/srv/dvc/storage"),
        ("~/storage", "~/storage"),
        (r"C:\data\storage", r"C:\data\storage"),
        ("D:/storage", "D:/storage"),
        (r"\\server\share", r"\\server\share"),
        ("s3://bucket/path", "s3://bucket/path"),
        ("ssh://me@host/path", "ssh://me@host/path"),
    ],
)
def test_dvc_config(baked: Bake, answer: str, written: str) -> None:
    """As `dvc remote add` writes it, which takes a folder as one beside the configuration file."""
    assert baked(dvc_remote_url=answer).read(".dvc/config").splitlines() == [
        "[core]",
        "    analytics = false",
        "    check_update = false",
        "    remote = storage",
        "[cache]",
        '    type = "reflink,hardlink,symlink,copy"',
        "['remote \"storage\"']",
        f"    url = {written}",
    ]


def test_data_is_in_the_cache(baked: Bake) -> None:
    project = baked()
    md5 = YAML(typ="safe").load(project.read("data/raw/penguins.csv.dvc"))["outs"][0]["md5"]
    data = (project.path / "data/raw/penguins.csv").read_bytes()
    assert hashlib.md5(data).hexdigest() == md5
    assert (project.path / f".dvc/cache/files/md5/{md5[:2]}/{md5[2:]}").read_bytes() == data
    assert data.count(b"\n") == 345


@pytest.mark.parametrize(
    ("license", "expression", "words"),
    [
        ("MIT", "MIT", "Permission is hereby granted, free of charge"),
        ("BSD-3-Clause", "BSD-3-Clause", "3. Neither the name of the copyright holder"),
        ("Apache-2.0", "Apache-2.0", "APPENDIX: How to apply the Apache License to your work."),
        ("proprietary", "LicenseRef-Proprietary", "All rights reserved"),
    ],
)
def test_license(baked: Bake, license: str, expression: str, words: str) -> None:
    project = baked(license=license, author="Ada & Team")
    assert words in project.read("LICENSE")
    assert re.search(r"Copyright (\(c\) )?20\d\d,? Ada & Team", project.read("LICENSE"))
    assert tomllib.loads(project.read("pyproject.toml"))["project"]["license"] == expression


@pytest.mark.parametrize(
    ("name", "slug", "package"),
    [
        ("Churn Model", "churn-model", "churn_model"),
        ("3D models", "3d-models", "ml_3d_models"),
        ("Größe & Gewicht", "grosse-gewicht", "grosse_gewicht"),
        ("\N{PENGUIN}", "unnamed", "unnamed"),
        (
            "word " * 40,
            "word-word-word-word-word-word-word",
            "word_word_word_word_word_word_word",
        ),
    ],
)
def test_derived_names(baked: Bake, name: str, slug: str, package: str) -> None:
    project = baked(project_name=name)
    assert project.path.name == slug
    assert project.has(f"{package}/__init__.py")


@pytest.mark.slow
def test_types(baked: Bake, environment: Path) -> None:
    """Strictly, and once for every set of sources that the answers can make."""
    sources: dict[str, Baked] = {}
    for answers in ANSWERS.values():
        if "package_name" not in answers:
            project = baked(**answers)
            python = "".join(name + project.read(name) for name in project.files() if name.endswith(".py"))
            sources[python.replace(project.path.name, "")] = project
    assert sources
    for project in sources.values():
        # what mypy knows of the libraries is the same each time, and takes a minute to find out
        project.within(environment).run("mypy", "--cache-dir", str(environment.parents[1] / "mypy"))


def test_nothing_baked_looks_like_a_secret(baked: Bake) -> None:
    """Or an edit of it would be left out of the runs' record."""
    project = baked()
    confidential = runpy.run_path(str(project.path / "penguins/engine/lineage/confidential.py"))
    said = {
        name: confidential["kind_of_secret"]((project.path / name).read_bytes()) for name in project.files()
    }
    assert {name: kind for name, kind in said.items() if kind or confidential["has_secret_name"](name)} == {}
    assert confidential["kind_of_secret"](b"-----BEGIN RSA PRIVATE KEY-----")
