"""Classes of few rows, rows that count differently, and the threshold of the rarer of two classes."""

import json
import pickle
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from penguins.engine import stage
from penguins.engine.base import paths
from penguins.engine.base.errors import UserError
from penguins.engine.base.yaml import read_yaml
from penguins.engine.fitting.adapter import ClassifierAdapter, inner
from penguins.engine.fitting.early_stopping import hold_out
from penguins.engine.fitting.fit import check_fitted, fit
from penguins.engine.fitting.target import check_classes
from penguins.engine.fitting.threshold import Threshold, threshold_of
from penguins.engine.judging.importance import importances
from penguins.engine.judging.prediction import measure, predict
from penguins.engine.params import Columns, Data
from penguins.engine.split.classes import doubts_of_classes
from penguins.engine.split.dataset import Dataset
from penguins.engine.split.rows import Rows
from penguins.engine.table.cells import as_labels, as_words
from penguins.engine.table.target import check_target
from penguins.engine.tracking.columns import known_of
from penguins.engine.tracking.models import trusted_types
from penguins.engine.tuning.cross_validation import CrossValidation
from penguins.params import load_params
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.engine.conftest import make_table
from tests.engine.tasks import CLASSIFICATION, REGRESSION, Task
from tests.support.running import replace_in

NUMBERS = ["a", "b", "c"]
COLUMNS = Columns(numeric=NUMBERS)
EARLY = {"early_stopping": True, "max_iter": 30, "min_samples_leaf": 5}


def params_of(
    task: Task, type_: str, parameters: dict[str, Any], weight: str | None = None, **model: Any
) -> Any:
    """Make parameters, and check the model as a stage does."""
    params = task.module("params").Params.model_validate(
        {
            "data": {"task": task.name, "path": "x.csv", "target": task.target, "weight": weight},
            "split": {"test_fraction": 0.2, "seed": 1},
            "model": {"type": type_, type_: parameters, **model},
            "evaluate": {"primary_metric": task.metric},
            "register": {"name": "things"},
        }
    )
    task.module("engine.fitting.estimators").check_model(params)
    return params


def fitted(
    table: pd.DataFrame, type_: str, parameters: dict[str, Any], task: Task = CLASSIFICATION, **more: Any
) -> Any:
    """Fit a model to a table, as the train stage does."""
    params = params_of(task, type_, parameters, **more)
    target: Any = table[task.target]
    if task is CLASSIFICATION:
        codes, words = pd.factorize(target)
        target = as_labels(words)[codes]
    else:
        target = target.to_numpy()
    model = task.module("models").build(params, COLUMNS)
    rows = task.module("engine.split.rows").Rows.to_learn(table, target, COLUMNS, params)
    task.module("engine.fitting.fit").fit(model, rows)
    return model


def make_rare(
    rows: int = 3000, share: float = 0.01, names: tuple[str, str] = ("fraud", "usual")
) -> pd.DataFrame:
    """Make a table in which a share of the rows are of the first class, which is not easily learned."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(rows, 3)), columns=NUMBERS)
    score = table["a"] + table["b"] + random.normal(scale=0.7, size=rows)
    rare = score > score.quantile(1 - share)
    return table.assign(kind=np.where(rare, *names), weight=score)


RARE = make_rare(1200, 0.05)
LEARNED, JUDGED = RARE[RARE.index % 2 == 0], RARE[RARE.index % 2 == 1]


# gradient boosting that stops early


def test_each_class_holds_out_its_share_of_rows_and_never_all() -> None:
    codes = np.repeat([0, 1, 2, 3], [100, 9, 4, 1])
    held = hold_out(codes, 0.1, 0)
    assert np.bincount(codes[held], minlength=4).tolist() == [10, 1, 0, 0]
    assert (hold_out(codes, 0.1, 0) == held).all()
    assert (hold_out(codes, 0.1, 1) != held).any()
    assert np.bincount(codes[hold_out(codes, 0.99, 0)], minlength=4).tolist() == [99, 8, 3, 0]


def with_counts(**counts: int) -> pd.DataFrame:
    """Make a table with so many rows of each class."""
    kinds = [name for name, count in counts.items() for _ in range(count)]
    numbers = np.random.default_rng(0).normal(size=(len(kinds), 3))
    return pd.DataFrame(numbers, columns=NUMBERS).assign(kind=kinds)


@pytest.mark.parametrize(
    ("counts", "stops"),
    [
        ({"red": 90, "green": 60, "Total": 1}, True),
        ({"red": 4, "green": 3, "blue": 3}, False),  # ten rows
        # more classes than rows to hold out
        ({f"kind {number}": 3 for number in range(12)} | {"red": 60}, True),
    ],
)
@pytest.mark.parametrize("weights", [None, "balanced", {"red": 3.0}])
def test_rare_classes_do_not_keep_a_model_from_stopping_early(
    counts: dict[str, int], stops: bool, weights: Any
) -> None:
    table = with_counts(**counts)
    with pytest.raises(ValueError, match=r"member|number of classes"):
        HistGradientBoostingClassifier(early_stopping=True).fit(table[NUMBERS], table["kind"])
    if isinstance(weights, dict):
        weights = dict.fromkeys(counts, 1.0) | weights
    model = fitted(table, "hist_gradient_boosting", {**EARLY, "class_weight": weights})
    assert model.classes_.tolist() == sorted(counts)
    assert inner(model).do_early_stopping_ is stops
    assert (len(inner(model).validation_score_) > 0) is stops


def test_where_scikit_learn_can_stop_early_the_model_is_its_own() -> None:
    model = fitted(LEARNED, "hist_gradient_boosting", {**EARLY, "random_state": 3})
    own = HistGradientBoostingClassifier(**EARLY, random_state=3).fit(
        LEARNED[NUMBERS].to_numpy(), LEARNED["kind"]
    )
    assert isinstance(model[-1], ClassifierAdapter)
    assert (model.predict_proba(JUDGED) == own.predict_proba(JUDGED[NUMBERS].to_numpy())).all()
    assert model.predict(JUDGED).tolist() == own.predict(JUDGED[NUMBERS].to_numpy()).tolist()


def test_weights_count_where_it_stops_early_too() -> None:
    table = pd.concat([LEARNED, LEARNED[:1].assign(kind="Total")])
    flat = fitted(table.assign(w=1.0), "hist_gradient_boosting", EARLY, weight="w")
    steep = fitted(
        table.assign(w=np.where(table["a"] > 0, 1.0, 0.0)), "hist_gradient_boosting", EARLY, weight="w"
    )
    scores = [inner(model).validation_score_[0] for model in (flat, steep)]
    assert scores[0] != pytest.approx(scores[1])


def test_another_model_that_cannot_draw_rows_of_a_class_names_it() -> None:
    table = with_counts(red=90, green=60, Total=1)
    with pytest.raises(
        ValueError, match=r"^it cannot draw rows of classes that have so few: 'Total' \(1\); turn its"
    ):
        fitted(table, "sklearn.ensemble.GradientBoostingClassifier", {"n_iter_no_change": 5})


# rows that count differently

SHORT_NAMES = [(task, name) for task in (CLASSIFICATION, REGRESSION) for name in task.models]


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Provide a model of one's own, of both tasks, that takes weights."""
    module = ModuleType("own")
    for cls in (DecisionTreeClassifier, DecisionTreeRegressor):
        setattr(module, cls.__name__, type(cls.__name__, (cls,), {"__module__": "own"}))
    monkeypatch.setitem(sys.modules, "own", module)


@pytest.mark.parametrize(
    ("task", "type_"),
    [*SHORT_NAMES, (CLASSIFICATION, "own.DecisionTreeClassifier"), (REGRESSION, "own.DecisionTreeRegressor")],
)
def test_a_row_that_counts_nothing_teaches_nothing(task: Task, type_: str, own: None) -> None:
    turned = LEARNED.assign(a=-LEARNED["a"], b=-LEARNED["b"])  # what is to be learned is the opposite
    both = pd.concat([LEARNED.assign(w=1.0), turned.assign(w=0.0)], ignore_index=True)
    quick = {
        "random_forest": {"n_estimators": 10, "max_depth": 4},
        "hist_gradient_boosting": {"max_iter": 20},
    }
    parameters = quick.get(type_, {"max_depth": 4} if "Tree" in type_ else {})
    predictions = task.module("engine.judging.prediction")
    found = {}
    for weight in ("w", None):
        model = fitted(both, type_, parameters, task, weight=weight)
        table = predictions.predict(model, JUDGED, JUDGED[task.target])
        found[weight] = (
            np.corrcoef(table["predicted"], JUDGED["weight"])[0, 1]
            if task is REGRESSION
            else np.corrcoef(table["probability_fraud"], JUDGED["kind"] == "fraud")[0, 1]
        )
    assert found["w"] > 0.4
    assert found["w"] > found[None] + 0.2


@pytest.mark.parametrize(
    ("task", "type_"),
    [
        (CLASSIFICATION, "sklearn.neighbors.KNeighborsClassifier"),
        (REGRESSION, "sklearn.neighbors.KNeighborsRegressor"),
    ],
)
def test_a_model_that_takes_no_weights_is_one_line(project: Path, task: Task, type_: str) -> None:
    error = task.module("engine.base.errors").UserError
    with pytest.raises(error, match=r"data.weight: KNeighbors\w+ takes no row weights; use another model"):
        params_of(task, type_, {}, "w")
    params_of(task, type_, {})


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([1.0, None, -1.0], "2 of 3 training rows have no weight, or a negative one, in 'w'"),
        ([0.0, 0.0, 0.0], "'w' is 0 in all 3 training rows"),
        ([0.0, 0.5, 2.0], ""),
    ],
)
def test_weights_are_numbers_of_0_or_more(project: Path, weights: list[Any], says: str) -> None:
    params = params_of(CLASSIFICATION, "random_forest", {}, "w")
    table = RARE[:3].assign(w=np.array(weights, dtype="float64"))
    if not says:
        rows = Rows.to_learn(table, np.arange(3), COLUMNS, params)
        assert rows.weight is not None
        assert rows.weight.tolist() == weights
        assert (
            Rows.of(table, np.arange(3), COLUMNS, params).weight is None
        )  # the test rows all count the same
        return
    with pytest.raises(UserError, match=rf"^params.yaml:\d+: data.weight: {says}$"):
        Rows.to_learn(table, np.arange(3), COLUMNS, params)


# the threshold


@pytest.mark.parametrize(
    "names", [("fraud", "usual"), ("yes", "no"), ("1", "0"), ("True", "False"), ("7", "9")]
)
def test_the_rarer_class_is_predicted_from_a_probability_on(names: tuple[str, str]) -> None:
    table = make_rare(600, 0.1, names)
    model = fitted(table, "logistic_regression", {}, threshold=0.2)
    assert threshold_of(model) == Threshold(0.2, names[0])
    found = predict(model, table, table["kind"])
    rarer = found[f"probability_{names[0]}"] >= 0.2
    assert (found["predicted"] == np.where(rarer, *names)).all()
    assert rarer.sum() > (found[f"probability_{names[0]}"] >= 0.5).sum()
    assert as_words(model.predict(table)).tolist() == found["predicted"].tolist()


def test_of_equally_frequent_classes_the_last_has_the_threshold() -> None:
    table = with_counts(aye=30, nay=30)
    assert threshold_of(fitted(table, "logistic_regression", {}, threshold=0.3)) == Threshold(0.3, "nay")


@pytest.mark.parametrize("type_", CLASSIFICATION.models)
@pytest.mark.parametrize("metric", ["f1_macro", "balanced_accuracy"])
def test_a_threshold_is_chosen_on_folds_of_the_training_rows(type_: str, metric: str) -> None:
    quick = {"random_forest": {"n_estimators": 20}, "hist_gradient_boosting": {"max_iter": 20}}
    model = fitted(LEARNED, type_, quick.get(type_, {}), threshold=metric)
    plain = fitted(LEARNED, type_, quick.get(type_, {}))
    found = threshold_of(model)
    assert found is not None
    assert 0 < found.value < 0.5  # of a class so rare
    assert found.label == "fraud"
    assert (model.predict_proba(JUDGED) == plain.predict_proba(JUDGED)).all()
    scores = [measure(predict(each, JUDGED, JUDGED["kind"])) for each in (model, plain)]
    assert scores[0]["balanced_accuracy"] > scores[1]["balanced_accuracy"] + 0.02


def test_the_threshold_is_where_the_metric_is_best_on_rows_that_were_not_fitted_to() -> None:
    params = params_of(CLASSIFICATION, "logistic_regression", {}, threshold="f1_macro")
    target, model = (
        LEARNED["kind"].to_numpy(dtype="str"),
        CLASSIFICATION.module("models").build(params, COLUMNS),
    )
    rows = Rows.to_learn(LEARNED, target, COLUMNS, params)
    assert rows.folds is not None
    assert len(rows.folds) == 5
    half = np.flatnonzero(np.arange(len(target)) % 2), np.flatnonzero(np.arange(len(target)) % 2 == 0)
    only_one_class = np.flatnonzero(target == "usual")
    fit(model, replace(rows, folds=[half, (half[0], only_one_class)]))  # which tells nothing
    found = threshold_of(model)
    assert found is not None
    other = fitted(LEARNED.iloc[half[0]], "logistic_regression", {})
    judged = predict(other, LEARNED.iloc[half[1]], LEARNED["kind"].iloc[half[1]])

    def f1(threshold: float) -> float:
        predicted = np.where(judged["probability_fraud"] >= threshold, "fraud", "usual")
        return measure(judged.assign(predicted=predicted))["f1_macro"]

    candidates = np.linspace(judged["probability_fraud"].min(), judged["probability_fraud"].max(), 100)
    assert f1(found.value) == max(map(f1, candidates))
    assert f1(found.value) > f1(0.5)


def test_weights_count_in_the_fits_by_which_a_threshold_is_chosen() -> None:
    heavy = LEARNED.assign(w=np.where(LEARNED["kind"] == "fraud", 50.0, 1.0))
    plain, weighted = (
        threshold_of(fitted(heavy, "logistic_regression", {}, weight=weight, threshold="f1_macro"))
        for weight in (None, "w")
    )
    assert plain is not None
    assert weighted is not None
    assert plain.value < 0.5 < weighted.value  # of a model that thinks the class as frequent as the other


def test_a_model_with_a_threshold_is_saved_with_nothing_of_how_it_was_chosen() -> None:
    model = fitted(LEARNED, "hist_gradient_boosting", {"max_iter": 5}, threshold="f1_macro")
    assert isinstance(model[-1], FixedThresholdClassifier)
    assert not {
        name for name in trusted_types(model) if "metrics" in name or "choosing" in name or "weights" in name
    }
    assert b"penguins.metrics" not in pickle.dumps(model)
    ranked = importances(model, JUDGED[NUMBERS], JUDGED["kind"], 0)
    assert set(ranked["feature"][:2]) <= {"a", "b", "c"}
    assert isinstance(inner(model), HistGradientBoostingClassifier)


@pytest.mark.parametrize(
    ("type_", "threshold", "says"),
    [
        ("random_forest", "f1", "no such metric 'f1'; allowed: accuracy"),
        (
            "random_forest",
            "roc_auc",
            "roc_auc is computed from probabilities, and does not depend on a threshold; allowed: acc",
        ),
        (
            "sklearn.svm.LinearSVC",
            0.3,
            "needs probabilities, and LinearSVC gives none; delete it, or take another",
        ),
    ],
)
def test_a_threshold_that_a_model_cannot_have_is_one_line(
    project: Path, type_: str, threshold: Any, says: str
) -> None:
    with pytest.raises(UserError, match=rf"^params.yaml:\d+: model.threshold: {says}") as caught:
        params_of(CLASSIFICATION, type_, {}, threshold=threshold)
    assert len(str(caught.value).splitlines()) == 1


def test_regression_has_no_threshold(project: Path) -> None:
    error = REGRESSION.module("engine.base.errors").UserError
    with pytest.raises(
        error, match=r"model.threshold: is for two classes, and data.task is regression; delete it"
    ):
        params_of(REGRESSION, "ridge", {}, threshold=0.5)


@pytest.mark.parametrize("value", ["0", "1", "1.5", "true", "[0.5]", "{a: 1}"])
def test_a_threshold_is_a_number_between_0_and_1_or_a_metric(project: Path, value: str) -> None:
    text = Path("params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(
        text.replace("model:\n", f"model:\n  threshold: {value}\n"), encoding="utf-8"
    )
    with pytest.raises(
        UserError, match=r"^params.yaml:14: model.threshold: needs a number between 0 and 1, or the"
    ):
        load_params()
    Path("params.yaml").write_text(text.replace("model:\n", "model:\n  threshold: null\n"), encoding="utf-8")
    assert load_params().model.threshold is None
    assert "threshold" not in load_params().model.blocks


@pytest.mark.parametrize(("weight", "model"), [("w", {}), (None, {"threshold": 0.5})])
def test_a_stage_of_before_that_fits_by_itself_is_one_line(weight: str | None, model: dict[str, Any]) -> None:
    params = params_of(CLASSIFICATION, "logistic_regression", {}, weight, **model)
    by_itself = CLASSIFICATION.module("models").build(params, COLUMNS)
    with pytest.raises(
        UserError, match=r"^penguins/stages/train.py: .* need `fit\(model, train\)`, of penguins"
    ):
        check_fitted(by_itself, params)
    check_fitted(fitted(RARE.assign(w=1.0), "logistic_regression", {}, weight=weight, **model), params)
    check_fitted(by_itself, params_of(CLASSIFICATION, "logistic_regression", {}))


# what is said of classes


def counted(**counts: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame(counts, index=["train", "test"]).T


def test_each_class_of_few_rows_is_named_once_with_their_number() -> None:
    counts = counted(large=(60, 20), Total=(1, 0), odd=(0, 2), rare=(7, 2), enough=(8, 2))
    assert list(doubts_of_classes(counts, "kind")) == [
        "kind: classes that are not among the training rows, so that they are never predicted: "
        "'odd' (2 rows); see Rare classes in docs/models.md",
        "kind: classes that are not among the test rows, so that no metric tells of them: 'Total' (1 row); "
        "see Rare classes in docs/models.md",
        "kind: classes that are too rare to learn or measure much: 'rare' (9 rows); "
        "see Rare classes in docs/models.md",
    ]
    assert not list(doubts_of_classes(counts.loc[["large", "enough"]], "kind"))
    many = counted(**{f"kind {number}": (1, 1) for number in range(14)})
    assert "'kind 9' (2 rows), 4 more; see" in next(doubts_of_classes(many, "kind"))


def checked(counts: pd.DataFrame, **model: Any) -> None:
    """Check classes as training does."""
    params = params_of(CLASSIFICATION, "logistic_regression", {}, **model)
    check_classes(SimpleNamespace(params=params, classes=counts))


@pytest.mark.parametrize(
    ("counts", "threshold", "says"),
    [
        (
            counted(a=(9, 1), b=(0, 2)),
            None,
            "data.target: 'kind' is 'a' in all 9 training rows: draw some of each",
        ),
        (
            counted(a=(9, 1), b=(9, 2), c=(3, 3)),
            0.5,
            "model.threshold: is for two classes, and kind has 3: 'a', 'b', 'c'",
        ),
        (
            counted(a=(9, 1), b=(1, 2)),
            "f1_macro",
            "model.threshold: cannot be chosen by the single training row of 'b'",
        ),
        (counted(a=(9, 1), b=(1, 2)), 0.5, ""),
        (counted(a=(9, 1), b=(9, 2), c=(3, 3)), None, ""),
    ],
)
def test_classes_that_cannot_be_learned_are_one_line(
    project: Path, counts: pd.DataFrame, threshold: Any, says: str
) -> None:
    if not says:
        checked(counts, threshold=threshold)
        return
    with pytest.raises(UserError, match=rf"^params.yaml:\d+: {says}"):
        checked(counts, threshold=threshold)


AMOUNTS = [f"{number / 8:g}" for number in range(80)]
OTHER = r"bake a project with task={}, whose metrics, models and plots are for that, or set data.task"


@pytest.mark.parametrize(
    ("task", "cells", "says"),
    [
        ("classification", AMOUNTS, "holds 80 different numbers in 80 rows: this is regression; " + OTHER),
        ("classification", AMOUNTS[:12], "holds 12 different numbers in 12 rows: this is regression"),
        ("classification", [*AMOUNTS[:25]] * 9, "holds 25 different numbers in 225 rows: this is regression"),
        ("classification", [*AMOUNTS[:25]] * 10, ""),  # grades, or versions
        ("classification", ["1.0", "2.5", "4.0"] * 5, ""),
        ("classification", ["1", "2", "3", "1", "2", "3", "4", "5"], ""),
        ("classification", [*AMOUNTS, "n/a"], ""),
        ("classification", ["a"] * 5, "is 'a' in all 5 rows: there is nothing to learn about it"),
        (
            "regression",
            ["a", "b", "a", "c"],
            "holds no number in 4 of 4 cells: this is classification; " + OTHER,
        ),
        ("regression", ["1", "2", "a", None], ""),
        ("regression", ["2.5"] * 4, "is 2.5 in all 4 rows: there is nothing to learn about it"),
        ("regression", ["1", "2", "1", "2"], ""),
    ],
)
def test_a_target_of_the_other_task_or_of_one_value_is_one_line(
    project: Path, task: str, cells: list[str | None], says: str
) -> None:
    raw = pd.DataFrame({"kind": pd.Series(cells, dtype="str")})
    numbers = pd.to_numeric(raw["kind"], errors="coerce")
    table = raw if task == "classification" else raw.assign(kind=numbers)
    data = Data(task=task, path=Path("x.csv"), target="kind")
    if not says:
        check_target(raw, table, data)
        return
    other = {"classification": "regression", "regression": "classification"}[task]
    with pytest.raises(
        UserError, match=rf"^params.yaml:4: data.target: 'kind' {says.format(other)}"
    ) as caught:
        check_target(raw, table, data)
    assert len(str(caught.value).splitlines()) == 1


def test_a_target_that_cannot_be_learned_stops_validate_and_leaves_no_table(project: Path) -> None:
    make_table().assign(kind="same").to_csv("data/raw/table.csv", index=False)
    with pytest.raises(UserError, match=r"data.target: 'kind' is 'same' in all 120 rows: there is nothing"):
        stage.run("validate")
    assert not Path("data/validated.parquet").exists()


# one in a hundred


def test_one_in_a_hundred_is_found_by_weights_or_a_threshold_and_not_by_the_baseline() -> None:
    table = make_rare()
    learned, judged = table[table.index % 3 != 0], table[table.index % 3 == 0]
    naive = CLASSIFICATION.module("metrics").baseline().fit(learned, learned["kind"])
    baseline = measure(predict(naive, judged, judged["kind"]))
    share = (judged["kind"] == "fraud").mean()
    assert baseline["f1_macro"] == pytest.approx(0.498, abs=0.001)
    assert baseline["average_precision"] == pytest.approx(share)
    ways: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"class_weight": {"fraud": 5, "usual": 1}}, {}),
        ({}, {"threshold": "f1_macro"}),
    ]
    for parameters, more in ways:
        model = fitted(learned, "logistic_regression", parameters, **more)
        metrics = measure(predict(model, judged, judged["kind"]))
        assert metrics["f1_macro"] > 0.7
        assert metrics["balanced_accuracy"] > 0.8
        assert metrics["average_precision"] > 10 * share


@pytest.mark.slow
def test_the_threshold_and_the_weights_go_from_params_yaml_to_the_registered_model(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = RARE.drop(columns="weight").assign(w=1.0 + (RARE["kind"] == "fraud"), code=RARE.index)
    table.to_csv("data/raw/table.csv", index=False)
    text = Path("params.yaml").read_text(encoding="utf-8")
    columns, split = text.index("  columns:"), text.index("split:")
    text = f"{text[:columns]}  weight: w\n  columns: {{id: [code]}}\n{text[split:]}"
    for old, new in (
        ("stratify: colour", "stratify: kind"),
        ("groups: [colour]", "groups: []"),
        ("model:\n  type: hist_gradient_boosting", "model:\n  threshold: f1_macro\n  type: random_forest"),
    ):
        assert old in text
        text = text.replace(old, new)
    Path("params.yaml").write_text(text, encoding="utf-8")
    Path("expectations/penguins.yaml").write_text(
        "expectations:\n  - {type: expect_column_values_to_not_be_null, column: a, severity: critical}\n",
        encoding="utf-8",
    )
    replace_in(Path("dvc.yaml"), "      # - penguins/metrics.py", "      - penguins/metrics.py")
    for name in ("validate", "train", "evaluate", "register"):
        stage.run(name)
    found = json.loads(Path("reports/metrics.json").read_text(encoding="utf-8"))
    threshold = found["threshold"]
    assert f"'fraud' from a probability of {threshold:.4g} on" in capsys.readouterr().out
    run = mlflow.get_run(json.loads(paths.EVALUATION.read_text(encoding="utf-8"))["run_id"])
    assert run.data.metrics["threshold"] == threshold
    assert run.data.params["model.threshold"] == "f1_macro"
    known = known_of("models:/things/1")
    assert known["threshold"] == {"value": threshold, "label": "fraud"}
    assert [column["name"] for column in known["inputs"]] == NUMBERS  # neither the weight nor the id
    version = mlflow.MlflowClient().get_model_version("things", "1")
    assert f"`fraud` from a probability of {threshold:.4g} on" in version.description
    rows = table[NUMBERS]
    predicted = mlflow.pyfunc.load_model("models:/things/1").predict(rows)
    rare = mlflow.sklearn.load_model("models:/things/1").predict_proba(rows)[:, 0] >= threshold
    assert (predicted == np.where(rare, "fraud", "usual")).all()

    content = read_yaml(Path("params.yaml"))
    search = CrossValidation.prepare(content, load_params())
    scores = {}
    for value in (None, "balanced_accuracy", 0.01):
        scores[value], failed = search.evaluate({("model", "threshold"): value}, [])
        assert (len(scores[value]), failed) == (5, "")
    assert np.mean(scores[0.01]) < np.mean(scores[None])
    assert scores["balanced_accuracy"] != scores[None]


@pytest.mark.filterwarnings("error")
def test_a_search_names_rare_classes_in_place_of_scikit_learn(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = with_counts(red=60, green=30, Total=3)
    params = params_of(CLASSIFICATION, "random_forest", {})
    counts = counted(red=(60, 9), green=(30, 9), Total=(3, 0))
    for name, value in {
        "train_rows": table,
        "classes": counts,
        "columns": COLUMNS,
        "train_target": table["kind"],
    }.items():
        monkeypatch.setattr(Dataset, name, value)
    with pytest.warns(
        UserWarning, match=r"^kind: classes that are not among the test rows, .*'Total' \(3 rows\)"
    ):
        CrossValidation.prepare({"data": {}}, params)
