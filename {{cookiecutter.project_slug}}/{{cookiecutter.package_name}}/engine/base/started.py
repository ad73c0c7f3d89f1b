"""The package's files as they were when this process began: `process` notes them before they are imported."""

from .files import States, states
from .paths import CODE

FILES: States = states(CODE.rglob("*.py"))
