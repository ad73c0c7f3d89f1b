"""What a machine may lack: a test that needs it is skipped there, and fails in CI, which has everything."""

import os
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """Skip the test that is running; in CI, fail: a skip there would be a hole that nobody sees.

    Args:
        what: what is lacking, and how to get it.
    """
    if os.environ.get("CI"):
        pytest.fail(f"{what}; .ci/run installs what the tests need")
    pytest.skip(what)
