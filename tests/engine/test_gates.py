import time
from pathlib import Path
from threading import get_ident
from typing import Any, ClassVar

import pandas as pd
import pytest
import sklearn.ensemble  # noqa: F401, whose threads are OpenMP's
from joblib import Parallel, delayed
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.judging.checks import load_checked_params
from penguins.engine.judging.gates import Gate, group_gates, improvement_gate, model_gates, threshold_gates
from penguins.engine.judging.inspection import latency_ms
from penguins.engine.params import Register, Threshold
from penguins.metrics import GREATER_IS_BETTER
from threadpoolctl import threadpool_info, threadpool_limits

from tests.engine.conftest import METRIC, PARAMS

# six rows of north, all right; four of south, half of them wrong; one that is missing, wrong
PLACES = pd.DataFrame({"place": ["north"] * 6 + ["south"] * 4 + [None]})
RIGHT = [True] * 6 + [True, False, True, False] + [False]
BY, NORTH, SOUTH = "accuracy", 1.0, 0.5
PREDICTIONS = pd.DataFrame({"actual": "a", "predicted": ["a" if right else "b" for right in RIGHT]})


def at_worst(bound: float) -> Threshold:
    return Threshold(min=bound)


def test_thresholds() -> None:
    bounds = {METRIC: Threshold(min=1.0, max=2.0)}
    assert [gate.passed for gate in threshold_gates({METRIC: 1.5}, bounds)] == [True, True]
    assert [gate.passed for gate in threshold_gates({METRIC: 0.5}, bounds)] == [False, True]
    assert [gate.passed for gate in threshold_gates({METRIC: 2.5}, bounds)] == [True, False]
    assert not any(gate.passed for gate in threshold_gates({}, bounds))


def test_improvement_counts_in_the_metrics_direction() -> None:
    better, worse = (1.2, 0.8) if GREATER_IS_BETTER[METRIC] else (0.8, 1.2)
    assert improvement_gate(METRIC, better, 1.0, 0.1).passed
    assert improvement_gate(METRIC, 1.0, 1.0, 0.0).passed
    assert not improvement_gate(METRIC, 1.0, 1.0, 0.1).passed
    assert not improvement_gate(METRIC, worse, 1.0, 0.0).passed
    assert not improvement_gate(METRIC, None, 1.0, 0.0).passed


def by_group(**rules: Any) -> list[Gate]:
    return group_gates(PREDICTIONS, PLACES, Register(name="things", **rules))


def test_the_worst_group_decides() -> None:
    (gate,) = by_group(group_thresholds={BY: at_worst(SOUTH)}, min_group_rows=2)
    assert gate.passed
    assert gate.got == "0.5 (south)"
    (gate,) = by_group(group_thresholds={BY: at_worst(NORTH)}, min_group_rows=2)
    assert (gate.name, gate.got, gate.passed) == (f"{BY} in each place", "0.5 (south)", False)


def test_the_spread_is_between_the_best_and_the_worst_group() -> None:
    assert [gate.passed for gate in by_group(max_spread={BY: 0.5}, min_group_rows=2)] == [True]
    (gate,) = by_group(max_spread={BY: 0.4}, min_group_rows=2)
    assert (gate.name, gate.got, gate.passed) == (f"{BY} spread over place", "0.5", False)


def test_missing_values_are_a_group_and_small_groups_are_ignored() -> None:
    (gate,) = by_group(max_spread={BY: 0.9}, min_group_rows=1)
    assert (gate.got, gate.passed) == ("1", False)
    assert by_group(max_spread={BY: 0.0}, min_group_rows=5)[0].passed
    (gate,) = by_group(max_spread={BY: 0.0}, min_group_rows=7)
    assert (gate.passed, gate.got) == (True, "none is so large: not judged")


def test_what_cannot_be_measured_in_a_group_fails() -> None:
    gates = by_group(group_thresholds={"roc_auc": {"min": 0.0}}, max_spread={"roc_auc": 1.0})
    assert [gate.got.split(" (")[0] for gate in gates] == ["not measured", "not measured"]
    assert not any(gate.passed for gate in gates)


def test_latency() -> None:
    rules = Register(name="things", max_latency_ms=50)
    for latency, passed in ((49.0, True), (51.0, False)):
        (gate,) = model_gates({"latency_ms": latency}, PREDICTIONS, PLACES, rules)
        assert gate.passed is passed
    assert not model_gates({}, PREDICTIONS, PLACES, rules)[0].passed


def test_latency_is_that_of_one_thread() -> None:
    class Model:
        """Notes by how many threads each prediction could be made, and by which it was."""

        seen: ClassVar[set[tuple[int, bool]]] = set()
        calls = 0

        def predict(self, rows: pd.DataFrame) -> None:
            if not self.calls:
                time.sleep(0.3)  # imports what it needs
            pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"]
            threads = Parallel(n_jobs=2, prefer="threads")(delayed(get_ident)() for _ in range(4))
            self.seen.add((max(pools), set(threads) == {get_ident()}))
            self.calls += 1

    model = Model()
    with threadpool_limits(2):
        assert latency_ms(model, PLACES) < 300
        assert max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp") == 2
    assert model.seen == {(1, True)}
    assert model.calls > 10


def test_a_gate_that_is_not_there_is_off() -> None:
    assert model_gates({}, PREDICTIONS, PLACES, Register(name="things")) == []


@pytest.mark.parametrize("gate", ["thresholds", "group_thresholds", "max_spread"])
def test_a_gate_on_a_metric_that_there_is_not_is_one_line(project: Path, gate: str) -> None:
    bound = "1.0" if gate == "max_spread" else "{max: 1.0}"
    text = PARAMS.split("  thresholds:")[0] + f"  {gate}:\n    no_metric: {bound}\n"
    paths.PARAMS.write_text(text, encoding="utf-8")
    line = text.splitlines().index(f"    no_metric: {bound}") + 1
    with pytest.raises(UserError) as caught:
        load_checked_params()
    assert str(caught.value).startswith(f"params.yaml:{line}: register.{gate}.no_metric: no such metric")


def test_gates_by_group_need_groups(project: Path) -> None:
    text = PARAMS.replace("groups: [colour]", "groups: []") + f"  max_spread:\n    {METRIC}: 1.0\n"
    paths.PARAMS.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"register.max_spread: there are no groups"):
        load_checked_params()
