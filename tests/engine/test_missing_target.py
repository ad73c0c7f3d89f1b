"""A row without a target is left out, and said; a class is never taken for one."""

import json
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from penguins.engine import stage
from penguins.engine.base.errors import UserError
from penguins.engine.params import Data
from penguins.engine.table.roles import decide
from penguins.engine.table.target import check_share, doubt_of_cells
from penguins.engine.table.validated import read_validated
from penguins.params import load_params

from tests.engine.conftest import PARAMS, TARGET, make_table


def declare(**keys: str) -> None:
    """Add keys to the block `data` of params.yaml."""
    lines = "".join(f"  {name}: {value}\n" for name, value in keys.items())
    Path("params.yaml").write_text(PARAMS.replace("  columns:\n", f"{lines}  columns:\n"), encoding="utf-8")


def test_every_class_is_there_and_what_is_missing_is_counted(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = make_table()
    table.loc[10:39, TARGET] = "NA"
    table.loc[40:59, TARGET] = "None"
    table.loc[60:62, TARGET] = ""
    table.to_csv("data/raw/table.csv", index=False)
    stage.run("validate")
    printed = capsys.readouterr().out
    assert "rows without target: 3 (2.5%), left out" in printed
    assert "'NA' in 30 rows and 'None' in 20 rows is a class: if it stands for a missing" in printed
    found = json.loads(Path("reports/validation.json").read_text(encoding="utf-8"))
    assert (found["rows"], found["without_target"]) == (120, 3)
    (run,) = mlflow.search_runs(search_all_experiments=True, output_format="list")
    assert run.data.metrics["without_target"] == 3
    assert "<dt>rows without target<dd>3 (2.5%), left out" in Path("reports/validation.html").read_text(
        "utf-8"
    )
    rows = read_validated(load_params())
    assert rows[TARGET].value_counts().to_dict() == {"large": 40, "small": 27, "NA": 30, "None": 20}

    declare(missing_in=f"{{{TARGET}: [NA]}}", max_without_target="0.2")
    with pytest.raises(UserError) as caught:
        stage.run("validate")
    says = f"data.max_without_target: 33 of 120 rows have no '{TARGET}', more than 20.0%: get them, drop "
    assert str(caught.value).startswith(f"params.yaml:6: {says}")
    assert str(caught.value).endswith(
        "also 'None' in 20 rows is a class: if it stands for a missing value, write data.missing_in: "
        f"{{{TARGET}: ['None']}}"
    )


def test_the_share_is_what_may_lack(project: Path) -> None:
    table = make_table().assign(**{TARGET: pd.Series(["x"] * 114 + [None] * 6)})
    check_share(table, load_params().data)
    table.loc[0, TARGET] = None
    with pytest.raises(UserError, match="7 of 120 rows have no 'kind'"):
        check_share(table, load_params().data)


def test_words_of_a_target_of_numbers_are_no_classes() -> None:
    target = pd.Series(["NA", "x"], name="b")
    values = {"task": "regression", "path": "a.csv", "target": "b"}
    assert doubt_of_cells(target, Data.model_validate(values)) == ""
    classes = Data.model_validate({**values, "task": "classification"})
    assert doubt_of_cells(target, classes).startswith("'NA' in 1 rows is a class")
    assert [role.doubt != "" for role in decide(target.to_frame(), classes)] == [True]


def test_a_cell_that_may_be_missing_is_named_with_the_remedy(project: Path) -> None:
    table = make_table().astype({"height": "str"})
    table.loc[[5, 9], "height"] = "?"
    table.to_csv("data/raw/table.csv", index=False)
    with pytest.raises(UserError, match=r"height: .*\(if '\?' is a missing value, add it to data.missing\)"):
        stage.run("validate")
    declare(missing="['?']")
    stage.run("validate")
    assert read_validated(load_params())["height"].isna().sum() == 2
