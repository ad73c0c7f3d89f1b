"""A registered model is run by its own code, whatever became of the project's since."""

import json
from typing import Any

import pytest

from tests.support.baked import Baked
from tests.support.running import edit

pytestmark = pytest.mark.slow

# a step of the user's own
STEP = "\n\ndef step(rows, **how):\n    return as_numbers(rows, **how)\n"
# makes a model, registers it, and makes it the champion
MAKE = """
import json, sys
from penguins.engine import cli, stage
from penguins.engine.base import process
from penguins.engine.base.paths import METRICS, REGISTRATION

def main():
    for name in ("train", "evaluate", "register"):
        stage.run(name)
    print(json.dumps([json.loads(path.read_text(encoding="utf-8")) for path in (METRICS, REGISTRATION)]))

process.prepare()
process.run(main)
sys.argv = ["penguins", "promote", "--reason", "better", "--force"]
cli.main()
"""
# as a server that knows nothing of the project loads two versions
SERVE = """
import json, sys, mlflow, pandas as pd
sys.path.remove("")
mlflow.set_tracking_uri("sqlite:///mlflow.db")
table = pd.read_csv("data/raw/penguins.csv")
models = [mlflow.pyfunc.load_model(f"models:/penguins/{version}") for version in (1, 2)]
right = [float((model.predict(table) == table["species"]).mean()) for model in models]
print(json.dumps([right, "penguins" in sys.modules]))
"""


def make(project: Baked) -> tuple[float, dict[str, Any]]:
    """Make a model, and return its score and the decision to register it."""
    said = project.run("python", "-c", MAKE).stdout.splitlines()
    metrics, registered = json.loads(next(line for line in said if line.startswith("[{")))
    return metrics["f1_macro"], registered


def test_a_champion_whose_step_was_edited_since_scores_what_it_did(copy: Baked) -> None:
    features = copy.path / "penguins/features.py"
    edit(copy, "penguins/features.py", "FunctionTransformer(as_numbers", "FunctionTransformer(step")
    features.write_text(features.read_text(encoding="utf-8") + STEP, encoding="utf-8")
    first, registered = make(copy)
    assert registered["version"] == "1"
    (code,) = copy.path.glob("mlruns/models/*/artifacts/code")
    files = [file.relative_to(code).as_posix().partition("/")[2] for file in code.rglob("*.py")]
    assert {"features.py", "params.py", "engine/table/cells.py"} <= {*files}
    assert not [name for name in files if name.startswith(("models", "engine/commands", "engine/tracking"))]

    # trees split negated numbers as well, but not by the thresholds of the others
    edit(copy, "penguins/features.py", "    return as_numbers", "    return -as_numbers")
    second, registered = make(copy)
    assert registered["version"] == "2"
    assert min(first, second) > 0.9
    history = json.loads(copy.run("python", "-m", "penguins", "history", "--json").stdout)
    for gates in (registered["gates"], history[-1]["gates"]):  # promote scores it anew
        (champion,) = (gate for gate in gates if "champion" in gate["name"])
        assert champion["wanted"] == f">= {first:.4g} (the champion has {first:.4g})"

    right, is_there = json.loads(copy.run("python", "-c", SERVE).stdout)
    assert min(right) > 0.9
    assert not is_there
