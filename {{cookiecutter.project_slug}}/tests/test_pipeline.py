"""The pipeline, a test for each stage, on a sample of your table."""

import json
from pathlib import Path
from typing import Any

import joblib
import mlflow
import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.engine.base.paths import (
    EVALUATION,
    EXPECTATIONS,
    GROUPS,
    METRICS,
    MODEL,
    PLOTS,
    REGISTRATION,
    RUN,
    VALIDATION,
    VALIDATION_PAGE,
)
from {{ cookiecutter.package_name }}.plots import PLOTS as DRAWN

from .conftest import SmallProject


def read(path: Path) -> Any:
    """Read a file of JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def run_of(path: Path) -> Any:
    """Return the MLflow run that a file names."""
    return mlflow.MlflowClient("sqlite:///mlflow.db").get_run(read(path)["run_id"])


def test_validate_checks_every_expectation(project: SmallProject) -> None:
    project.run("validate")
    counts = read(VALIDATION)
    assert counts["expectations"] >= len(read(EXPECTATIONS)["expectations"])
    assert counts["rows"] > 0
    assert VALIDATION_PAGE.is_file()


def test_train_makes_a_model_of_the_parameters(project: SmallProject) -> None:
    project.run("train")
    rows = project.data().test()
    assert len(joblib.load(MODEL).predict(rows.features)) == len(rows)
    assert run_of(RUN).data.params["model.type"] == project.params.model.type


def test_evaluate_measures_and_draws(project: SmallProject) -> None:
    project.run("evaluate")
    metrics = read(METRICS)
    logged = run_of(EVALUATION).data.metrics
    primary = project.params.evaluate.primary_metric
    assert logged[primary] == pytest.approx(metrics[primary])
    assert {path.stem for path in PLOTS.glob("*.png")} == set(DRAWN)
    assert set(pd.read_csv(GROUPS)["column"]) == set(project.params.evaluate.groups)


def test_register_decides_by_the_gates(project: SmallProject) -> None:
    project.run("register")
    decision = read(REGISTRATION)
    failed = [gate["name"] for gate in decision["gates"] if gate["passed"] is False]
    assert decision["decision"] == ("rejected" if failed else "registered")
    assert (decision["version"] is None) == bool(failed)
