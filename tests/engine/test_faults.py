"""A mistake in a user's file is a line that names the file, the line and the function."""

import math
from collections.abc import Callable
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from inspect import isfunction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from penguins import gates, metrics, params
from penguins.engine import project as door
from penguins.engine.base import faults, half
from penguins.engine.base.errors import UserError
from penguins.engine.base.faults import exits, fault, refusals_as_user_errors
from penguins.engine.fitting.fit import check_fitted, fit
from penguins.engine.judging import pictures
from penguins.engine.judging.candidate import Candidate
from penguins.engine.judging.evaluation import Evaluation
from penguins.engine.judging.gate import Gate, at_least, at_most
from penguins.engine.judging.prediction import measure
from penguins.engine.judging.skill import measure_baseline
from penguins.engine.judging.verdict import gates_of
from penguins.engine.params import Register
from penguins.engine.tracking import store
from penguins.stages import train
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def nothing(*_: object) -> None:
    """Take anything."""


def nothing_of_nothing() -> dict[str, float]:
    return {}


TABLE = pd.DataFrame({"actual": ["a"], "predicted": ["a"]})
EVALUATION = Evaluation(TABLE, {}, {}, TABLE, TABLE, 1.0)
CANDIDATE = Candidate({}, "x", Register(name="things"), lambda: TABLE, lambda: TABLE, dict, lambda _: [])


def written(folder: Path, name: str, source: str) -> Any:
    """Execute a source as if it were a module of the project's."""
    code = compile(source, str(folder / "penguins" / name), "exec")
    names: dict[str, Any] = {}
    exec(code, names)
    return names


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, path in (("CODE", "penguins"), ("ENGINE", "penguins/engine"), ("STAGES", "penguins/stages")):
        monkeypatch.setattr(faults, name, tmp_path / path)
    return tmp_path


def raised(function: Callable[..., object], *arguments: object) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011, whatever it is
        function(*arguments)
    return caught.value


SOURCE = """
def few_rows(candidate):
    return candidate["rows"]
class Mine:
    def fit(self):
        return 1 / 0
"""


def test_the_innermost_function_of_the_users_is_named(root: Path) -> None:
    names = written(root, "mine.py", SOURCE)
    outer = written(root, "stages/train.py", "def main(f): f()\n")
    assert fault(raised(names["few_rows"], {})) == "penguins/mine.py:3: few_rows: KeyError: 'rows'"
    error = raised(outer["main"], names["Mine"]().fit)
    assert fault(error) == "penguins/mine.py:6: Mine.fit: ZeroDivisionError: division by zero"


def test_what_the_engine_or_a_library_raises_is_not_the_users_fault(root: Path) -> None:
    engine = written(root, "engine/deep.py", "def fails(): raise ValueError('ours')\n")
    outer = written(root, "stages/train.py", "def main(f, *a): f(*a)\n")
    assert fault(raised(outer["main"], engine["fails"])) == ""
    assert fault(raised(math.sqrt, -1)) == ""
    assert "train.py:1: main: ValueError" in fault(error := raised(outer["main"], math.sqrt, -1))
    assert fault(error, in_stages=False) == ""
    installed = written(root, "../.venv/site-packages/lib.py", "def fails(): raise ValueError('theirs')\n")
    assert fault(raised(installed["fails"])) == ""


def test_who_hands_the_engine_nothing_is_named(root: Path) -> None:
    """As a stage does with what a function returns that has no `return`."""
    engine = written(
        root, "engine/deep.py", "def saves(model, rows=()): inner(model)\ndef inner(it): it.save()\n"
    )
    outer = written(root, "stages/train.py", "def main(f, *a):\n    f(*a)\n")
    error = raised(outer["main"], engine["saves"], None)
    line = "saves gets None as `model`: is a `return` missing where it is made?"
    assert fault(error) == fault(error, in_stages=False) == f"penguins/stages/train.py:2: main: {line}"
    lost = written(root, "engine/lost.py", "def loses(model): missing = None; missing.save()\n")
    assert fault(raised(outer["main"], lost["loses"], 1)) == ""  # the engine's own mistake
    with pytest.raises(UserError, match="save_model: gets None, not a model: `fit"):
        check_fitted(None, None)


def test_who_ends_the_process_is_named(root: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        written(root, "gates.py", "import sys\ndef enough(candidate): sys.exit()\n")["enough"](1)
    line = "penguins/gates.py:2: enough: it calls sys.exit(None): raise an error, or return"
    assert exits(caught.value) == line
    with pytest.raises(SystemExit) as caught:
        written(root, "engine/commands/drift.py", "import sys\ndef main(): sys.exit(3)\n")["main"]()
    assert exits(caught.value) == ""


def test_a_file_that_is_no_python_is_named(root: Path) -> None:
    error = raised(written, root, "gates.py", "x = 1\ndef (:\n")
    assert fault(error).startswith("penguins/gates.py:2: SyntaxError: invalid syntax")


def test_a_file_that_python_does_not_name_is_named(root: Path) -> None:
    """Of null bytes, as an editor leaves them that writes UTF-16."""
    path = root / "penguins/gates.py"
    path.parent.mkdir()
    path.write_text("x = 1\0\n", encoding="utf-8")
    spec = spec_from_file_location("gates_of_theirs", path)
    assert spec
    assert spec.loader
    error = raised(spec.loader.exec_module, module_from_spec(spec))
    assert fault(error).startswith("penguins/gates.py:1: SyntaxError: source code string cannot contain null")


def test_what_the_system_refuses_the_users_code_has_a_place(root: Path) -> None:
    def refused(name: str, source: str) -> str:
        with pytest.raises(UserError) as caught, refusals_as_user_errors():
            written(root, name, source)["load"]()
        return str(caught.value)

    source = "def load():\n    return open('nowhere.csv')\n"
    line = "nowhere.csv: No such file or directory"
    assert refused("mine.py", source) == f"penguins/mine.py:2: load: {line}"
    assert refused("engine/deep.py", source) == line


def test_what_a_call_of_mlflow_refuses_the_users_code_has_a_place(root: Path) -> None:
    def refused(name: str) -> str:
        source = "def main(error):\n    raise error\n"
        wrong = MlflowException("'b' is not a number", INVALID_PARAMETER_VALUE)
        with pytest.raises(UserError) as caught, store.errors_in_one_line("sqlite:///mlflow.db"):
            written(root, name, source)["main"](wrong)
        return str(caught.value)

    assert (
        refused("stages/train.py") == "penguins/stages/train.py:2: main: MlflowException: 'b' is not a number"
    )
    assert refused("engine/deep.py").startswith("sqlite:///mlflow.db: the tracking store failed")


@pytest.mark.parametrize(
    ("ask", "module", "name", "value", "says"),
    [
        (door.metrics, metrics, "score", None, "metrics.py: defines no score, which the engine needs"),
        (door.gates, gates, "GATES", None, "gates.py: defines no GATES, which the engine needs"),
        (door.load_params, params, "Params", None, "params.py: defines no Params, which the engine needs"),
        (lambda: door.stage("train"), train, "main", None, "stages/train.py: defines no main"),
        (
            lambda: door.stage("train"),
            train,
            "main",
            lambda argv: None,
            "stages/train.py: main: a stage gets no arguments (missing a required argument: 'argv')",
        ),
        (lambda: door.stage("scale"), None, "", None, "stages/scale.py: there is no such file"),
        (
            lambda: gates_of(CANDIDATE),
            gates,
            "GATES",
            {"a": 1},
            "gates.py: GATES: needs to be a list of functions; got {'a': 1}",
        ),
        (
            lambda: measure_baseline(TABLE, TABLE, np.array(["a"]), 0),
            metrics,
            "baseline",
            lambda: None,
            "metrics.py: baseline: AttributeError: 'NoneType' object has no attribute 'fit'",
        ),
    ],
)
def test_what_the_users_half_lacks(
    monkeypatch: pytest.MonkeyPatch, ask: Any, module: Any, name: str, value: Any, says: str
) -> None:
    if value is not None:
        monkeypatch.setattr(module, name, value)
    elif module:
        monkeypatch.delattr(module, name)
    with pytest.raises(UserError) as caught:
        ask()
    assert str(caught.value).startswith(f"penguins/{says}")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("[1]", "GREATER_IS_BETTER: needs to be a dictionary; got [1]"),
        ("None", "GREATER_IS_BETTER: needs to be a dictionary; got None"),
        ("{'rmse': 'less'}", "GREATER_IS_BETTER: needs names and True or False; got 'rmse': 'less'"),
    ],
)
def test_directions_that_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, says: str
) -> None:
    (tmp_path / "metrics.py").write_text(f"GREATER_IS_BETTER = {source}\n", encoding="utf-8")
    monkeypatch.setattr(half, "CODE", tmp_path)
    half._value.cache_clear()
    with pytest.raises(UserError) as caught:
        door.greater_is_better()
    assert str(caught.value) == f"penguins/metrics.py: {says}"
    half._value.cache_clear()


@pytest.mark.parametrize("content", [b"x = 'caf\xe9'\n", b"x = 1\0\n", b"def (:\n"])
def test_a_source_that_is_no_python_is_left_to_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (tmp_path / "metrics.py").write_bytes(content)
    monkeypatch.setattr(half, "CODE", tmp_path)
    half._value.cache_clear()
    assert door.greater_is_better() == metrics.GREATER_IS_BETTER  # the module is here, and not that file
    half._value.cache_clear()


def of_no_name(rows: Any) -> Any:
    def step(rows: Any) -> Any:
        return rows

    return step(rows) if rows is not None else step


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (None, "penguins/models.py: build: needs to return a Pipeline; got None"),
        (Ridge(), "penguins/models.py: build: needs to return a Pipeline; got Ridge()"),
        (lambda rows: rows, f"{__file__}:{{line}}: <lambda>: a saved model refers to functions"),
        (of_no_name(None), f"{__file__}:{{line}}: of_no_name.<locals>.step: a saved model refers to"),
    ],
)
def test_a_model_that_could_not_be_saved_is_not_fitted(model: Any, says: str) -> None:
    line = model.__code__.co_firstlineno if isfunction(model) else 0
    pipeline = make_pipeline(FunctionTransformer(model), Ridge()) if isfunction(model) else model
    for check in (fit, *([check_fitted] if model else [])):
        with pytest.raises(UserError) as caught:
            check(pipeline, None)
        assert str(caught.value).startswith(says.format(line=line))


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda _: None, "penguins/gates.py: <lambda>: needs to return a list of gates; got None"),
        (lambda _: [True], "penguins/gates.py: <lambda>: needs to return a list of gates; got True"),
        (
            lambda candidate: candidate.nothing,
            "penguins/gates.py: <lambda>: AttributeError: 'Candidate' object has no",
        ),
    ],
)
def test_a_gate_that_is_none(
    project: Path, monkeypatch: pytest.MonkeyPatch, function: Any, says: str
) -> None:
    monkeypatch.setattr(gates, "GATES", [function])
    with pytest.raises(UserError) as caught:
        gates_of(CANDIDATE)
    assert str(caught.value).startswith(says)


def test_a_gate_may_be_returned_alone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "GATES", [lambda candidate: at_least("rows", len(candidate.predictions), 1)])
    (gate,) = gates_of(CANDIDATE)
    assert str(gate) == "rows: 1, wanted >= 1"


def test_numpys_truth_is_a_gates_too() -> None:
    assert Gate("rows", "many", "few", np.False_).passed is False
    assert replace(Gate("rows", "many", "few", None)).passed is None
    assert [at_most("x", value, 1.0).passed for value in (1.0, 1.1, math.nan, None)] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        ({"mcc": None}, "mcc is not a number, but None"),
        ({"mcc": np.zeros((2, 2))}, "mcc is not a number, but array([[0., 0.], [0., 0.]])"),
        ([0.5], "needs to return numbers by name; got [0.5]"),
        (None, "needs to return numbers by name; got None"),
        ({1: 0.5}, "1 is not a valid name of a metric, which has letters, digits and _-./: only"),
        ({"a$": 0.5}, "'a$' is not a valid name of a metric, which has letters, digits and _-./: only"),
    ],
)
def test_a_metric_that_is_none(returned: Any, says: str) -> None:
    with pytest.raises(UserError) as caught:
        measure(TABLE, lambda table: returned)
    assert str(caught.value) == f"penguins/metrics.py: score: {says}"


def test_a_metric_that_cannot_be_computed_is_left_out() -> None:
    with pytest.raises(UserError, match=r"^penguins/metrics.py: score: TypeError: .*1 was given$"):
        measure(TABLE, nothing_of_nothing)
    assert measure(TABLE, lambda table: {"mcc": np.float32(0.5), "auc": math.nan}) == {"mcc": 0.5}


@pytest.mark.parametrize(
    ("plot", "says"),
    [
        (lambda evaluation, axes: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda evaluation, axes: axes, "AttributeError"),
    ],
)
def test_a_plot_that_cannot_be_drawn(tmp_path: Path, plot: Any, says: str) -> None:
    with pytest.raises(UserError, match=rf"^penguins/plots.py: mine: {says}"):
        pictures.draw(EVALUATION, {"mine": plot}, tmp_path / "plots")
    assert not (tmp_path / "plots").exists()


@pytest.mark.parametrize(
    ("plots", "says"),
    [
        ([nothing], "PLOTS: needs to be a dictionary of functions by name; got [<function nothing"),
        ({"a/b": nothing}, "PLOTS: 'a/b' is not a valid file name: letters, digits, _ and - only"),
        ({3: nothing}, "PLOTS: 3 is not a valid file name"),
        ({"predictions": lambda *_: TABLE}, "predictions: predictions.csv is evaluate's own"),
    ],
)
def test_plots_that_are_none(tmp_path: Path, plots: Any, says: str) -> None:
    with pytest.raises(UserError) as caught:
        pictures.draw(EVALUATION, plots, tmp_path / "plots")
    assert str(caught.value).startswith(f"penguins/plots.py: {says}")


@pytest.mark.parametrize("line", ['GREATER_IS_BETTER["mcc"] = True', 'GREATER_IS_BETTER |= {"mcc": True}'])
def test_a_direction_that_is_added_below_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    source = f'GREATER_IS_BETTER = {{"rmse": False}}\n{line}\n'
    (tmp_path / "metrics.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(half, "CODE", tmp_path)
    monkeypatch.setattr(metrics, "GREATER_IS_BETTER", {"rmse": False, "mcc": True})  # as Python reads it
    half._value.cache_clear()
    assert door.greater_is_better() == {"rmse": False, "mcc": True}
    half._value.cache_clear()
