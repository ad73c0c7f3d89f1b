"""`status` and `audit`: what they say of a project and of its store."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from penguins.engine.commands import status
from penguins.engine.overview.audit import archivable, total, usage
from penguins.engine.overview.next_step import next_step
from penguins.engine.overview.trials import Trial
from penguins.engine.overview.workspace import Workspace
from penguins.engine.reporting.revision import Results

from tests.engine.conftest import METRIC

HOUR = 3_600_000  # milliseconds


def workspace(**facts: Any) -> Workspace:
    """Describe a workspace in which all is well, but for some facts."""
    data = {"path": "data/raw/table.csv", "md5": "abcdef123", "size": "10"}
    results = Results({METRIC: 0.8}, "1234567890", {}, {}, {}, data)
    fine = {"branch": "main", "edited": 0, "stale": {}, "missing": [], "results": results, "not_pushed": ""}
    fine |= {"unregistered": ""}
    return Workspace(**{**fine, **facts})


CHALLENGER = {"challenger": {"version": "4"}}
BETTER, WORSE = Trial("tawny-pug", 0.9, True), Trial("grim-eel", 0.7, True)
ELSEWHERE = Trial("old-owl", 0.9, False)


@pytest.mark.parametrize(
    ("facts", "versions", "trials", "begins"),
    [
        ({"missing": ["data/raw/table.csv"], "stale": {"train": ["x"]}}, {}, [], "python -m penguins pull:"),
        ({"stale": {"train": ["params.yaml (split)"]}, "edited": 2}, {}, [], "dvc repro: train"),
        (
            {"edited": 2, "unregistered": "wise-ox"},
            CHALLENGER,
            [BETTER],
            "python -m penguins apply wise-ox: reg",
        ),
        ({"edited": 1, "not_pushed": "missing"}, CHALLENGER, [], "git add --all && git commit"),
        ({"not_pushed": "abcdef1 is missing"}, CHALLENGER, [], "share the data: abcdef1"),
        ({"not_pushed": None}, CHALLENGER, [BETTER], "python -m penguins apply tawny-pug: its f1_macro"),
        ({}, CHALLENGER, [WORSE], "python -m penguins promote --reason TEXT: version 4"),
        ({}, {}, [ELSEWHERE], "dvc exp run -S model.type=TYPE"),
    ],
    ids=["missing", "stale", "unregistered", "edited", "pushed", "trial", "challenger", "nothing"],
)
def test_one_command_is_next(
    project: Path, facts: dict[str, Any], versions: dict[str, Any], trials: list[Trial], begins: str
) -> None:
    assert next_step(workspace(**facts), versions, trials, METRIC).startswith(begins)


def test_after_bad_data_the_page_is_next(project: Path) -> None:
    page = Path("reports/validation-failed.html")
    page.parent.mkdir()
    page.touch()
    assert str(page) in next_step(workspace(stale={"validate": ["x"]}), {}, [], METRIC)


def test_each_fact_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    here = workspace(stale={"train": ["params.yaml (split)", "features.py"]}, not_pushed=None)
    assert status.pipeline(here) == {"pipeline": "out of date", "  train": "params.yaml (split), features.py"}
    assert status.data(here).startswith("data/raw/table.csv abcdef1, not known whether it is pushed")
    assert status.data(workspace()) == "data/raw/table.csv abcdef1, pushed"
    assert status.last_run(workspace(), METRIC, "forest") == "f1_macro 0.8, forest, run 12345678"
    assert status.last_run(here, METRIC, "edited since") == "f1_macro 0.8, run 12345678"
    assert (
        status.experiments([BETTER, WORSE, ELSEWHERE, WORSE], METRIC)
        == "4 not applied: tawny-pug (f1_macro 0.9), grim-eel (f1_macro 0.7), old-owl (f1_macro 0.9) ..."
    )


def run(name: str, experiment: str, user: str, start: int, end: int | None, **tags: str) -> Any:
    info = SimpleNamespace(
        run_id=name,
        experiment_id=experiment,
        start_time=start * HOUR,
        end_time=None if end is None else end * HOUR,
        status="FAILED" if name.startswith("bad") else "FINISHED",
        artifact_uri="",
    )
    return SimpleNamespace(info=info, data=SimpleNamespace(tags={"user": user, **tags}))


def version(model: str, number: int, of: str, changed: int) -> Any:
    return SimpleNamespace(
        name=model, version=number, run_id=of, last_updated_timestamp=changed * HOUR, tags={}
    )


KEPT: Any = SimpleNamespace(
    experiments={
        "1": SimpleNamespace(experiment_id="1", name="eels", tags={"team": "rivers"}),
        "2": SimpleNamespace(experiment_id="2", name="owls", tags={}),
        "3": SimpleNamespace(experiment_id="3", name="eels-data", tags={"team": "rivers"}),
    },
    runs={
        "a": run("a", "1", "ann", 10, 12),
        "bad": run("bad", "1", "bob", 10, 11, team="lakes"),
        "c": run("c", "2", "ann", 20, None),
        "d": run("d", "3", "ann", 10, 10),
    },
    models=[SimpleNamespace(model_id="m", source_run_id="a")],
    versions=[version("eels", 1, "a", 30), version("eels", 2, "a", 40), version("eels", 3, "a", 90)],
    aliases={("eels", "2"): ["champion"]},
)
SIZES = {"a": 100, "bad": 10, "c": None, "d": 1, "m": 1000}


def test_usage_is_added_up_by_user_team_and_experiment() -> None:
    by_user = {row["user"]: row for row in usage(KEPT, "user", SIZES)}
    assert by_user["bob"] == {
        "user": "bob",
        "runs": 1,
        "failed": 1,
        "versions": 0,
        "bytes": 10,
        "hours": 1.0,
        "last_use": "1970-01-01 11:00",
    }
    assert (by_user["ann"]["runs"], by_user["ann"]["versions"], by_user["ann"]["hours"]) == (3, 3, 2.0)
    assert by_user["ann"]["bytes"] is None  # not all are known
    assert by_user["ann"]["last_use"] == "1970-01-04 18:00"  # a version changed after the last run
    by_team = {row["team"]: (row["runs"], row["bytes"]) for row in usage(KEPT, "team", SIZES)}
    assert by_team == {"rivers": (2, 1101), "lakes": (1, 10), "(none)": (1, None)}
    by_experiment = usage(KEPT, "experiment", SIZES)
    assert [row["experiment"] for row in by_experiment] == ["eels", "eels-data", "owls"]
    assert total(by_experiment) == {
        "runs": 4,
        "failed": 1,
        "versions": 3,
        "bytes": None,
        "hours": 3.0,
        "last_use": "1970-01-04 18:00",
    }


def test_what_could_be_archived_is_replaced_or_unused() -> None:
    now = datetime(1970, 1, 5, tzinfo=UTC)  # hour 96
    old = archivable(KEPT, timedelta(hours=20), now)
    assert [(row["what"], row["name"]) for row in old] == [("version", "eels 1"), ("experiment", "owls")]
    assert archivable(KEPT, timedelta(hours=90), now) == []
