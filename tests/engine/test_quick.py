"""The server's quick way to an answer: to the bit what the general one says, and only where it may be."""

import math
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.fitting.estimators import adapted
from penguins.engine.judging.prediction import predict
from penguins.engine.params import Columns
from penguins.engine.scoring.expected import Expected
from penguins.engine.serving.answers import answer
from penguins.engine.serving.bodies import RefusedError
from penguins.engine.serving.plain import NotPlainError
from penguins.engine.serving.quick import Quick
from penguins.engine.serving.version import Version
from penguins.engine.tracking.columns import Known
from penguins.features import for_any_model, for_gradient_boosting
from penguins.params import load_params
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

ROWS = 200
# cells as clients send them: plain ones, ones that have to be read, and mistakes
NUMBERS = [3.5, 7, 0, -2.25, None, "3.5", "12 cm", "", "NA", "six", 10**400, -9, 1e308, True, [1]]
WORDS = ["red", "blue", "violet", "1", "1.0", 1, 1.0, 2, True, "True", None, "", "NA", "missing", ["red"]]
TEXTS = ["a fine thing", "nothing like it", None, 3]
LEFT_OUT = "left out"
PLAIN: dict[str, list[Any]] = {
    "width": NUMBERS[:5],
    "height": NUMBERS[:5],
    "colour": WORDS[:3],
    "code": ["1", "3"],
    "note": TEXTS,
}


def table() -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows = pd.DataFrame({name: random.uniform(-3, 9, ROWS).round(1) for name in ("width", "height")})
    rows["colour"] = pd.Series(random.choice(["red", "green", "blue", "True"], ROWS), dtype="str")
    rows["code"] = pd.Series(random.choice(["1", "2", "2.0", "3.0"], ROWS), dtype="str")
    rows["note"] = pd.Series(random.choice(["a fine thing", "nothing like it"], ROWS), dtype="str")
    rows.loc[::7, ["height", "note"]] = None
    rows.loc[::9, "colour"] = None
    return rows


def version(model: Any, prepare: Any = for_any_model, scaler: Any = None, texts: bool = False) -> Version:
    """Fit a model to the table, and serve it."""
    params, rows = load_params(), table()
    columns = Columns(
        numeric=["width", "height"], categorical=["colour", "code"], text=["note"] if texts else []
    )
    fields = {"missing": ["NA"], "missing_in": {"height": ["-9"]}, "units": {"width": "cm"}}
    params = params.model_copy(update={"data": params.data.model_copy(update=fields)})
    high = rows["width"].to_numpy() + (rows["colour"] == "red").to_numpy() > 4
    target = np.where(high, "high", "low") if hasattr(model, "predict_proba") else high * 2.5
    steps = [("features", prepare(columns, params)), *([("scaler", scaler)] if scaler else [])]
    pipeline = Pipeline([*steps, ("model", adapted(model, params))]).fit(rows, target)
    if isinstance(model, FixedThresholdClassifier):
        pipeline.steps[-1] = ("model", model.fit(pipeline[:-1].transform(rows), target))
    known = Known.of(rows, target, pipeline, params.data, columns).to_dict()
    expected = Expected.of(known, params.data)
    predictor: Any = SimpleNamespace(
        predict=lambda rows: predict(pipeline, rows, rows.index.to_series()).drop(columns="actual"), named="m"
    )
    quick = Quick(pipeline, expected)
    return Version("1", predictor, expected, known, {}, {}, quick)


MODELS = {
    "trees": lambda: version(
        HistGradientBoostingClassifier(max_iter=8, categorical_features=[2, 3]), for_gradient_boosting
    ),
    "trees of numbers": lambda: version(
        HistGradientBoostingRegressor(max_iter=8, categorical_features=[2, 3]), for_gradient_boosting
    ),
    "weights": lambda: version(LogisticRegression()),
    "weights of numbers": lambda: version(Ridge()),
    "three steps": lambda: version(LogisticRegression(), scaler=MinMaxScaler()),
    "a threshold": lambda: version(FixedThresholdClassifier(LogisticRegression(), threshold=0.8)),
    "texts": lambda: version(LogisticRegression(), texts=True),
}


@pytest.fixture(params=MODELS)
def served(request: pytest.FixtureRequest, shared_project: Path) -> Version:
    return MODELS[request.param]()


def said(version: Version, records: list[dict[str, Any]], strict: bool = True) -> Any:
    """Return all that an answer says, or its mistakes."""
    try:
        of = answer(version, records, 1000, False, strict)
    except RefusedError as refused:
        return refused.status, refused.mistakes
    rows, predicted = of.frames()
    return of.predictions, of.missing, of.unseen, rows, predicted


def same(one: Any, other: Any) -> bool:
    frames = [(a.equals(b) and (a.dtypes == b.dtypes).all()) for a, b in zip(one[3:], other[3:], strict=True)]
    return bool(one[:3] == other[:3] and all(frames))


def test_the_quick_way_says_what_the_general_one_says(served: Version) -> None:
    quick, general, random = served.quick, replace(served, quick=None), Random(0)
    quickly = replace(served, predictor=None)  # so that no answer is the general one
    assert quick
    assert quick._features
    columns: dict[str, list[Any]] = {
        "width": NUMBERS,
        "height": NUMBERS,
        "colour": WORDS,
        "code": WORDS,
        "note": TEXTS,
    }
    taken = {name: cells for name, cells in columns.items() if name in served.expected.roles}
    plain: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for name, cells in {**taken, "strange": [1]}.items():
        for cell in [*cells, LEFT_OUT]:
            record = {other: random.choice(PLAIN[other][:3]) for other in taken} | {name: cell}
            record = {key: value for key, value in record.items() if value != LEFT_OUT}
            for strict, records in plain.items():
                try:
                    quick.predict(quick.read([record], strict))
                    records.append(record)
                except NotPlainError:
                    continue
    assert len(plain[False]) == len(plain[True]) + 1  # with the strange column
    assert len(plain[True]) > 25
    for strict, records in plain.items():
        for some in (records, records[:1]):
            assert same(said(quickly, some, strict), said(general, some, strict))


def test_a_word_is_looked_up_and_a_number_computed(shared_project: Path) -> None:
    served = version(LogisticRegression())
    assert served.quick
    assert served.quick._features
    row = {"width": 1.5, "height": None, "colour": "blue", "code": "3.0"}
    rows = served.quick.read([row], strict=True)
    assert rows.missing == {"height": 1}
    is_ = served.quick._features(rows)
    assert is_.shape[0] == 1
    assert not np.isnan(is_).any()
    general = replace(served, quick=None)
    probability = answer(served, [row], 9, False).predictions[0]["probabilities"]
    assert math.isclose(sum(probability.values()), 1)
    assert probability == answer(general, [row], 9, False).predictions[0]["probabilities"]


class Ranked(StandardScaler):  # type: ignore[misc]
    """A step whose name is scikit-learn's, and which does something else to each row."""

    def transform(self, X: Any, copy: Any = None) -> Any:
        return np.asarray(super().transform(X)) ** 2


def test_a_step_that_does_something_else_is_not_done_by_arithmetic(shared_project: Path) -> None:
    Ranked.__name__, Ranked.__module__ = "StandardScaler", "sklearn.preprocessing"

    def prepare(columns: Columns, params: Any) -> Any:
        step = for_any_model(columns, params)
        ((_, numeric, _), *_) = step.transformers
        numeric.steps[-1] = ("squared", Ranked())
        return step

    served = version(LogisticRegression(), prepare)
    assert served.quick
    assert served.quick._features is None
    record = {"width": 1.5, "height": 2, "colour": "blue", "code": "3.0"}
    assert same(said(served, [record]), said(replace(served, quick=None), [record]))


def test_a_step_that_is_no_transformer_of_columns_gets_a_frame(shared_project: Path) -> None:
    served = version(
        LogisticRegression(), lambda columns, params: make_pipeline(for_any_model(columns, params))
    )
    assert served.quick
    assert served.quick._features is None
    record = {"width": 1.5, "height": 2, "colour": "blue", "code": "3.0"}
    assert same(said(served, [record]), said(replace(served, quick=None), [record]))


def test_a_prediction_that_is_not_finite_is_a_mistake_of_its_row(shared_project: Path) -> None:
    model = TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1, check_inverse=False)
    served = version(model)
    assert served.quick
    record = {"width": 1.5, "height": 2, "colour": "blue", "code": "3.0"}
    (usual,) = answer(served, [record], 9, False).predictions
    assert math.isfinite(usual["prediction"])
    for one in (served, replace(served, quick=None)):
        with pytest.raises(RefusedError) as refused:
            answer(one, [record, record | {"width": 1e9}], 9, False)
        assert refused.value.status == 422
        assert refused.value.mistakes == [
            {"row": 1, "message": "the model predicts no finite number for this row"}
        ]


def test_words_that_are_equal_in_python_and_not_in_json_stay_apart(shared_project: Path) -> None:
    served = version(LogisticRegression())
    assert served.quick
    record = {"width": 1.5, "height": 2, "code": "1"}
    rows = [record | {"colour": cell} for cell in (True, 1, 1.0, "1", None)]
    read = served.quick.read(rows, strict=True)
    assert read.words["colour"] == ["True", "1", "1", "1", None]
    assert read.unseen == {"colour": 3}
