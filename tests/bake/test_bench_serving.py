"""The benchmark of the servers judges correctly; what it measures is no test's business."""

from pathlib import Path

import pytest

from benchmarks.serving.__main__ import labels
from benchmarks.serving.running import Taken
from benchmarks.serving.servers import SERVERS
from benchmarks.serving.tables import BEGIN, END, ONE, Results, tables, verdicts, write


def results(ours: Taken, memory: float = 200.0, other: float = 60.0) -> Results:
    """Return what one round has measured: MLflow's server answers 50 requests a second."""
    rates = {"mlflow": Taken(50, 20, 30, 19), "bentoml": Taken(other, 16, 30, 15), "project": ours}
    return Results(
        {(ONE, name): [taken] for name, taken in rates.items()},
        {name: [5.0] for name in rates},
        {"mlflow": [400.0], "bentoml": [390.0], "project": [memory]},
        {(ONE, "pipeline.predict, a frame"): [12.0]},
    )


@pytest.mark.parametrize(
    ("measured", "missed"),
    [
        (results(Taken(100, 9, 20, 7)), []),
        (results(Taken(99, 9, 20, 7)), ["requests/s, 1 row, / mlflow"]),
        (results(Taken(100, 9, 20.1, 7)), ["p99, 1 row, / mlflow's p50"]),
        (results(Taken(100, 9, 20, 7), memory=401), ["memory / mlflow"]),
        (results(Taken(100, 9, 20, 7), other=100), ["requests/s, 1 row, / bentoml"]),
    ],
)
def test_a_server_is_held_to_each_bar(measured: Results, missed: list[str]) -> None:
    assert [what for what, _, _, met in verdicts(measured) if not met] == missed


def test_the_tables_are_written_between_the_marks(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n\n{BEGIN}\n\nold\n\n{END}\n\nafter\n")
    write(readme, tables(results(Taken(100, 9, 20, 7))))
    text = readme.read_text()
    assert text.startswith("before")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| 1 row | project | 2.00" in text
    assert "| 1 row | pipeline.predict, a frame | 12.0 | 0.75" in text
    write(readme, "new")
    assert "2.00" not in readme.read_text()


def test_each_server_is_sent_the_same_rows_and_says_its_labels() -> None:
    rows = [{"width": 1.5, "colour": "red"}, {"width": 2.5, "colour": "blue"}]
    bodies = {name: server.body(rows) for name, server in SERVERS.items()}
    assert bodies["mlflow"] == {
        "dataframe_split": {"columns": ["width", "colour"], "data": [[1.5, "red"], [2.5, "blue"]]}
    }
    assert bodies["project"] == bodies["bentoml"] == {"rows": rows}
    assert [(part["datatype"], part["data"]) for part in bodies["mlserver"]["inputs"]] == [
        ("FP64", [1.5, 2.5]),
        ("BYTES", ["red", "blue"]),
    ]
    said = (
        {"predictions": ["a"]},
        ["a"],
        {"outputs": [{"data": ["a"]}]},
        {"predictions": [{"prediction": "a"}]},
    )
    assert [labels(one) for one in said] == [["a"]] * 4
