"""On which side of its split each row of a project's table is, as JSON: run in the project."""

import json
import sys
from importlib import import_module

sys.path.insert(0, ".")
engine = f"{sys.argv[1]}.engine"
params = import_module(f"{engine}.project").load_params()
sides = import_module(f"{engine}.split.divided").Divided.of(params).sides
print(json.dumps({"train": sides.train.tolist(), "test": sides.test.tolist()}))
