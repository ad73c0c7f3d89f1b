"""deploy/: there where a server or a container is, and clean by the tools that read such files."""

import configparser
import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.conftest import Bake
from tests.support.baked import TEMPLATE, Baked, run
from tests.support.tools import assert_schema, tool

URI = "https://mlflow.example.com"
HARDENED = {"User": "mlflow", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "Restart": "always"}


@pytest.fixture
def tracking(baked: Bake) -> Path:
    return baked(mlflow_tracking_uri=URI).path / "deploy/tracking"


def test_only_a_project_with_a_server_has_it(baked: Bake, bake: Bake) -> None:
    assert not [name for name in baked().files() if name.startswith("deploy")]
    made: Baked = bake()
    assert not made.has("deploy"), "the hook leaves an empty folder"
    assert bake(mlflow_tracking_uri=URI).has("deploy/tracking/serve.sh")


def test_only_a_project_with_a_container_has_its_dockerfile(baked: Bake, bake: Bake) -> None:
    made: Baked = bake(serving="container")
    assert made.has("deploy/serving/Dockerfile")
    assert not [name for name in made.files() if name.startswith("deploy") and "serving" not in name]
    assert not made.has("deploy/kubernetes"), "the hook leaves an empty folder"


def lint_yaml(*files: Path, width: int = 120) -> None:
    rules = (
        f"line-length: {{max: {width}}}, document-start: disable, comments: {{min-spaces-from-content: 1}}"
    )
    run(
        TEMPLATE,
        tool("yamllint"),
        "--strict",
        "--config-data",
        f"{{extends: default, rules: {{{rules}}}}}",
        *files,
    )


def test_the_files_of_serving_are_clean(baked: Bake) -> None:
    serving: Path = baked(serving="container").path / "deploy/serving"
    assert_schema("vendor.compose-spec", serving / "compose.yaml")
    lint_yaml(*serving.glob("*.y*ml"), width=160)
    run(TEMPLATE, tool("hadolint"), serving / "Dockerfile", serving / "watch.Dockerfile")
    units = {file.name: read_unit(file) for file in serving.glob("*.service")}
    assert set(units) == {"model-server@.service", "canary-watch.service"}
    for unit in units.values():
        assert {**HARDENED, "User": "model"}.items() <= dict(unit["Service"]).items()
    services = YAML(typ="safe").load(serving / "compose.yaml")["services"]
    for name, service in services.items():
        assert service["read_only"], name
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        mounted = [str(volume).partition(":")[0] for volume in service.get("volumes", [])]
        assert all((serving / path).exists() for path in mounted if path.startswith(".")), name
    secrets = set(re.findall(r"file: secrets/(\w+)", (serving / "compose.yaml").read_text()))
    assert secrets == set(re.findall(r"> secrets/(\w+)", (serving / "README.md").read_text()))


def test_each_alert_has_its_paragraph(baked: Bake) -> None:
    project = baked(serving="container")
    rules = YAML(typ="safe").load(project.path / "deploy/serving/rules.yml")["groups"]
    alerts = {rule["alert"]: rule for group in rules for rule in group["rules"] if "alert" in rule}
    page = project.read("docs/in-production.md").split("## The alerts")[1]
    assert re.findall(r"^### (\w+)$", page, re.MULTILINE) == [*alerts]
    for name, rule in alerts.items():
        said = rule["annotations"]
        assert said["runbook_url"] == "{{ $externalLabels.docs }}#" + name.lower()
        assert said.keys() == {"summary", "action", "runbook_url"}
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_linters_find_nothing(tracking: Path) -> None:
    compose = tracking / "compose.yaml"
    assert_schema("vendor.compose-spec", compose)
    lint_yaml(compose)
    run(TEMPLATE, tool("shellcheck"), tracking / "serve.sh")
    run(TEMPLATE, tool("hadolint"), tracking / "Dockerfile")


def read_unit(file: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(file)
    return parser


def test_the_units_are_what_systemd_reads(tracking: Path) -> None:
    units = {file.name: read_unit(file) for file in tracking.glob("mlflow-*.*")}
    assert set(units) == {"mlflow-tracking.service", "mlflow-backup.service", "mlflow-backup.timer"}
    assert HARDENED.items() <= dict(units["mlflow-tracking.service"]["Service"]).items()
    backup = units["mlflow-backup.service"]["Service"]["ExecStart"]
    assert " -m penguins backup /var/backups/mlflow " in backup
    if systemd := shutil.which("systemd-analyze"):
        said = run(
            tracking, systemd, "verify", "--man=no", *map(str, tracking.glob("mlflow-*.*")), check=False
        )
        problems = [
            line for line in said.stderr.splitlines() if "mlflow-" in line and "not executable" not in line
        ]
        assert not problems


def test_the_server_has_the_projects_mlflow(tracking: Path) -> None:
    locks = [(tracking / name).read_text() for name in ("requirements.in", "requirements.txt")]
    locks.append((tracking.parents[1] / "requirements.txt").read_text())
    versions = {re.search(r"^mlflow(?:\[auth\])?==([\d.]+)", lock, re.MULTILINE)[1] for lock in locks}  # type: ignore[index]
    assert len(versions) == 1


def test_no_secret_is_in_it_and_git_ignores_those_that_are_made(tracking: Path) -> None:
    assert not (tracking / "secrets").exists()
    assert re.search(r"^\[Ss\]ecrets/$", (tracking.parents[1] / ".gitignore").read_text(), re.MULTILINE)
    named = set(re.findall(r"secrets/(\w+)", (tracking / "compose.yaml").read_text()))
    assert named == {"database_password", "admin_password", "session_key", "aws_credentials", "certificate"}
