import re
from pathlib import Path

import pandas as pd
import pytest
from penguins.engine.base.spreadsheet import inert, original, read_back, write_csv
from penguins.engine.judging.prediction import read_predictions
from penguins.engine.reporting import revision
from penguins.engine.tracking.group_metrics import group_metrics

from tests.engine.conftest import ROOT

FORMULAS = ["=cmd|' /C calc'!A0", "+1+2", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\0=1", "\uff1d1", "-", "'=1"]
HARMLESS = ["red", "-1", "+1.5e-3", "'", "'quoted'", "", "a=b", "1-2", "007", "a,b", 'say "a"', "two\nlines"]


@pytest.mark.parametrize("text", [*FORMULAS, *HARMLESS, "''=1", "'-1", "''"])
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert original(inert(text)) == text
    assert original(inert(inert(text))) == inert(text)


def test_what_a_spreadsheet_would_run_is_text() -> None:
    assert [text for text in FORMULAS if not inert(text).startswith("'")] == []
    assert [text for text in HARMLESS if inert(text) != text] == []


def test_files_hold_no_formula_and_are_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    texts = [*FORMULAS, *HARMLESS]
    table = pd.DataFrame({"column": "=col", "group": texts, "rows": 3, "accuracy": -0.5})
    Path("reports").mkdir()
    write_csv(table, Path("reports/groups.csv"))
    written = pd.read_csv("reports/groups.csv", dtype="str", keep_default_na=False)
    assert written["group"].tolist() == [*(f"'{text}" for text in FORMULAS), *HARMLESS]
    assert set(written["column"]) == {"'=col"}
    assert read_back(written["group"]).tolist() == texts
    assert len(group_metrics(Path("reports/groups.csv"))) == 2 * len(texts)
    assert list(revision.in_workspace().groups) == [("=col", text) for text in texts]
    predictions = pd.DataFrame({"actual": texts, "predicted": texts[::-1], "probability_=1": -0.25})
    write_csv(predictions, Path("predictions.csv"))
    pd.testing.assert_frame_equal(read_predictions(Path("predictions.csv"), "classification"), predictions)
    numbers = pd.DataFrame({"actual": [-1.5, 2.0], "predicted": [1.0, -0.25]})
    write_csv(numbers, Path("predictions.csv"))
    pd.testing.assert_frame_equal(read_predictions(Path("predictions.csv"), "regression"), numbers)


def test_every_file_is_written_so() -> None:
    package = ROOT / "penguins"
    writers = {
        path.name
        for path in package.rglob("*.py")
        if re.search(r"\.to_csv\(|csv\.(write_csv|writer|DictWriter)\(", path.read_text(encoding="utf-8"))
    }
    rows_of_the_users_own = {
        "source.py",
        "writing.py",
        "schema.py",
    }  # parts of a table, predictions beside it, an example of a request: as they came
    assert writers == {"spreadsheet.py", "audit.py", *rows_of_the_users_own}  # `audit` makes each text inert
