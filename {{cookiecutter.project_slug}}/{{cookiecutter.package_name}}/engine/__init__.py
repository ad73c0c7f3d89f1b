"""The template's half of the project: see README.md beside this file.

To import it changes nothing. It refuses a process that was started by a stage's module, as before version 1.
"""

import sys

__version__ = "1.0.0"

# A stage's module by itself would define a function, and end as if it had done its work.
_started = getattr(getattr(sys.modules.get("__main__"), "__spec__", None), "name", "")
_package = __name__.rpartition(".")[0]
if _started.startswith(f"{_package}.stages."):
    sys.exit(f"error: start this stage by: python -m {_package} {_started.rpartition('.')[2]}")
