"""The states of the package's files when this process began: taken by `process` before any is imported."""

from .files import States, states
from .paths import CODE

FILES: States = states(CODE.rglob("*.py"))
