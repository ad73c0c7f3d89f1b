"""What a team chooses by: quality against latency, on a page, in the terminal and in the report."""

import json
import re
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path

import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.commands import compare
from penguins.engine.pages.axes import even, factors
from penguins.engine.pages.scatter import Point, scatter
from penguins.engine.registry.contenders import Contender
from penguins.engine.registry.registry import CHAMPION
from penguins.engine.reporting.choice import Choice, choose, differing, milliseconds, of_last_runs
from penguins.engine.reporting.choice_page import markdown, page, picture, sentence
from penguins.engine.tracking import store
from penguins.engine.tracking.local_store import local_folder
from penguins.engine.tracking.models import MODEL_ID
from penguins.engine.tracking.records import EVALUATED
from penguins.params import load_params

from tests.engine.conftest import METRIC

HOSTILE = "<b>@all|x"


def contender(name: str, score: float, latency: float, **params: str) -> Contender:
    metrics = {METRIC: score, "latency_ms": latency, "batch_latency_ms": 10 * latency}
    return Contender(name, name, "a_type", metrics, {"split.seed": "1", **params}, data="md5")


def chosen(*runs: Contender, greater: bool = True) -> Choice:
    return choose(runs, METRIC, greater)


def names(runs: list[Contender]) -> list[str]:
    return [run.name for run in runs]


def test_no_other_is_both_better_and_faster_than_the_front() -> None:
    runs = [
        contender(*run)
        for run in (("slow", 0.9, 50.0), ("fast", 0.7, 1.0), ("middle", 0.8, 9.0), ("poor", 0.79, 9.5))
    ]
    choice = chosen(*runs)
    assert names(choice.front) == ["fast", "middle", "slow"]
    assert names(choice.runs) == ["slow", "middle", "poor", "fast"]
    assert names(choice.better_and_faster(runs[3])) == ["middle"]
    of_errors = chosen(*runs, greater=False)  # such as rmse
    assert names(of_errors.front) == ["fast"]
    assert names(of_errors.runs)[0] == "fast"
    equal = chosen(runs[0], replace(runs[0], run_id="again"))
    assert len(equal.front) == 2


def test_runs_of_other_test_rows_are_shown_and_not_compared() -> None:
    now, once = contender("now", 0.8, 5.0), contender("once", 0.9, 1.0, **{"split.seed": "2"})
    older_data = replace(contender("older", 0.95, 0.5), data="another md5")
    choice = chosen(now, once, older_data)
    assert names(choice.front) == ["now"]
    assert names(choice.elsewhere) == ["older", "once"]
    assert names(choice.runs) == ["now", "older", "once"]
    assert "Hollow marks: 2 runs that were tested on other rows than `now`" in markdown(choice)
    champion = replace(once, versions=("champion",))
    assert sentence(chosen(now, champion)).endswith("@champion was tested on other rows")


def test_the_sentence_says_how_the_champion_stands() -> None:
    champion, better = replace(contender("old", 0.8, 5.0), versions=("champion",)), contender("new", 0.9, 4.0)
    assert sentence(chosen(champion, better)).endswith("@champion is not: new beats it")
    assert sentence(chosen(champion, contender("new", 0.9, 6.0))).endswith("@champion is on it")


def test_a_run_without_the_metric_is_counted() -> None:
    without = replace(contender("without", 0.0, 1.0), metrics={"latency_ms": 1.0})
    choice = chosen(without, contender("one", 0.5, 1.0))
    assert (names(choice.runs), choice.lacking) == (["one"], 1)
    assert f"1 run has no {METRIC}" in page("title", choice, 1000, [METRIC], "now")


def test_a_latency_is_never_a_power_of_ten() -> None:
    shown = [milliseconds(value) for value in (0.0312, 17.44, 149.2, 1790.0, None)]
    assert shown == ["0.0312", "17.4", "149", "1,790", "-"]


def test_parameters_are_compared_with_those_that_have_them() -> None:
    a = replace(
        contender("a", 1, 1, **{"model.a.depth": "3", "model.type": "a", "features.x": "1"}), type="a"
    )
    deeper = replace(a, run_id="deeper", params={**a.params, "model.a.depth": "4"})
    b = replace(contender("b", 1, 1, **{"model.b.c": "1", "model.type": "b", "features.x": "2"}), type="b")
    assert differing([a, b]) == {"a": {"features.x": "1"}, "b": {"features.x": "2"}}
    assert differing([a, deeper]) == {"a": {"model.a.depth": "3"}, "deeper": {"model.a.depth": "4"}}


def test_axes_have_a_few_round_numbers() -> None:
    for low, high in ((0.9, 1100), (4.0, 11.0), (57.0, 61.0), (1e-3, 2e-3)):
        assert 3 <= len(factors(low, high)) <= 15
        assert all(low <= value <= high for value in factors(low, high))
    assert even(0.961, 0.989) == [0.965, 0.97, 0.975, 0.98, 0.985]
    assert even(-3000, 1000) == [-3000, -2000, -1000, 0, 1000]


def test_labels_cover_neither_marks_nor_each_other() -> None:
    points = [Point(1 + n / 1000, 0.5 + n / 1000, HOSTILE, HOSTILE, f"label {n}") for n in range(5)]
    svg = scatter([*points, Point(100, 2, "other", "")], [(1, 0.5), (100, 2)], "x", "y")
    lines = re.findall(r'class="label" x="([\d.]+)" y="([\d.]+)"', svg)
    assert len(lines) == 5
    for number, (x, y) in enumerate(lines):
        assert not [
            1 for a, b in lines[:number] if abs(float(a) - float(x)) < 50 and abs(float(b) - float(y)) < 15
        ]
    assert "<b>" not in svg
    assert 'class="front"' in svg
    assert scatter(points[:1], [(1, 0.5)], "x", "y").count("front") == 0


def test_a_name_is_text_wherever_it_is_shown() -> None:
    run = replace(contender(HOSTILE, 0.5, 1.0), versions=("champion",), type=HOSTILE)
    beaten = replace(contender("b", 0.4, 2.0, **{HOSTILE: HOSTILE}), versions=("challenger",))
    choice = chosen(run, beaten)
    assert "<b>" not in page(HOSTILE, choice, 1000, [METRIC], "now")
    assert "`@challenger` is not: `<b>@all\\|x` beats it" in markdown(choice)  # mentions nobody


@pytest.fixture(scope="module")
def compared(shared_project: Path) -> dict[str, str]:
    """Provide a store with evaluated runs, the ids by name: what the stages log, without their work."""
    ids, models = {}, {}
    with store.opened() as client:
        experiment = store.experiment_id(client, store.experiment_name())
        for name, score, latency in (("champion", 0.8, 9.0), ("other", 0.7, 20.0), ("latest", 0.9, 10.0)):
            tags = {"mlflow.runName": name, "model.type": f"type_of_{name}", "data.md5": "md5"}
            run_id = client.create_run(experiment, tags={**tags, EVALUATED: "true"}).info.run_id
            for metric, value in (
                (METRIC, score),
                ("latency_ms", latency),
                ("batch_latency_ms", 5 * latency),
            ):
                client.log_metric(run_id, metric, value)
            client.log_param(run_id, "features.scale", name == "latest")
            model = client.create_logged_model(experiment, source_run_id=run_id)
            files = local_folder(str(model.artifact_location))
            assert files
            files.mkdir(parents=True)
            (files / "model").write_bytes(b"x" * 2_000_000)
            client.set_tag(run_id, MODEL_ID, model.model_id)
            ids[name], models[name] = run_id, model.model_id
        client.create_registered_model("things")
        client.create_model_version("things", f"models:/{models['champion']}", ids["champion"])
        client.set_registered_model_alias("things", CHAMPION, "1")
    return ids


def run(*arguments: str) -> None:
    parser = ArgumentParser()
    compare.add_arguments(parser)
    compare.main(parser.parse_args(arguments))


def test_the_last_runs_and_the_champion(
    compared: dict[str, str], shared_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--last", "1", "--json")
    latest, champion = json.loads(capsys.readouterr().out)
    assert (latest["run"], champion["run"]) == (compared["latest"], compared["champion"])
    assert (latest["aliases"], champion["aliases"]) == ([], ["champion"])
    assert latest["params"] == {"features.scale": "True"}
    for each in (latest, champion):
        assert each["pareto_front"] is each["same_test_rows"] is True
        assert each["bytes"] == 2_000_000
    text = (shared_project / "reports/compare.html").read_text(encoding="utf-8")
    assert "champion @champion" in text
    assert "1,000 rows, ms" in text
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)

    run("1", compared["other"][:8])
    table = capsys.readouterr().out
    assert (
        "1 of 2 runs is on the Pareto front: no other is both better and faster; @champion is on it" in table
    )
    assert re.search(r"champion  +@champion front  +0.8  +9  +45  +2.0 MB\n", table)
    assert table.endswith("page: reports/compare.html\n")

    run("1", "1")  # twice the same
    assert "1 of 1 run is on the Pareto front" in capsys.readouterr().out
    text = (shared_project / "reports/compare.html").read_text(encoding="utf-8")
    assert ": 1 run compared" in text


def test_what_cannot_be_compared_is_one_line(compared: dict[str, str]) -> None:
    with pytest.raises(UserError, match="is for a comparison without RUN"):
        run("1", "--last", "3")
    with pytest.raises(UserError, match="no such run or version"):
        run("nothing")
    with store.opened() as client:
        begun = client.create_run(store.experiment_id(client, store.experiment_name())).info.run_id
        with pytest.raises(UserError, match="has not been evaluated"):
            run(begun)
        client.delete_run(begun)
    with pytest.raises(SystemExit):
        run("--last", "0")


def test_the_report_compares_the_same(compared: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    choice, _ = of_last_runs(load_params(), compared["other"])
    assert choice is not None
    assert (names(choice.front), choice.like) == (["champion", "latest"], "other")
    assert "(this one)" in picture(choice, compared["other"])
    with store.opened() as client:
        client.delete_run(compared["champion"])
        without, _ = of_last_runs(load_params(), "")
        client.restore_run(compared["champion"])
    assert without is not None
    assert names(without.runs) == ["latest", "other"]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert of_last_runs(load_params(), "") == (None, "The tracking store cannot be reached.")


def test_the_first_run_is_still_to_come(project: Path) -> None:
    with pytest.raises(UserError, match="no run has been evaluated yet: `dvc repro`"):
        run()
    assert of_last_runs(load_params(), "") == (None, "No run has been evaluated yet: `dvc repro`.")
