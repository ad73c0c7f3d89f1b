"""The expectations that `adopt` proposes: they hold on a real table's next rows, and faults fail them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from penguins.engine.adoption import rules, suite
from penguins.engine.params import Columns, Data
from penguins.engine.table.files import read_file
from penguins.engine.table.roles import Role, decide
from penguins.engine.table.types import to_types
from penguins.engine.validation.page import Result
from penguins.engine.validation.running import check
from penguins.engine.validation.suite import load_suite

TABLES = Path(__file__).parent / "tables"
TARGETS = {
    "cars": "Miles_per_Gallon",
    "iris": "species",
    "stocks": "price",
    "tips": "tip",
    "rossi": "arrest",
    "larynx": "death",
    "lung": "status",
    "gbsg2": "cens",
    "kidney_transplant": "death",
    "statecrime": "violent",
    "grunfeld": "invest",
}
CLASSES = {"iris", "rossi", "larynx", "lung", "gbsg2", "kidney_transplant"}


@dataclass
class Proposed:
    """What was proposed of some rows of a table."""

    folder: Path
    data: Data
    roles: list[Role]

    @classmethod
    def of(cls, rows: pd.DataFrame, name: str, folder: Path) -> "Proposed":
        task = "classification" if name in CLASSES else "regression"
        data = Data(task=task, path=folder / "table.csv", target=TARGETS[name])
        rows.to_csv(data.path, index=False)
        raw, _ = read_file(data)
        roles = decide(raw, data)
        lists = {role: [one.name for one in roles if one.role == role] for role in Columns.model_fields}
        content = suite.suite(to_types(raw, data, roles), roles, data)
        (folder / "suite.yaml").write_text(suite.text_of(content), encoding="utf-8")
        return cls(folder, data.model_copy(update={"columns": Columns(**lists)}), roles)

    def failures(self, rows: pd.DataFrame) -> list[Result]:
        """Check other rows by it."""
        rows.to_csv(self.data.path, index=False)
        raw, _ = read_file(self.data)
        results = check(raw, to_types(raw, self.data, self.roles), load_suite(self.folder / "suite.yaml"))
        return [result for result in results if not result.passed]


def table(name: str) -> pd.DataFrame:
    """Read a table, each cell as it is written."""
    return pd.read_csv(TABLES / f"{name}.csv", dtype="str", keep_default_na=False)


@pytest.mark.parametrize("name", TARGETS)
def test_what_one_half_shows_holds_in_the_other(name: str, tmp_path: Path) -> None:
    rows = table(name)
    half = np.random.default_rng(0).random(len(rows)) < 0.5
    assert Proposed.of(rows[half], name, tmp_path).failures(rows[~half]) == []


@pytest.mark.parametrize("name", ["stocks", "lung"])
def test_what_the_first_rows_show_holds_when_others_are_added(name: str, tmp_path: Path) -> None:
    rows = table(name)
    if name == "stocks":  # month by month: the last two of ten years
        rows = rows.iloc[pd.to_datetime(rows["date"]).argsort(kind="stable")]
    assert Proposed.of(rows[: len(rows) * 4 // 5], name, tmp_path).failures(rows) == []


def in_grams(rows: pd.DataFrame) -> None:
    rows["Weight_in_lbs"] = rows["Weight_in_lbs"].astype("float") * 453.6


def swapped(rows: pd.DataFrame) -> None:
    rows[["Weight_in_lbs", "Acceleration"]] = rows[["Acceleration", "Weight_in_lbs"]].to_numpy()


def misspelled(rows: pd.DataFrame) -> None:
    rows.loc[rows["Origin"] == "Japan", "Origin"] = "japan"


def emptied(rows: pd.DataFrame) -> None:
    rows["Horsepower"] = ""


def cut_off(rows: pd.DataFrame) -> None:
    rows.drop(index=rows.index[50:], inplace=True)


@pytest.mark.parametrize(
    ("fault", "column"),
    [
        (in_grams, "Weight_in_lbs"),
        (swapped, "Acceleration"),
        (misspelled, "Origin"),
        (emptied, "Horsepower"),
        (cut_off, ""),
    ],
)
def test_faults_are_failures(fault: Callable[[pd.DataFrame], None], column: str, tmp_path: Path) -> None:
    rows = table("cars")
    proposed = Proposed.of(rows, "cars", tmp_path)
    assert proposed.failures(rows) == []
    fault(rows)
    assert ("critical", column) in [(failed.severity, failed.column) for failed in proposed.failures(rows)]


def test_a_misspelled_class_is_a_failure(tmp_path: Path) -> None:
    rows = table("iris")
    proposed = Proposed.of(rows, "iris", tmp_path)
    rows.loc[3, "species"] = "setoza"
    (failed,) = proposed.failures(rows)
    assert (failed.severity, failed.column, failed.rows) == ("critical", "species", [5])


def test_an_id_that_comes_twice_is_a_failure() -> None:
    ids = pd.Series([f"K{number:05}" for number in range(200)])
    assert rules.unique("id", ids)
    assert not rules.unique("id", ids.where(ids != "K00007", "K00008"))
    assert not rules.unique("id", ids[:5])  # so few are unique by chance


def test_what_grows_has_no_range() -> None:
    random = np.random.default_rng(0)
    rising = pd.Series(np.arange(300.0) + random.normal(0, 10, 300))
    assert rules.in_range("price", rising) == []
    assert rules.in_range("same", pd.Series(np.full(300, 2.0))) == []
    (rule,) = rules.in_range("price", rising.sample(frac=1, random_state=0))
    assert (rule["min_value"], rule["max_value"], rule["mostly"]) == (-180, 470, 0.95)


def test_what_wanders_has_no_range_but_blocks_of_rows_have() -> None:
    random = np.random.default_rng(0)
    jobs = pd.Series(np.abs(np.arange(-150.0, 150)) + random.normal(0, 1, 300))  # down, and up again
    assert rules.in_range("jobs", jobs) == []
    assert rules.in_range("jobs", jobs.sample(frac=1, random_state=0))
    assert rules.in_range("age", pd.Series(random.permutation(10).repeat(30).astype(float)))


@pytest.mark.parametrize(
    ("counts", "severity"),
    [
        ({"a": 50, "b": 5}, "critical"),
        ({"a": 197, "b": 3}, "warning"),  # another one as rare as b may have been missed
        ({"a": 197, "b": 1, "c": 2}, "warning"),  # one in two hundred will be new
        ({"a": 90, "b": 1, "c": 1}, None),
        ({f"{number}": 10 for number in range(51)}, None),
        ({"a": 50}, None),
    ],
)
def test_a_set_is_expected_where_new_values_are_unlikely(
    counts: dict[str, int], severity: str | None
) -> None:
    values = pd.Series([value for value, count in counts.items() for _ in range(count)])
    assert [rule["severity"] for rule in rules.in_set("kind", values)] == ([severity] if severity else [])


def test_the_share_of_missing_values_has_a_margin() -> None:
    values = pd.Series([None] * 40 + [1.0] * 160)
    (rule,) = rules.not_null("age", values)
    assert rule["mostly"] == 0.65  # 0.2, three standard errors of 0.0283, 3 / 200 and 0.05 may be missing
    assert rules.not_null("age", pd.Series([None] * 199 + [1.0])) == []
