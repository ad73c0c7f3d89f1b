import math
from io import StringIO
from typing import Any

import pandas as pd
import pytest
from penguins.engine.table.cells import as_numbers, as_text
from sklearn import linear_model, tree
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.inspection import permutation_importance
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from tests.engine.conftest import TARGET
from tests.engine.tasks import BOTH, CLASSIFICATION, REGRESSION, Task

COLUMNS: dict[str, list[str]] = {"numeric": ["width", "height"], "categorical": ["colour"], "text": ["note"]}
FEATURES = ["width", "height", "colour", "note"]

EACH_MODEL = pytest.mark.parametrize(
    ("task", "model"), [(task, model) for task in (CLASSIFICATION, REGRESSION) for model in task.models]
)
EACH_MODEL_AND_A_TREE = pytest.mark.parametrize(
    ("task", "model"),
    [(task, model) for task in (CLASSIFICATION, REGRESSION) for model in (*task.models, task.tree)],
)


def build(task: Task, model: str, without: str = "", **parameters: Any) -> Any:
    """Make the whole model, not fitted, as the project's own `models` does."""
    columns = {**COLUMNS, without: []} if without else COLUMNS
    content = {
        "data": {"task": task.name, "path": "x.csv", "target": task.target, "columns": columns},
        "split": {"test_fraction": 0.25, "seed": 1},
        "model": {"type": model, model: parameters},
        "evaluate": {"primary_metric": task.metric},
        "register": {"name": "things"},
    }
    params = task.module("params").Params.model_validate(content)
    return task.module("models").build(params, params.data.columns)


def fit(task: Task, model: str, **parameters: Any) -> Any:
    table = task.table()
    return build(task, model, **parameters).fit(table[FEATURES], table[task.target])


def predictions(task: Task, model: Any, rows: pd.DataFrame) -> pd.DataFrame:
    found: pd.DataFrame = task.module("engine.judging.prediction").predict(model, rows, rows[task.target])
    return found


@BOTH
def test_short_names_are_those_that_are_tested(task: Task) -> None:
    assert sorted(task.module("models").SHORT_NAMES) == sorted(task.models)


@EACH_MODEL_AND_A_TREE
def test_every_model_takes_raw_rows(task: Task, model: str) -> None:
    row = task.table().iloc[[0]]
    strange = row.assign(colour="never seen", note=None, width=math.nan)
    all_missing = row.assign(colour=math.nan, note=math.nan)  # as pandas reads a row's empty cells
    pipeline = fit(task, model)
    for rows in (row, strange, all_missing, row.drop(columns=[task.target, "code", "unused"])):
        assert len(pipeline.predict(rows)) == 1


@EACH_MODEL
@pytest.mark.parametrize("codes", [[10, 20, 30], [1.5, 20.0, 3.0], [True, False, True], ["true", "FALSE"]])
def test_a_category_is_the_same_however_pandas_reads_it(task: Task, model: str, codes: list[Any]) -> None:
    table = task.table()
    raw = table.assign(colour=[codes[number % len(codes)] for number in range(len(table))])
    pipeline = build(task, model)
    pipeline.fit(as_text(raw[["colour", "note"]]).join(table[["width", "height"]]), table[task.target])
    predicted = pipeline.predict(raw)
    beside_a_gap = pd.concat([raw, raw[:1].assign(colour=None)])
    beside_a_word = pd.concat([raw, raw[:1].assign(colour="A1")])
    for rows in (raw, raw[:1], beside_a_gap, beside_a_word):
        read = pd.read_csv(StringIO(rows.to_csv(index=False)))
        assert (pipeline.predict(read)[: len(raw)] == predicted[: len(rows)]).all()


@EACH_MODEL
def test_a_fit_is_the_same_again_by_any_number_of_threads(task: Task, model: str) -> None:
    first, *others = (predicted_by(task, model, threads) for threads in (1, 1, 2))
    for other in others:
        pd.testing.assert_frame_equal(other, first, check_exact=True)


def predicted_by(task: Task, model: str, threads: int) -> pd.DataFrame:
    # few trees: where the cores are busy, threads that wait for each other take a second a tree
    few: dict[str, Any] = {"max_iter": 8} if model.startswith("hist_") else {}
    with threadpool_limits(threads):
        return predictions(task, fit(task, model, **few), task.table())


def test_numbers_may_come_as_text_or_not_at_all() -> None:
    rows = pd.DataFrame({"a": ["1.5", ""], "b": [2, None], "c": [None, None]})
    assert as_numbers(rows).fillna(-1).to_numpy().tolist() == [[1.5, 2, -1], [-1, -1, -1]]
    with pytest.raises(ValueError, match="column 'b', row 1: no number") as caught:
        as_numbers(pd.DataFrame({"a": [1.0, 2.0], "b": ["", "many"]}))
    assert "many" not in str(caught.value)  # it may be somebody's name


@pytest.mark.parametrize(
    ("task", "model", "parameter", "kind"),
    [
        (CLASSIFICATION, "logistic_regression", "C", linear_model.LogisticRegression),
        (REGRESSION, "ridge", "alpha", linear_model.Ridge),
    ],
)
def test_parameters_reach_the_model(task: Task, model: str, parameter: str, kind: type) -> None:
    made = fit(task, model, **{parameter: 0.25})[-1]
    assert isinstance(made, kind)
    assert getattr(made, parameter) == 0.25


def test_metrics_of_known_labels() -> None:
    table = pd.DataFrame(
        {
            "actual": ["a", "a", "b", "b"],
            "predicted": ["a", "a", "a", "b"],
            "probability_a": [0.9, 0.8, 0.6, 0.1],
            "probability_b": [0.1, 0.2, 0.4, 0.9],
        }
    )
    found = CLASSIFICATION.module("metrics").score(table)
    assert found["accuracy"] == 0.75
    assert found["balanced_accuracy"] == 0.75
    assert found["f1_macro"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert found["roc_auc"] == 1
    assert found["log_loss"] == pytest.approx(-math.log(0.9 * 0.8 * 0.4 * 0.9) / 4)


def test_average_precision_is_of_the_rarer_class_or_the_mean_of_all() -> None:
    score = CLASSIFICATION.module("metrics").score
    rare = pd.DataFrame(
        {
            "actual": ["a", "b", "a", "b", "b"],
            "predicted": "b",
            "probability_a": [0.9, 0.8, 0.7, 0.2, 0.1],
            "probability_b": [0.1, 0.2, 0.3, 0.8, 0.9],
        }
    )
    of_a = (1 + 2 / 3) / 2  # its rows come first and third: precision 1/1 and 2/3
    assert score(rare)["average_precision"] == pytest.approx(of_a)
    even = pd.concat([rare, rare[:1].assign(probability_a=0.75, probability_b=0.25)])  # the last of equals
    assert score(even)["average_precision"] == pytest.approx((1 + 1 + 3 / 5) / 3)
    third = rare.assign(probability_c=0.0, actual=["a", "b", "a", "b", "c"])
    of_b = (1 / 2 + 2 / 4) / 2
    of_c = 1 / 5
    assert score(third)["average_precision"] == pytest.approx((of_a + of_b + of_c) / 3)


def test_metrics_of_known_numbers() -> None:
    table = pd.DataFrame({"actual": [1.0, 2.0, 3.0, 4.0], "predicted": [1.0, 2.0, 3.0, 6.0]})
    score = REGRESSION.module("metrics").score
    assert score(table) == pytest.approx({"rmse": 1.0, "mae": 0.5, "r2": 0.2})


def measured(task: Task, rows: pd.DataFrame) -> set[str]:
    """Name the metrics that rows allow, of which the engine leaves none out."""
    found = task.module("engine.judging.prediction").measure(rows)
    assert found == dict(task.module("metrics").score(rows))
    return set(found)


def test_what_labels_do_not_allow_is_left_out() -> None:
    one_class = pd.DataFrame(
        {"actual": ["a"], "predicted": ["a"], "probability_a": [0.9], "probability_b": [0.1]}
    )
    known = set(CLASSIFICATION.module("metrics").GREATER_IS_BETTER)
    assert measured(CLASSIFICATION, one_class) == known - {"roc_auc", "average_precision"}
    no_probability = one_class[["actual", "predicted"]]
    assert measured(CLASSIFICATION, no_probability) == {"accuracy", "balanced_accuracy", "f1_macro"}


def test_what_numbers_do_not_allow_is_left_out() -> None:
    one_row = pd.DataFrame({"actual": [1.0], "predicted": [3.0]})
    known = set(REGRESSION.module("metrics").GREATER_IS_BETTER)
    assert measured(REGRESSION, one_row) == known - {"r2"}


@BOTH
def test_what_is_no_finite_number_is_left_out_whoever_computes_it(task: Task) -> None:
    measure = task.module("engine.judging.prediction").measure
    values = {"fine": 1, "none": math.nan, "endless": math.inf}
    assert measure(pd.DataFrame(), lambda rows: values) == {"fine": 1.0}


@pytest.mark.parametrize("model", [*CLASSIFICATION.models, CLASSIFICATION.tree])
def test_labels_are_the_models_own(model: str) -> None:
    rows, pipeline = CLASSIFICATION.table(), fit(CLASSIFICATION, model)
    cautious = FixedThresholdClassifier(pipeline, threshold=0.9, pos_label="large")
    for predicts in (pipeline, cautious.fit(rows, rows[TARGET])):
        found = predictions(CLASSIFICATION, predicts, rows)
        assert found["predicted"].tolist() == predicts.predict(rows).tolist()
        probability = found[[f"probability_{name}" for name in predicts.classes_]]
        assert (probability.to_numpy() == predicts.predict_proba(rows)).all()


@pytest.mark.parametrize("model", [*REGRESSION.models, REGRESSION.tree])
def test_numbers_are_the_models_own(model: str) -> None:
    rows, pipeline = REGRESSION.table(), fit(REGRESSION, model)
    found = predictions(REGRESSION, pipeline, rows)
    assert list(found) == ["actual", "predicted"]
    assert found["actual"].tolist() == rows[REGRESSION.target].tolist()
    assert found["predicted"].tolist() == pipeline.predict(rows).tolist()


@BOTH
def test_each_metric_has_the_direction_in_which_predictions_get_better(task: Task) -> None:
    if task is CLASSIFICATION:
        better, worse = (
            pd.DataFrame(
                {"actual": ["a", "b"], "predicted": said, "probability_a": p, "probability_b": p[::-1]}
            )
            for said, p in ((["a", "b"], [0.9, 0.1]), (["b", "b"], [0.2, 0.8]))
        )
    else:
        better, worse = (
            pd.DataFrame({"actual": [1.0, 2.0], "predicted": [1.0, said]}) for said in (2.5, 9.0)
        )
    metrics = task.module("metrics")
    found, beaten = metrics.score(better), metrics.score(worse)
    assert {name: found[name] > beaten[name] for name in found} == metrics.GREATER_IS_BETTER


@BOTH
def test_the_baseline_is_worse_than_a_model(task: Task) -> None:
    rows, metrics = task.table(), task.module("metrics")
    dummy = metrics.baseline().fit(rows[["width"]], rows[task.target])
    naive = metrics.score(predictions(task, dummy, rows))[task.metric]
    ours = metrics.score(predictions(task, fit(task, "random_forest", random_state=0), rows))[task.metric]
    assert (ours > naive) is metrics.GREATER_IS_BETTER[task.metric]


@BOTH
def test_missing_values_are_a_group(task: Task) -> None:
    rows = task.table()
    predicted = predictions(task, fit(task, "random_forest", random_state=0), rows)
    found = task.module("engine.judging.inspection").group_metrics(predicted, rows[["colour"]])
    assert list(found["group"]) == ["(missing)", "blue", "green", "red"]
    assert found["rows"].sum() == len(rows)
    assert task.metric in found.columns


@BOTH
@pytest.mark.parametrize("without", ["", "text"])
def test_importances_are_those_of_the_raw_columns(task: Task, without: str) -> None:
    table, features = task.table(), FEATURES[:-1] if without else FEATURES
    rows, actual = table[features], table[task.target]
    importances = task.module("engine.judging.importance").importances
    for model in task.models:
        pipeline = build(task, model, without).fit(rows, actual)
        found = importances(pipeline, rows, actual, 3).set_index("feature")["importance"]
        sample = rows.sample(len(rows), random_state=3)
        expected = permutation_importance(pipeline, sample, actual.loc[sample.index], random_state=3)
        assert found[features].to_list() == pytest.approx(expected.importances_mean.tolist())


def test_the_shuffles_of_a_small_table_are_predicted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """As each prediction costs milliseconds, however few its rows are."""
    table, calls = CLASSIFICATION.table(), []
    rows, actual = table[FEATURES], table[TARGET]
    pipeline = build(CLASSIFICATION, "random_forest", "").fit(rows, actual)
    kind = type(pipeline[-1])
    plain = kind.predict

    def predict(self: Any, X: Any) -> Any:
        calls.append(len(X))
        return plain(self, X)

    monkeypatch.setattr(kind, "predict", predict)
    CLASSIFICATION.module("engine.judging.importance").importances(pipeline, rows, actual, 3)
    assert calls == [5 * len(FEATURES) * len(rows), len(rows)]


CODES = OrdinalEncoder()


def _without_colour(rows: pd.DataFrame) -> pd.DataFrame:
    """As many columns as there were: one is left out, and one added."""
    return as_numbers(rows[["width", "height"]]).fillna(0).assign(ratio=lambda table: table["width"] / 2)


@pytest.mark.parametrize(
    "prepare",
    [
        FunctionTransformer(_without_colour),
        ColumnTransformer([("mixed", PCA(2), ["width", "height"]), ("rest", CODES, ["colour"])]),
        ColumnTransformer([("turned", StandardScaler(), ["height", "width"]), ("rest", CODES, ["colour"])]),
    ],
    ids=["one left out and one added", "mixed", "in another order"],
)
def test_importances_are_those_of_the_raw_columns_whatever_the_features_are(prepare: Any) -> None:
    table, features = CLASSIFICATION.table(), ["width", "height", "colour"]
    rows = table[features].fillna({"width": 0, "colour": "none"})
    rows["height"] += rows["width"]  # so that its parts are no columns
    actual, pipeline = table[TARGET], make_pipeline(prepare, tree.DecisionTreeClassifier(random_state=0))
    pipeline.fit(rows, actual)
    importances = CLASSIFICATION.module("engine.judging.importance").importances
    found = importances(pipeline, rows, actual, 3).set_index("feature")["importance"]
    sample = rows.sample(len(rows), random_state=3)
    expected = permutation_importance(pipeline, sample, actual.loc[sample.index], random_state=3)
    assert found[features].to_list() == pytest.approx(expected.importances_mean.tolist())
