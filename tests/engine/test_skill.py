"""The gate on the baseline: the skill score, and what takes no skill."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.judging.skill import relative_gain, skill_score

from tests.engine.tasks import BOTH, CLASSIFICATION, REGRESSION, Task
from tests.engine.test_gates import candidate


@pytest.mark.parametrize(
    ("value", "baseline", "greater_is_better", "score"),
    [
        (0.6, 0.2, True, 0.5),
        (1.0, 0.2, True, 1.0),
        (0.2, 0.2, True, 0.0),
        (0.0, 0.2, True, -0.25),
        (0.49, -0.02, True, 0.5),  # R2 of rows whose mean is not that of the training rows
        (50.0, 100.0, False, 0.5),
        (0.0, 100.0, False, 1.0),
        (150.0, 100.0, False, -0.5),
        (1.0, 1.0, True, None),  # nothing is better than that
        (0.0, 0.0, False, None),
        (6000.0, 5000.0, True, None),  # a profit, of which 1 is not perfect
        (-4.0, -3.0, False, None),
    ],
)
def test_the_skill_score_is_the_way_from_the_baseline_to_a_perfect_metric(
    value: float, baseline: float, greater_is_better: bool, score: float | None
) -> None:
    assert skill_score(value, baseline, greater_is_better) == (
        score if score is None else pytest.approx(score)
    )


def test_the_relative_gain_counts_in_the_metrics_direction() -> None:
    assert relative_gain(6250.0, 5000.0, True) == 0.25
    assert relative_gain(5000.0, 6250.0, True) == -0.2
    assert relative_gain(-4.0, -3.0, False) == pytest.approx(1 / 3)
    assert relative_gain(300.0, 400.0, False) == 0.25
    assert [relative_gain(value, 0.0, False) for value in (-1.0, 0.0, 1.0)] == [np.inf, 0.0, -np.inf]
    assert np.isnan(relative_gain(np.nan, 0.0, True))


def gate(task: Task, ours: float | None, baseline: float | None, least: float | None = 0.1) -> Any:
    """Return the only gate, if there is one, for the primary metric."""
    metrics, naive = ({} if value is None else {task.metric: value} for value in (ours, baseline))
    model = candidate(metrics, task, baseline=lambda: naive, min_skill=least)
    gates = task.module("engine.judging.gates").baseline_gates(model)
    assert len(gates) <= 1
    return gates[0] if gates else None


@BOTH
def test_the_primary_metric_is_compared_with_the_baselines(task: Task) -> None:
    baseline, well, hardly = (0.2, 0.6, 0.27) if task is CLASSIFICATION else (100.0, 50.0, 91.0)
    passed, failed = gate(task, well, baseline), gate(task, hardly, baseline)
    assert (passed.name, passed.got, passed.passed) == (
        f"{task.metric} against the baseline",
        f"0.5 ({well:g})",
        True,
    )
    perfect = 1 if task is CLASSIFICATION else 0
    assert failed.wanted == f">= 0.1 of the way from its {baseline:g} to {perfect}"
    assert failed.passed is False
    assert gate(task, baseline, baseline).passed is False
    assert gate(task, well, baseline, 0.51).passed is False
    assert gate(task, None, baseline).passed is False
    assert gate(task, well, baseline, None) is None


@BOTH
def test_a_metric_of_another_scale_is_compared_by_its_relative_gain(task: Task) -> None:
    baseline, better, hardly = (5000.0, 6000.0, 5400.0) if task is CLASSIFICATION else (-50.0, -60.0, -54.0)
    found = gate(task, better, baseline)
    assert (found.got, found.passed) == (f"0.2 ({better:g})", True)
    assert found.wanted == f">= 0.1 as gain relative to its {baseline:g}"
    assert gate(task, hardly, baseline).passed is False


@BOTH
def test_a_baseline_without_the_metric_is_for_a_person_to_decide(task: Task) -> None:
    """A correlation, say: a constant has none."""
    found = gate(task, 0.5, None)
    assert (found.passed, found.got) == (None, f"the baseline has no {task.metric} on these rows")


ROWS = 4_000
RANDOM = np.random.default_rng(0)


def baseline_of(task: Task, actual: Any, predicted: Any) -> tuple[dict[str, float], dict[str, float]]:
    """Return the metrics of predictions, and those of the baseline, which knows half of the actual values."""
    predictions = pd.DataFrame({"actual": actual, "predicted": predicted})
    half = len(actual) // 2
    test = predictions[half:].reset_index(drop=True)
    measure = task.module("engine.judging.prediction").measure
    baseline = task.module("engine.judging.skill").measure_baseline(
        test, test[[]], np.asarray(actual[:half]), seed=0
    )
    return measure(test), baseline


def test_guesses_of_classes_have_no_skill() -> None:
    """A constant's F1 macro is a third, which any guess would be better than."""
    actual, guessed = (RANDOM.choice(["a", "b"], ROWS) for _ in range(2))
    ours, baseline = baseline_of(CLASSIFICATION, actual, guessed)
    assert baseline["f1_macro"] == pytest.approx(0.5, abs=0.03)
    assert gate(CLASSIFICATION, ours["f1_macro"], baseline["f1_macro"]).passed is False
    right = np.where(RANDOM.random(ROWS) < 0.3, actual, guessed)
    ours, baseline = baseline_of(CLASSIFICATION, actual, right)
    assert gate(CLASSIFICATION, ours["f1_macro"], baseline["f1_macro"]).passed is True


def test_the_median_of_a_skewed_target_has_no_skill() -> None:
    """The baseline is the mean, whose absolute error is greater."""
    actual = RANDOM.lognormal(sigma=1.5, size=ROWS)
    ours, baseline = baseline_of(REGRESSION, actual, np.full(ROWS, np.median(actual)))
    assert skill_score(ours["mae"], baseline["mae"], False) == pytest.approx(0, abs=0.05)
    mean, _ = baseline_of(REGRESSION, actual, np.full(ROWS, actual.mean()))
    assert mean["mae"] > 1.1 * ours["mae"]


@BOTH
def test_where_the_dummy_is_better_than_guesses_it_is_the_baseline(task: Task) -> None:
    name = "accuracy" if task is CLASSIFICATION else "rmse"
    actual = (
        RANDOM.choice(["a", "b"], ROWS, p=[0.9, 0.1]) if task is CLASSIFICATION else RANDOM.normal(size=ROWS)
    )
    _, baseline = baseline_of(task, actual, RANDOM.permutation(actual))
    assert baseline[name] == pytest.approx(0.9 if task is CLASSIFICATION else 1.0, abs=0.03)


@BOTH
def test_the_baseline_of_one_row_is_the_dummys(task: Task) -> None:
    actual = ["a", "a"] if task is CLASSIFICATION else [1.0, 3.0]
    _, baseline = baseline_of(task, actual, actual)
    assert baseline["accuracy" if task is CLASSIFICATION else "rmse"] == (
        1.0 if task is CLASSIFICATION else 2.0
    )
