"""The repository that a bake starts, and the bakes that cannot start one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Bake
from tests.support.baked import TEMPLATE, Baked, cookiecutter, run

COMMIT = 'git commit -m "The project as the template made it"'


def committed_whole(project: Baked) -> bool:
    """Whether the first commit has what was baked, but for the data, which are DVC's."""
    tracked = project.run("git", "ls-files").stdout.splitlines()
    return tracked == sorted({*project.files()} - {"data/raw/penguins.csv"}, key=os.fsencode)


def test_first_commit(bake: Bake) -> None:
    project = bake()
    assert project.run("git", "branch", "--show-current").stdout == "main\n"
    assert project.run("git", "rev-list", "--count", "HEAD").stdout == "1\n"
    assert project.run("git", "status", "--porcelain").stdout == ""
    assert committed_whole(project)


@pytest.mark.parametrize(
    ("package", "remote", "database"),
    [
        ("env", "storage", "store/runs.db"),
        ("churn_credentials", "my st?re/[x]!", "a[b]/[!c].db"),
        ("id_rsa", "requirements", "docs-journal"),
    ],
)
def test_what_is_inside_is_ignored_and_nothing_else(
    bake: Bake, package: str, remote: str, database: str
) -> None:
    project = bake(package_name=package, dvc_remote_url=remote, mlflow_tracking_uri=f"sqlite:///{database}")
    assert committed_whole(project)
    for name in (f"{remote}/files/md5/x", *(f"{database}{end}" for end in ("", "-journal", "-wal", "-shm"))):
        (project.path / name).parent.mkdir(parents=True, exist_ok=True)
        (project.path / name).touch()
    assert project.run("git", "status", "--porcelain").stdout == ""
    assert f"/{remote[:2]}" in project.read(".dvcignore")


def test_secrets_are_ignored_and_code_is_not(bake: Bake) -> None:
    project = bake()
    secrets = [
        ".env",
        ".env.local",
        "notebooks/.env",
        ".netrc",
        "secrets/sa.json",
        "id_rsa",
        "deploy/id_ed25519",
    ]
    secrets += ["server.pem", "aws-credentials", "credentials.json", "service-account.json", "store.p12"]
    secrets += ["prod.env", ".pgpass", ".pypirc", ".npmrc", "kaggle.json", ".databrickscfg", "id_dsa"]
    secrets += [
        "secrets.toml",
        ".streamlit/secrets.toml",
        ".docker/config.json",
        ".htpasswd",
        "a.jks",
        "a.ppk",
    ]
    secrets += ["a.kdbx", "token.json", "prod.tfvars", "a.tfstate", ".boto", ".s3cfg", "kubeconfig"]
    secrets += ["rclone.conf", ".vault_pass", "Credentials.json", "Secrets/a", "SERVER.PEM"]
    secrets += ["data/b.predicted.csv", "data/b.predicted.csv.json"]  # rows of data, by `predict`
    others = [
        ".env.example",
        "penguins/credentials.py",
        "penguins/keys.py",
        "data/new.csv.dvc",
        "secret_santa.md",
        "penguins/secrets.py",
        "tokenizer.json",
        "config.json",
    ]
    asked = project.run("git", "check-ignore", "--no-index", *secrets, *others)
    assert asked.stdout.splitlines() == secrets


def test_what_the_user_ignores_everywhere_is_committed_all_the_same(tmp_path: Path) -> None:
    rules = "data/ reports/ *.lock *.json *.csv *.dvc *.toml notes.txt"
    (tmp_path / "ignored").write_text(rules.replace(" ", "\n"))
    own = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.excludesFile"}
    env = {**own, "GIT_CONFIG_VALUE_0": str(tmp_path / "ignored")}
    project = Baked(tmp_path / "penguins")
    project.path.mkdir()
    (project.path / "notes.txt").write_text("mine")  # here before: what its owner ignores stays out
    os.utime(project.path / "notes.txt", (0, 0))
    done = cookiecutter(tmp_path, "--no-input", "--overwrite-if-exists", env=env)
    assert ": a git rule from outside of the project ignores it" in done.stdout
    (project.path / "notes.txt").unlink()
    assert committed_whole(project)
    # and so is what the pipeline writes and what DVC tracks, which would be said to be missing
    kept = [
        "dvc.lock",
        "reports/evaluation.json",
        "reports/metrics.json",
        "reports/groups.csv",
        "data/raw/a.csv.dvc",
        "data/a/.gitignore",
        "data/b.predicted.csv.dvc",
    ]
    left = ["reports/plots/roc.csv", "reports/tuning/a.json", "models/run.json", "sa.json"]
    ignore = ("git", "-c", f"core.excludesFile={tmp_path / 'ignored'}", "check-ignore", "--no-index")
    assert project.run(*ignore, *kept, *left).stdout.splitlines() == left


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_nobody_listens(tmp_path: Path) -> None:
    """A full disk or a closed pipe behind the output is no reason to delete the project."""
    command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input"]
    with open("/dev/full", "w") as full:  # noqa: PTH123
        subprocess.run([*command, "project_slug=full"], cwd=tmp_path, stdout=full, check=True)
    listener = subprocess.Popen([*command, "project_slug=gone"], cwd=tmp_path, stdout=subprocess.PIPE)
    assert listener.stdout is not None
    listener.stdout.close()
    assert listener.wait() == 0
    assert committed_whole(Baked(tmp_path / "full"))
    assert committed_whole(Baked(tmp_path / "gone"))


def test_what_to_do_next(tmp_path: Path) -> None:
    done = cookiecutter(tmp_path, "--no-input")
    assert done.stdout.splitlines()[0] == "Next:"
    assert done.stdout.splitlines()[-1] == "  dvc repro"
    assert done.stderr == ""


def test_without_identity(tmp_path: Path) -> None:
    nobody = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "true"}
    done = cookiecutter(tmp_path, "--no-input", env={**nobody, "GIT_CONFIG_GLOBAL": os.devnull, "EMAIL": ""})
    for line in ('git config --global user.name "Your Name"', "git config --global user.email", COMMIT):
        assert line in done.stdout
    project = Baked(tmp_path / "penguins")
    project.run("git", "commit", "-qm", "typed")
    assert project.run("git", "status", "--porcelain").stdout == ""


@pytest.mark.skipif(os.name == "nt", reason="hides git by a PATH without it")
def test_without_git(tmp_path: Path) -> None:
    done = cookiecutter(tmp_path, "--no-input", env={"PATH": str(tmp_path)})
    assert "git init && git add -A && " + COMMIT in done.stdout
    assert Baked(tmp_path / "penguins").has("dvc.yaml")
    assert not Baked(tmp_path / "penguins").has(".git")


def test_git_that_refuses(tmp_path: Path) -> None:
    broken = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "commit.gpgSign", "GIT_CONFIG_VALUE_0": "true"}
    done = cookiecutter(tmp_path, "--no-input", env={**broken, "GNUPGHOME": str(tmp_path / "no-keys")})
    assert "git commit: " in done.stdout
    assert COMMIT in done.stdout
    assert Baked(tmp_path / "penguins").has(".git")


def test_inside_another_repository(tmp_path: Path) -> None:
    run(tmp_path, "git", "init", "-q")
    (tmp_path / ".gitignore").write_text("/ignored/\n*.toml\n")
    (tmp_path / "ignored").mkdir()
    done = cookiecutter(tmp_path, "--no-input")
    assert "inside another git repository" in done.stdout
    assert "a git rule from outside of the project ignores it" in done.stdout
    assert not Baked(tmp_path / "penguins").has(".git")
    # What that repository ignores is no part of it: so `make demo` bakes inside the template's clone.
    cookiecutter(tmp_path / "ignored", "--no-input")
    assert Baked(tmp_path / "ignored" / "penguins").has(".git")


def test_from_a_git_hook(tmp_path: Path) -> None:
    """git tells its hooks where its own repository is; the project must not be added to that one."""
    run(tmp_path, "git", "init", "-q", "--bare", "other.git")
    cookiecutter(tmp_path, "--no-input", env={"GIT_DIR": str(tmp_path / "other.git")})
    assert Baked(tmp_path / "penguins").has(".git")
    assert run(tmp_path / "other.git", "git", "rev-list", "--all").stdout == ""


def test_baked_again_over_itself(tmp_path: Path) -> None:
    cookiecutter(tmp_path, "--no-input")
    project = Baked(tmp_path / "penguins")
    (project.path / "notes.txt").write_text("mine")
    done = cookiecutter(tmp_path, "--no-input", "--overwrite-if-exists", "description=Another")
    assert "git repository already" in done.stdout
    changed = {line.split()[1] for line in project.run("git", "status", "--porcelain").stdout.splitlines()}
    assert {"notes.txt", "pyproject.toml"} <= changed <= {"notes.txt", "pyproject.toml", "README.md"}
    assert project.run("git", "rev-list", "--count", "HEAD").stdout == "1\n"


def test_without_hooks(bake: Bake, baked: Bake) -> None:
    """They make no file: a bake without them is the same."""
    plain = bake(accept_hooks=False)
    assert not plain.has(".git")
    assert list(plain.files()) == list(baked().files())


@pytest.mark.slow
@pytest.mark.parametrize("hooks", [True, False], ids=["hooks", "no hooks"])
def test_data_travels_by_the_remote(bake: Bake, environment: Path, shims: Path | None, hooks: bool) -> None:
    project = bake(accept_hooks=hooks).within(environment, shims)
    if not hooks:
        project.run("git", "init", "-q")
        project.run("git", "add", "-A")
        project.run("git", "commit", "-qm", "first")
    assert "up to date" in project.run("dvc", "status", "data/raw/penguins.csv.dvc").stdout
    assert "1 file pushed" in project.run("dvc", "push", "data/raw/penguins.csv.dvc").stdout

    beside = project.path.parent  # where the remote is
    run(beside, "git", "clone", "-q", project.path, "clone")
    clone = Baked(beside / "clone", environment, shims)
    clone.run("dvc", "pull", "data/raw/penguins.csv.dvc")
    assert clone.read("data/raw/penguins.csv") == project.read("data/raw/penguins.csv")
    assert clone.run("git", "status", "--porcelain").stdout == ""
