import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.fitting import libraries
from penguins.engine.fitting.fit import describe_error_in
from penguins.engine.judging.prediction import predict
from penguins.engine.params import Columns
from penguins.engine.split.dataset import Dataset
from penguins.engine.table.cells import as_labels, as_words
from penguins.engine.table.reading import read_raw
from penguins.engine.table.types import to_types
from penguins.engine.table.validated import write_validated
from penguins.params import load_params
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeRegressor

from tests.engine.conftest import TARGET, make_table
from tests.engine.tasks import BOTH, CLASSIFICATION, REGRESSION, Task

COLUMNS = Columns(numeric=["width", "height"], categorical=["colour"])
TABLE = make_table()
ROWS = TABLE[COLUMNS.features]


def pipeline(
    type_: str,
    parameters: dict[str, Any] | None = None,
    task: Task = CLASSIFICATION,
    columns: Columns = COLUMNS,
) -> Any:
    params = task.module("params").Params.model_validate(
        {
            "data": {"task": task.name, "path": "x.csv", "target": task.target},
            "split": {"test_fraction": 0.2, "seed": 1},
            "model": {"type": type_, type_: parameters or {}},
            "evaluate": {"primary_metric": task.metric},
            "register": {"name": "things"},
        }
    )
    task.module("engine.fitting.estimators").check_model(params)
    return task.module("models").build(params, columns)


def learned(task: Task, rows: pd.DataFrame, target: "pd.Series[Any]", **more: Any) -> Any:
    """Make rows to learn from of a table."""
    return task.module("engine.split.rows").Rows(
        task.module("engine.base.memory").Held(rows), target.to_numpy(), target, rows[[]], **more
    )


def mistake(task: Task, says: str = "") -> Any:
    """Expect a user's mistake, in a project of this task."""
    return pytest.raises(task.module("engine.base.errors").UserError, match=says)


def adapter(task: Task) -> Any:
    name = {"classification": "ClassifierAdapter", "regression": "RegressorAdapter"}[task.name]
    return getattr(task.module("engine.fitting.adapter"), name)


@BOTH
def test_a_model_type_that_there_is_not_is_one_line_with_all_that_there_are(
    task: Task, project: Path
) -> None:
    with mistake(task) as caught:
        pipeline("xgbost", task=task)
    said = str(caught.value)
    assert said.startswith("params.yaml:14: model.type: no such model type 'xgbost'; did you mean 'xgboost'?")
    assert len(said.splitlines()) == 1
    for name in task.models:
        assert name in said
    for library in libraries.LIBRARIES.values():
        assert library.requirement in said
        assert library.block in said


@pytest.mark.parametrize("name", libraries.LIBRARIES)
@BOTH
def test_a_library_that_is_not_installed_is_one_line_with_what_to_do(
    task: Task, project: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    path = libraries.LIBRARIES[name].path(task.name)
    assert path.endswith({"classification": "Classifier", "regression": "Regressor"}[task.name])
    for type_ in (name, path):
        with mistake(task, rf"cannot be imported .*`pip install \"{name}>=.* `{name}: "):
            pipeline(type_, task=task)


class Minimal(BaseEstimator):  # type: ignore[misc]
    """Has fit and predict, and gives a table of one column, as some libraries do."""

    def fit(self, X: Any, y: Any) -> None:
        self.values, counts = np.unique(y, return_counts=True)
        self.value = self.values[counts.argmax()]

    def predict(self, X: Any) -> Any:
        return np.full((len(X), 1), self.value)


class Unfit(Minimal):
    def __init__(self, why: str = "it rains") -> None:
        self.why = why


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Provide a module of one's own beside the package."""
    module = ModuleType("own")
    for cls in (Minimal, Unfit):
        monkeypatch.setattr(cls, "__module__", "own")
        setattr(module, cls.__name__, cls)
    monkeypatch.setitem(sys.modules, "own", module)
    return module


@BOTH
def test_a_class_of_ones_own_needs_fit_and_predict(task: Task, own: ModuleType) -> None:
    target = task.table()[task.target]
    model = pipeline("own.Minimal", task=task).fit(ROWS, target.to_numpy())
    assert isinstance(model[-1], adapter(task))
    assert isinstance(task.module("engine.fitting.adapter").inner(model), Minimal)
    assert model.predict(ROWS).shape == (len(ROWS),)
    table = task.module("engine.judging.prediction").predict(model, ROWS, target)
    assert list(table.columns) == ["actual", "predicted"]
    found = task.module("engine.judging.importance").importances(model, ROWS, target, 1)
    assert found["importance"].tolist() == [0, 0, 0]
    models = task.module("engine.tracking.models")
    assert models.signature(ROWS, model).outputs is not None
    assert "own.Minimal" in models.trusted_types(model)


@BOTH
def test_a_parameter_that_a_class_of_ones_own_does_not_have_is_one_line(
    task: Task, project: Path, own: ModuleType
) -> None:
    with mistake(task, "Unfit has no such parameter; did you mean 'why'"):
        pipeline("own.Unfit", {"way": 1}, task)


@pytest.mark.parametrize(
    ("type_", "says"),
    [
        ("sklearn.cluster.KMeans", "KMeans is not a {task}, but a clusterer"),
        ("sklearn.preprocessing.StandardScaler", "StandardScaler' has no predict; .*allowed: hist"),
        ("sklearn.base.BaseEstimator", "BaseEstimator' has no fit and predict; .*allowed: hist"),
        ("string.Template", "derive it from sklearn.base.BaseEstimator"),
        ("string.ascii_letters", "is not a class"),
        ("no.such.Thing", "cannot be imported .No module named 'no'.; .*allowed: hist"),
        ("sklearn.nope.Thing", "cannot be imported .*no attribute 'nope'.; .*allowed: hist"),
        ("sklearn.semi_supervised.SelfTrainingClassifier", "cannot be used: .*if it needs another model"),
    ],
)
@BOTH
def test_what_is_no_model_is_one_line(task: Task, project: Path, type_: str, says: str) -> None:
    kind = {"classification": "classifier", "regression": "regressor"}[task.name]
    with mistake(task, says.format(task=kind)) as caught:
        pipeline(type_, task=task)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("type_", "says"),
    [
        (
            "sklearn.linear_model.LogisticRegression",
            "LogisticRegression is not a regressor, but a classifier",
        ),
        ("sklearn.linear_model.Ridge", "Ridge is not a classifier, but a regressor"),
    ],
)
def test_a_model_of_the_other_task_is_one_line(project: Path, type_: str, says: str) -> None:
    right, wrong = (CLASSIFICATION, REGRESSION) if "Logistic" in type_ else (REGRESSION, CLASSIFICATION)
    pipeline(type_, task=right)
    with mistake(wrong, rf"^params.yaml:14: model.type: {says}$"):
        pipeline(type_, task=wrong)


def stop(*_: object) -> None:
    sys.exit(3)


def wrong(*_: object) -> None:
    raise RuntimeError("it rains\nand snows")


@pytest.mark.parametrize("member", ["__init__", "__sklearn_tags__", "get_params"])
@pytest.mark.parametrize(
    ("does", "says"), [(stop, r"it called sys.exit\(3\)"), (wrong, "RuntimeError: it rains$")]
)
def test_whatever_a_class_does_when_it_is_asked_is_one_line(
    project: Path, own: ModuleType, does: Any, says: str, member: str
) -> None:
    own.Bad = type("Bad", (Minimal,), {"__module__": "own", member: does})  # type: ignore[attr-defined]
    with pytest.raises(UserError, match=rf"^params.yaml:14: model.type: Bad cannot be used: {says}"):
        pipeline("own.Bad")


def test_a_class_of_ones_own_that_is_no_estimator_is_one_line(project: Path, own: ModuleType) -> None:
    members = dict.fromkeys(("fit", "predict", "get_params", "set_params"), stop)
    own.Bare = type("Bare", (), {"__module__": "own", **members})  # type: ignore[attr-defined]
    with pytest.raises(UserError, match="has no __sklearn_tags__; derive it from"):
        pipeline("own.Bare")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import nosuchlib", "it imports nosuchlib, which is not installed"),
        ("from os import nope", "cannot import name 'nope' from 'os'"),
        ("import sys; sys.exit(4)", r"it called sys.exit\(4\)"),
        ("raise RuntimeError('a\\nb')", r"RuntimeError: a\);"),
        ("", "module 'penguins.imp' has no attribute 'A'"),
    ],
)
def test_why_a_module_of_this_package_cannot_be_imported_is_one_line(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, says: str
) -> None:
    name = "penguins.imp"
    package = sys.modules[name.partition(".")[0]]
    (tmp_path / "imp.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(package, "imp", None, raising=False)
    try:
        with pytest.raises(UserError, match=rf"'{name}.A' cannot be imported .*{says}") as caught:
            pipeline(f"{name}.A")
    finally:
        sys.modules.pop(name, None)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("role", ["numeric", "text"])
@BOTH
def test_a_column_without_any_value_is_named(task: Task, role: str) -> None:
    columns = Columns(**{"numeric": ["width"], role: ["width", "depth"] if role == "numeric" else ["depth"]})
    model = pipeline("hist_gradient_boosting", task=task, columns=columns)
    rows = TABLE.assign(depth=np.nan if role == "numeric" else None)[columns.features]
    with pytest.raises(ValueError, match=r"^no training row has a value in 'depth': put it into data"):
        task.module("engine.fitting.fit").fit(model, learned(task, rows, task.table()[task.target]))


@BOTH
def test_a_class_of_the_project_is_a_model_type(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"{task.package}.mine"
    module = ModuleType(name)
    module.Mine = Minimal  # type: ignore[attr-defined]
    monkeypatch.setattr(Minimal, "__module__", name)
    monkeypatch.setitem(sys.modules, name, module)
    assert isinstance(pipeline(f"{name}.Mine", task=task)[-1], adapter(task))


def test_what_goes_wrong_in_a_class_of_this_package_is_one_line_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "mine.py"
    source.write_text(
        "from sklearn.base import BaseEstimator\n"
        "class Mine(BaseEstimator):\n"
        "    def fit(self, X, y):\n"
        "        raise KeyError('width')\n"
        "    def predict(self, X): ...\n",
        encoding="utf-8",
    )
    name = "penguins.mine"
    spec = importlib.util.spec_from_file_location(name, source)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    model = pipeline(f"{name}.Mine")
    with pytest.raises(KeyError) as caught:
        model.fit(ROWS, TABLE[TARGET])
    where, what = describe_error_in(module.Mine, caught.value).split(": ", 1)
    assert (where, what) == ("penguins/mine.py:4", "KeyError: 'width'")


@BOTH
def test_a_fit_is_the_same_again_where_params_yaml_gives_no_seed(task: Task) -> None:
    inner = task.module("engine.fitting.adapter").inner
    assert inner(pipeline("random_forest", task=task)).random_state == 0
    assert inner(pipeline("random_forest", {"random_state": 3}, task)).random_state == 3


def test_what_a_library_is_given_to_be_quiet_can_be_given_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    loud = type("Loud", (), {"__module__": "catboost.core"})
    assert libraries.parameters(loud, [], {"depth": 2})["logging_level"] == "Silent"
    assert "logging_level" not in libraries.parameters(loud, [], {"verbose": 10})


class Codes(LogisticRegression):  # type: ignore[misc]
    """Takes no labels but 0 to k-1."""

    def fit(self, X: Any, y: Any) -> "Codes":
        classes = np.unique(y)
        if classes.tolist() != list(range(len(classes))):
            raise ValueError("labels are 0 to k-1")
        super().fit(X, y)
        return self


LABELS: dict[str, list[Any]] = {
    "numbers from 0": [0, 1],
    "numbers": [1, 20],
    "negative": [-1, 1],
    "booleans": [False, True],
    "text": ["small", "large"],
    "text of digits": ["007", "012"],
    "fractions": ["1.5", "2.5"],
}


WEAK = {  # so that it does not learn so small a table by heart
    "hist_gradient_boosting": {"max_iter": 2},
    "random_forest": {"max_depth": 1, "n_estimators": 10},
    "logistic_regression": {},
}


def test_every_short_name_is_tested() -> None:
    assert set(WEAK) == set(CLASSIFICATION.module("models").SHORT_NAMES)


def labelled(labels: list[Any]) -> Any:
    words = as_words(np.array(labels))
    names = pd.Series(np.where(TABLE[TARGET] == "large", words[0], words[1]))
    return names, as_labels(pd.Index(words))[(TABLE[TARGET] != "large").astype(int)]


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_labels_keep_their_type(monkeypatch: pytest.MonkeyPatch, labels: list[Any]) -> None:
    monkeypatch.setattr(Codes, "__module__", "xgboost.sklearn")
    own = ModuleType("own")
    own.Codes = Codes  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "own", own)
    words, target = labelled(labels)
    assert set(target.tolist()) == set(labels)
    for type_ in (*WEAK, "own.Codes"):
        model = pipeline(type_, WEAK.get(type_)).fit(ROWS, target)
        assert model.classes_.tolist() == sorted(labels)
        assert set(model.predict(ROWS).tolist()) <= set(labels)
        table = predict(model, ROWS, words)
        assert set(table["predicted"]) <= set(words)
        probabilities = [f"probability_{word}" for word in as_words(np.array(sorted(labels)))]
        assert list(table.columns) == ["actual", "predicted", *probabilities]
        likeliest: list[Any] = table[probabilities].idxmax(axis=1).tolist()
        assert likeliest == [f"probability_{word}" for word in table["predicted"]]


@pytest.mark.parametrize("type_", WEAK)
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_classes_have_weights(type_: str, labels: list[Any]) -> None:
    words, target = labelled(labels)
    shares = []
    for weights in ({labels[0]: 1000, labels[1]: 1}, {labels[0]: 1, labels[1]: 1000}):
        model = pipeline(type_, {"class_weight": weights, **WEAK[type_]}).fit(ROWS, target)
        shares.append((model.predict(ROWS) == labels[0]).mean())
    assert shares[0] > shares[1]
    balanced = pipeline(type_, {"class_weight": "balanced", **WEAK[type_]}).fit(ROWS, target)
    assert set(predict(balanced, ROWS, words)["predicted"]) == set(words)


def test_a_weight_of_a_class_that_there_is_not_names_those_that_there_are() -> None:
    _, target = labelled([0, 1])
    with pytest.raises(ValueError, match="class_weight: no such class 2; there are 0, 1"):
        pipeline("random_forest", {"class_weight": {2: 5}}).fit(ROWS, target)


@pytest.mark.parametrize("kind", ["int64", "float64", "bool", "str", "Int64", "boolean", "category"])
@pytest.mark.parametrize("gap", [False, True])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_labels_do_not_depend_on_the_file(project: Path, suffix: str, kind: str, gap: bool) -> None:
    content = Path("params.yaml").read_text(encoding="utf-8").replace("table.csv", f"labels.{suffix}")
    Path("params.yaml").write_text(content, encoding="utf-8")
    column: Any = pd.Series(np.arange(len(TABLE)) % 2).astype(kind)  # type: ignore[call-overload]
    if gap:
        column = column.astype({"int64": "float64", "bool": "object"}.get(kind, kind)).copy()
        column[::10] = None
    table = TABLE.assign(**{TARGET: column})
    path = Path(f"data/raw/labels.{suffix}")
    if suffix == "csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path, index=False)
    params = load_params()
    write_validated(to_types(read_raw(params), params.data), params, {})
    data = Dataset(params)
    assert data.train_target.dtype == ("bool" if "bool" in kind else "int64")
    assert set(data.test_rows[TARGET]) == ({"True", "False"} if "bool" in kind else {"0", "1"})


def test_predictions_are_float64_whatever_a_library_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    class Half(DecisionTreeRegressor):  # type: ignore[misc]
        def predict(self, X: Any) -> Any:
            return super().predict(X).astype("float32").reshape(-1, 1)

    monkeypatch.setattr(Half, "__module__", "own")
    own = ModuleType("own")
    own.Half = Half  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "own", own)
    target = REGRESSION.table()["weight"]
    predicted = pipeline("own.Half", task=REGRESSION).fit(ROWS, target).predict(ROWS)
    assert (predicted.dtype, predicted.shape) == ("float64", (len(ROWS),))
    assert np.corrcoef(predicted, target)[0, 1] > 0.9


def test_every_short_name_learns_numbers() -> None:
    target = REGRESSION.table()["weight"]
    for type_ in REGRESSION.module("models").SHORT_NAMES:
        model = pipeline(type_, task=REGRESSION).fit(ROWS, target.to_numpy())
        table = REGRESSION.module("engine.judging.prediction").predict(model, ROWS, target)
        assert list(table.columns) == ["actual", "predicted"]
        assert (table["predicted"].dtype, table["actual"].tolist()) == ("float64", target.tolist())
        assert np.corrcoef(table["predicted"], target)[0, 1] > 0.9, type_


def test_a_target_is_float64(project: Path) -> None:
    REGRESSION.set_up(project)
    TABLE.assign(weight=range(len(TABLE))).to_csv("data/raw/table.csv", index=False)
    params = load_params()
    write_validated(to_types(read_raw(params), params.data), params, {})
    assert Dataset(params).train_target.dtype == "float64"
