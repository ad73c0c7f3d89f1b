"""The template's half of the project: see README.md beside this file.

Importing it changes nothing, but it ends a process that runs a stage's module as its main program.
"""

import sys

__version__ = "1.0.0"

# A stage's module, run by itself, would only define a function, and exit as if it had done its work.
_started = getattr(getattr(sys.modules.get("__main__"), "__spec__", None), "name", "")
_package = __name__.rpartition(".")[0]
if _started.startswith(f"{_package}.stages."):
    sys.exit(f"error: start this stage with: python -m {_package} {_started.rpartition('.')[2]}")
