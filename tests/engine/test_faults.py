"""A mistake in a user's file is a line that names the file, the line and the function."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins import gates, metrics
from penguins.engine import project as door
from penguins.engine.base import faults
from penguins.engine.base.errors import UserError
from penguins.engine.base.faults import fault
from penguins.engine.judging import pictures
from penguins.engine.judging.candidate import Candidate
from penguins.engine.judging.evaluation import Evaluation
from penguins.engine.judging.gate import Gate, at_least, at_most
from penguins.engine.judging.prediction import measure
from penguins.engine.judging.verdict import gates_of
from penguins.engine.params import Register

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


def test_a_file_that_is_no_python_is_named(root: Path) -> None:
    error = raised(written, root, "gates.py", "x = 1\ndef (:\n")
    assert fault(error).startswith("penguins/gates.py:2: SyntaxError: invalid syntax")


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


def test_a_metric_that_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"^penguins/metrics.py: score: mcc is no number, but None$"):
        measure(TABLE, lambda table: {"mcc": None})
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


@pytest.mark.parametrize("line", ['GREATER_IS_BETTER["mcc"] = True', 'GREATER_IS_BETTER |= {"mcc": True}'])
def test_a_direction_that_is_added_below_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    source = f'GREATER_IS_BETTER = {{"rmse": False}}\n{line}\n'
    (tmp_path / "metrics.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(door, "CODE", tmp_path)
    monkeypatch.setattr(metrics, "GREATER_IS_BETTER", {"rmse": False, "mcc": True})  # as Python reads it
    door._value.cache_clear()
    assert door.greater_is_better() == {"rmse": False, "mcc": True}
    door._value.cache_clear()
