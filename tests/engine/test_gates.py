import math
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
from penguins.engine.judging.candidate import Candidate
from penguins.engine.judging.champion import improvement_gate
from penguins.engine.judging.checks import load_checked_params
from penguins.engine.judging.gate import Gate
from penguins.engine.judging.gates import improvement_gates, latency_gates, threshold_gates
from penguins.engine.judging.inspection import latency_ms
from penguins.engine.params import Threshold
from penguins.gates import GATES
from threadpoolctl import threadpool_info, threadpool_limits

from tests.engine.conftest import METRIC, PARAMS
from tests.engine.tasks import BOTH, CLASSIFICATION, Task

# six rows of north, all right; four of south, half of them wrong; one that is missing, wrong
PLACES = pd.DataFrame({"place": ["north"] * 6 + ["south"] * 4 + [None]})
RIGHT = [True] * 6 + [True, False, True, False] + [False]
PREDICTIONS = pd.DataFrame({"actual": "a", "predicted": ["a" if right else "b" for right in RIGHT]})
NUMBERS = pd.DataFrame({"actual": 1.0, "predicted": [1.0 if right else 2.0 for right in RIGHT]})


def nothing(*_: object) -> Any:
    raise AssertionError("no gate that is on needs this")


def candidate(metrics: dict[str, float], task: Task = CLASSIFICATION, **given: Any) -> Candidate:
    """Make one whose rules are those given; what is not given, no gate that is on may ask for."""
    asked = {name: given.pop(name, nothing) for name in ("predictions", "groups", "baseline", "compare")}
    rules = task.module("engine.params").Register(name="things", **{"min_skill": None, **given})
    kind = task.module("engine.judging.candidate").Candidate
    return kind(metrics, task.metric, rules, *asked.values())


def test_thresholds() -> None:
    def passed(metrics: dict[str, float]) -> list[bool | None]:
        bounds = {METRIC: Threshold(min=1.0, max=2.0)}
        return [gate.passed for gate in threshold_gates(candidate(metrics, thresholds=bounds))]

    assert passed({METRIC: 1.5}) == [True, True]
    assert passed({METRIC: 0.5}) == [False, True]
    assert passed({METRIC: 2.5}) == [True, False]
    assert passed({}) == [False, False]


@BOTH
def test_improvement_counts_in_the_metrics_direction(task: Task) -> None:
    gate, metric = task.module("engine.judging.champion").improvement_gate, task.metric
    greater = task.module("metrics").GREATER_IS_BETTER[metric]
    assert greater is (task is CLASSIFICATION)
    better, worse = (1.2, 0.8) if greater else (0.8, 1.2)
    assert gate(metric, better, 1.0, 0.1).passed
    assert gate(metric, 1.0, 1.0, 0.0).passed
    assert not gate(metric, 1.0, 1.0, 0.1).passed
    assert not gate(metric, worse, 1.0, 0.0).passed
    assert not gate(metric, None, 1.0, 0.0).passed


def test_the_champion_is_compared_with_if_that_is_asked_for() -> None:
    gate = improvement_gate(METRIC, 1.0, 1.0, 0.0)
    assert improvement_gates(candidate({}, compare=lambda _: [gate], min_improvement=0.0)) == [gate]
    assert improvement_gates(candidate({})) == []


def by_group(task: Task, bound: float | None = None, every: float = 0.5, **rules: Any) -> list[Gate]:
    """Return the gates of groups by accuracy, or mean absolute error; of all rows it is `every`."""
    by, side, table = ("accuracy", "min", PREDICTIONS) if task is CLASSIFICATION else ("mae", "max", NUMBERS)
    if bound is not None:
        rules["group_thresholds"] = {by: {side: bound}}
    for gate in ("max_spread", "max_group_gap"):
        if isinstance(rules.get(gate), float):
            rules[gate] = {by: rules[gate]}
    model = candidate({by: every}, task, predictions=lambda: table, groups=lambda: PLACES, **rules)
    found = task.module("engine.judging.gates").group_gates(model)
    return [Gate(gate.name.replace(by, "BY"), gate.wanted, gate.got, gate.passed) for gate in found]


@BOTH
def test_the_worst_group_decides(task: Task) -> None:
    north, south = (1.0, 0.5) if task is CLASSIFICATION else (0.0, 0.5)
    (gate,) = by_group(task, south, min_group_rows=2)
    assert gate.passed
    assert gate.got == "0.5 (south)"
    (gate,) = by_group(task, north, min_group_rows=2)
    assert (gate.name, gate.got, gate.passed) == ("BY in each place", "0.5 (south)", False)


@BOTH
def test_the_spread_is_between_the_best_and_the_worst_group(task: Task) -> None:
    assert [gate.passed for gate in by_group(task, max_spread=0.5, min_group_rows=2)] == [True]
    (gate,) = by_group(task, max_spread=0.4, min_group_rows=2)
    assert (gate.name, gate.got, gate.passed) == ("BY spread over place", "0.5", False)


@BOTH
def test_a_group_may_be_worse_than_all_rows_by_a_share(task: Task) -> None:
    every = 0.8 if task is CLASSIFICATION else 0.4  # of which the south's 0.5 is 0.375 less, or 0.25 more
    gap = 0.375 if task is CLASSIFICATION else 0.25
    (gate,) = by_group(task, max_group_gap=gap + 0.01, every=every, min_group_rows=2)
    assert (gate.name, gate.got, gate.passed) == ("BY gap over place", f"{gap} (south)", True)
    (gate,) = by_group(task, max_group_gap=gap - 0.01, every=every, min_group_rows=2)
    assert (gate.wanted, gate.passed) == (f"<= {gap - 0.01:.4g} of the {every} on all rows", False)
    (gate,) = by_group(task, max_group_gap=0.0, every=0.5, min_group_rows=2)
    assert (gate.got, gate.passed) == ("0 (south)", True)
    (gate,) = by_group(task, max_group_gap=1.0, every=math.nan, min_group_rows=2)
    assert (gate.got, gate.passed) == ("not measured (south)", False)


@BOTH
def test_missing_values_are_a_group_and_small_groups_are_ignored(task: Task) -> None:
    (gate,) = by_group(task, max_spread=0.9, min_group_rows=1)
    assert (gate.got, gate.passed) == ("1", False)
    assert by_group(task, max_spread=0.0, min_group_rows=5)[0].passed
    (gate,) = by_group(task, max_spread=0.0, min_group_rows=7)
    assert (gate.passed, gate.got) == (True, "none is so large: not compared")


@BOTH
def test_what_cannot_be_measured_in_a_group_fails(task: Task) -> None:
    name, least, most = ("roc_auc", 0.0, 1.0) if task is CLASSIFICATION else ("r2", -9.0, 9.0)
    gates = by_group(
        task, group_thresholds={name: {"min": least}}, max_spread={name: most}, max_group_gap={name: 1.0}
    )
    assert [gate.got.split(" (")[0] for gate in gates] == ["not measured"] * 3
    assert not any(gate.passed for gate in gates)


def test_latency() -> None:
    for latency, passed in ((49.0, True), (51.0, False)):
        (gate,) = latency_gates(candidate({"latency_ms": latency}, max_latency_ms=50))
        assert gate.passed is passed
    assert not latency_gates(candidate({}, max_latency_ms=50))[0].passed


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
    assert [gate for make in GATES for gate in make(candidate({}))] == []


@pytest.mark.parametrize("gate", ["thresholds", "max_group_gap", "group_thresholds", "max_spread"])
def test_a_gate_on_a_metric_that_there_is_not_is_one_line(project: Path, gate: str) -> None:
    bound = "1.0" if gate.startswith("max_") else "{max: 1.0}"
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
