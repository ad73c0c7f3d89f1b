"""The states of the package's files when this process began: taken by `process` before any is imported."""

from .files import States, modules_in, states
from .paths import CODE

FILES: States = states(modules_in(CODE))
