"""The package's files as they were when this process began: `console` notes them before they are imported."""

from pathlib import Path

from .files import States, states

CODE: States = states(path.resolve() for path in Path(__file__).parent.rglob("*.py"))
