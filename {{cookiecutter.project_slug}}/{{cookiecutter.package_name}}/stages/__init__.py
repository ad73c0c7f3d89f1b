"""The boxes of the pipeline, one module each: `python -m` runs one as DVC does."""

from .. import console

console.prepare()
