"""Register: a model that passes the gates becomes a version of the registered model."""

from ..engine.base.console import summary
from ..engine.registration.register import register


def main() -> None:
    """Run the stage."""
    summary("register", register())
