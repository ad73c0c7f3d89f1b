import math
from io import StringIO
from typing import Any

import pandas as pd
import pytest
from penguins.engine.fitting.estimators import build_pipeline
from penguins.engine.judging.inspection import group_metrics, importances
from penguins.engine.judging.prediction import predict
from penguins.engine.params import Columns, Model
from penguins.engine.table.cells import as_numbers, as_text
from penguins.metrics import GREATER_IS_BETTER, baseline, score
from penguins.models import SHORT_NAMES
from penguins.params import Features
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier

from tests.engine.conftest import METRIC, TARGET, make_table

COLUMNS = Columns(numeric=["width", "height"], categorical=["colour"], text=["note"])


def fit(model: str, **parameters: Any) -> Any:
    table = make_table()
    pipeline = build_pipeline(COLUMNS, Features(), Model.model_validate({"type": model, model: parameters}))
    return pipeline.fit(table[COLUMNS.features], table[TARGET])


@pytest.mark.parametrize("model", [*SHORT_NAMES, "sklearn.tree.DecisionTreeClassifier"])
def test_every_model_takes_raw_rows(model: str) -> None:
    row = make_table().iloc[[0]]
    strange = row.assign(colour="never seen", note=None, width=math.nan)
    all_missing = row.assign(colour=math.nan, note=math.nan)  # as pandas reads a row's empty cells
    pipeline = fit(model)
    for rows in (row, strange, all_missing, row.drop(columns=[TARGET, "code", "unused"])):
        assert len(pipeline.predict(rows)) == 1


@pytest.mark.parametrize("model", SHORT_NAMES)
@pytest.mark.parametrize("codes", [[10, 20, 30], [1.5, 20.0, 3.0], [True, False, True], ["true", "FALSE"]])
def test_a_category_is_the_same_however_pandas_reads_it(model: str, codes: list[Any]) -> None:
    table = make_table()
    raw = table.assign(colour=[codes[number % len(codes)] for number in range(len(table))])
    pipeline = build_pipeline(COLUMNS, Features(), Model.model_validate({"type": model}))
    pipeline.fit(as_text(raw[["colour", "note"]]).join(table[["width", "height"]]), table[TARGET])
    predicted = pipeline.predict(raw)
    beside_a_gap = pd.concat([raw, raw[:1].assign(colour=None)])
    beside_a_word = pd.concat([raw, raw[:1].assign(colour="A1")])
    for rows in (raw, raw[:1], beside_a_gap, beside_a_word):
        read = pd.read_csv(StringIO(rows.to_csv(index=False)))
        assert (pipeline.predict(read)[: len(raw)] == predicted[: len(rows)]).all()


def test_a_fit_is_the_same_again() -> None:
    rows = make_table()
    first, second = (fit("random_forest", n_estimators=5, random_state=0).predict(rows) for _ in range(2))
    assert (first == second).all()


def test_numbers_may_come_as_text_or_not_at_all() -> None:
    rows = pd.DataFrame({"a": ["1.5", ""], "b": [2, None], "c": [None, None]})
    assert as_numbers(rows).fillna(-1).to_numpy().tolist() == [[1.5, 2, -1], [-1, -1, -1]]
    with pytest.raises(ValueError, match="column 'b', row 1: no number") as caught:
        as_numbers(pd.DataFrame({"a": [1.0, 2.0], "b": ["", "many"]}))
    assert "many" not in str(caught.value)  # it may be somebody's name


def test_parameters_reach_the_model() -> None:
    model = fit("logistic_regression", C=0.25)[-1]
    assert isinstance(model, LogisticRegression)
    assert model.C == 0.25


def test_metrics_of_known_predictions() -> None:
    table = pd.DataFrame(
        {
            "actual": ["a", "a", "b", "b"],
            "predicted": ["a", "a", "a", "b"],
            "probability_a": [0.9, 0.8, 0.6, 0.1],
            "probability_b": [0.1, 0.2, 0.4, 0.9],
        }
    )
    found = score(table)
    assert found["accuracy"] == 0.75
    assert found["balanced_accuracy"] == 0.75
    assert found["f1_macro"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert found["roc_auc"] == 1
    assert found["log_loss"] == pytest.approx(-math.log(0.9 * 0.8 * 0.4 * 0.9) / 4)


def test_what_rows_do_not_allow_is_left_out() -> None:
    one_class = pd.DataFrame(
        {"actual": ["a"], "predicted": ["a"], "probability_a": [0.9], "probability_b": [0.1]}
    )
    assert set(score(one_class)) == set(GREATER_IS_BETTER) - {"roc_auc"}
    no_probability = one_class[["actual", "predicted"]]
    assert set(score(no_probability)) == {"accuracy", "balanced_accuracy", "f1_macro"}


@pytest.mark.parametrize("model", [*SHORT_NAMES, "sklearn.tree.DecisionTreeClassifier"])
def test_predictions_are_the_models_own(model: str) -> None:
    rows, pipeline = make_table(), fit(model)
    cautious = FixedThresholdClassifier(pipeline, threshold=0.9, pos_label="large")
    for predicts in (pipeline, cautious.fit(rows, rows[TARGET])):
        found = predict(predicts, rows, rows[TARGET])
        assert found["predicted"].tolist() == predicts.predict(rows).tolist()
        probability = found[[f"probability_{name}" for name in predicts.classes_]]
        assert (probability.to_numpy() == predicts.predict_proba(rows)).all()


def test_each_metric_has_the_direction_in_which_predictions_get_better() -> None:
    better, worse = (
        pd.DataFrame({"actual": ["a", "b"], "predicted": said, "probability_a": p, "probability_b": p[::-1]})
        for said, p in ((["a", "b"], [0.9, 0.1]), (["b", "b"], [0.2, 0.8]))
    )
    found, beaten = score(better), score(worse)
    assert {name: found[name] > beaten[name] for name in found} == GREATER_IS_BETTER


def test_the_baseline_is_worse_than_a_model() -> None:
    rows = make_table()
    dummy = baseline().fit(rows[["width"]], rows[TARGET])
    naive = score(predict(dummy, rows[["width"]], rows[TARGET]))[METRIC]
    ours = score(predict(fit("random_forest", random_state=0), rows, rows[TARGET]))[METRIC]
    assert (ours > naive) is GREATER_IS_BETTER[METRIC]


def test_missing_values_are_a_group() -> None:
    rows = make_table()
    predictions = predict(fit("random_forest", random_state=0), rows, rows[TARGET])
    found = group_metrics(predictions, rows[["colour"]])
    assert list(found["group"]) == ["(missing)", "blue", "green", "red"]
    assert found["rows"].sum() == len(rows)
    assert METRIC in found.columns


@pytest.mark.parametrize("columns", [COLUMNS, COLUMNS.model_copy(update={"text": []})])
def test_importances_are_those_of_the_raw_columns(columns: Columns) -> None:
    table = make_table()
    rows, actual = table[columns.features], table[TARGET]
    for model in SHORT_NAMES:
        pipeline = build_pipeline(columns, Features(), Model.model_validate({"type": model, model: {}}))
        pipeline.fit(rows, actual)
        found = importances(pipeline, rows, actual, 3).set_index("feature")["importance"]
        sample = rows.sample(len(rows), random_state=3)
        expected = permutation_importance(pipeline, sample, actual.loc[sample.index], random_state=3)
        assert found[columns.features].to_list() == pytest.approx(expected.importances_mean.tolist())
