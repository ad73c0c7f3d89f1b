"""The boxes of the pipeline, one module each: `python -m` runs one as DVC does."""

import sys

from .. import console

sys.excepthook = console.excepthook
