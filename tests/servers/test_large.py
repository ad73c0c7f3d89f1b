"""Tables that are larger than one machine's memory: Spark validates, and a Dask cluster fits."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import Bake
from tests.support.baked import Baked
from tests.support.cluster import cluster
from tests.support.lacking import lacking
from tests.support.layered import layered
from tests.support.running import replace_in

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PROGRAMS = Path(__file__).parents[1] / "support"
WHEELS = ("pyspark>=4,<4.2", "py4j>=0.10.9.9,<0.11", "xgboost-cpu>=3.2,<4", "lightgbm>=4.7,<5")
XGBOOST, LIGHTGBM = "xgboost.dask.DaskXGBClassifier", "lightgbm.DaskLGBMClassifier"


@pytest.fixture(scope="module")
def large(environment: Path, baked: Bake) -> Baked:
    """The default project, with Spark and the libraries for a cluster on top of the environment of all."""
    return Baked(baked().path, layered(environment, "large", WHEELS))


def java_is_here() -> None:
    """Check that Spark can start."""
    if shutil.which("java") is None:
        lacking("there is no Java (Debian: openjdk-17-jre-headless)")


def program(project: Baked, name: str, folder: Path, *arguments: str, **env: str) -> dict[str, Any]:
    """Run a program of tests/support in the project; return what it has written down."""
    command = ("python", str(PROGRAMS / name), str(folder), *arguments)
    project.run(*command, env={"PYTHONDONTWRITEBYTECODE": "1", **env})
    found: dict[str, Any] = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    return found


def test_spark_makes_the_table_that_pandas_makes(large: Baked, tmp_path: Path) -> None:
    java_is_here()
    found = program(large, "large_spark.py", tmp_path / "project")
    assert found.pop("files") == ["part-00000.parquet", "part-00001.parquet"]
    assert found.pop("failed") == [
        "at least 15",
        "at least 2024-02-01",
        "at least 3",
        "one of 1, 2",
        "mean at least 9",
        "has the columns width and no others",
        "increasing from row to row",
    ]
    (increasing,) = found.pop("differs in what failed")
    assert increasing[1]["note"] == "could not run: Spark reads rows in no order; use data.engine pandas"
    assert found == {
        "same rows": True,
        "same test set": True,
        "same roles": True,
        "differs in validation.json": [],
        "decision": "registered",
    }


def test_dvc_repro_with_spark_registers_and_then_has_nothing_to_do(large: Baked, bake: Bake) -> None:
    java_is_here()
    project = bake().within(large.bin or Path())
    replace_in(project.path / "params.yaml", "  path: data/raw", "  engine: spark\n  path: data/raw")
    project.run("python", "-m", "dvc", "repro")
    assert (project.path / "data/validated.parquet/part-00000.parquet").is_file()
    validate = YAML(typ="safe").load(project.read("dvc.lock"))["stages"]["validate"]
    (validated,) = [out for out in validate["outs"] if out["path"] == "data/validated.parquet"]
    assert (validated["md5"][-4:], validated["nfiles"]) == (".dir", 1)
    assert json.loads(project.read("reports/validation.json"))["passed"] == 11
    assert json.loads(project.read("reports/registration.json"))["decision"] == "registered"
    again = project.run("python", "-m", "dvc", "repro").stdout
    assert [name for name in ("validate", "train", "evaluate") if f"Running stage '{name}'" in again] == []


def test_a_cluster_fits_to_rows_that_it_reads(large: Baked, tmp_path: Path) -> None:
    fits: list[list[Any]] = [[XGBOOST, 1.0], [XGBOOST, 0.1], [LIGHTGBM, 1.0], [LIGHTGBM, 0.1]]
    with cluster(large, tmp_path, workers=2) as (address, _):
        found = fitted(large, tmp_path / "project", fits, address)
    rows = found["training rows"]
    for type_, sample in fits:
        one = found[f"{type_} {sample}"]
        assert one["kept"] == "sklearn", "the plain model, which needs no Dask"
        assert one["labels"] == ["large", "small"]
        assert one["learned"] == rows
        assert one["same learned"]
        assert one["f1"] > 0.9
        assert f": {rows} training rows" in str(one["split"])
        assert ("sampled from" in str(one["split"])) == (sample != 1)


def fitted(project: Baked, folder: Path, fits: list[list[Any]], address: str) -> dict[str, Any]:
    """Fit models on a cluster, each to all rows or to a sample."""
    environment = {"DASK_SCHEDULER_ADDRESS": address}
    return program(project, "large_dask.py", folder, json.dumps(fits), **environment)
