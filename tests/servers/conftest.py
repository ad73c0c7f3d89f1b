"""Servers that several tests share."""

import sys
from collections.abc import Iterator

import pytest

from tests.support import deployed
from tests.support.baked import run

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
