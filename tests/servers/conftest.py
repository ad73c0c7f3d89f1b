"""Servers that several tests share."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.baked import TEMPLATE, run
from tests.support.serving import free_ports

CREATE = """
import botocore.session
botocore.session.get_session().create_client("s3").create_bucket(Bucket="team")
"""


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """OpenStack Swift with its S3 interface and the bucket `team`; yields a client's variables."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if shutil.which("swift-proxy-server", path=path) is None and "CI" not in os.environ:
        pytest.skip("there is no OpenStack Swift: `make test-servers` installs it on Linux")
    folder, port = tmp_path_factory.mktemp("swift"), free_ports(4)
    try:
        run(folder, TEMPLATE / "tests/support/swift_up.sh", folder, str(port), env={"PATH": path})
        variables = {
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "test:ci",
            "AWS_SECRET_ACCESS_KEY": "s3cret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        run(folder, sys.executable, "-c", CREATE, env=variables)
        yield variables
    finally:
        for process in (folder / "pids").read_text().split():
            os.killpg(int(process), signal.SIGTERM)
