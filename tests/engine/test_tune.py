import re
import subprocess
import sys
import warnings
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import psutil
import pytest
from matplotlib.figure import Figure
from optuna.storages import InMemoryStorage
from penguins.engine.base import git, paths
from penguins.engine.base.errors import UserError
from penguins.engine.base.yaml import read_yaml
from penguins.engine.commands import tune
from penguins.engine.judging.checks import check_metrics
from penguins.engine.split.identity import row_keys
from penguins.engine.split.rule import is_test
from penguins.engine.table.reading import read_raw
from penguins.engine.table.types import to_types
from penguins.engine.table.validated import read_validated, write_validated
from penguins.engine.tracking import searches, store
from penguins.engine.tracking.abandoned import FAILURE
from penguins.engine.tuning import dvc_encoding, dvc_queue
from penguins.engine.tuning.cross_validation import OTHER, CrossValidation
from penguins.engine.tuning.declared_space import load_space
from penguins.engine.tuning.identity import of_cross_validation
from penguins.engine.tuning.report import ENOUGH, draw, draw_history
from penguins.engine.tuning.rewrite import rewritten
from penguins.engine.tuning.search import search
from penguins.engine.tuning.space import Space, with_values
from penguins.engine.tuning.study import Study
from penguins.engine.tuning.threads import threads
from penguins.engine.tuning.trial import Trial
from penguins.params import Params, load_params

from tests.engine.conftest import METRIC, make_table
from tests.support.running import replace_in

SPACE = """\
tune:
  trials: 6
  folds: 3
  space:
    features:
      impute: {choice: [mean, median]}
    model:
      type: {choice: [hist_gradient_boosting, random_forest]}
      hist_gradient_boosting: {learning_rate: {float: [0.01, 0.5], log: true}}
      random_forest:
        max_depth: {int: [1, 6]}
"""


@pytest.fixture(scope="module")
def tabled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Provide a project whose data are validated."""
    from tests.engine.conftest import set_up

    with pytest.MonkeyPatch.context() as patch:
        folder = set_up(tmp_path_factory.mktemp("tabled"), patch)
        with (folder / "params.yaml").open("a", encoding="utf-8") as file:
            file.write(SPACE)
        params = load_params()
        write_validated(to_types(read_raw(params), params.data), params, {})
        yield folder


@pytest.fixture
def params_file(tabled: Path) -> Iterator[Path]:
    """Provide params.yaml, put back after the test, and without what was tried before."""
    path, text = tabled / "params.yaml", (tabled / "params.yaml").read_bytes()
    (tabled / "tune.db").unlink(missing_ok=True)
    yield path
    path.write_bytes(text)


def run(*arguments: str) -> None:
    parser = ArgumentParser()
    tune.add_arguments(parser)
    tune.main(parser.parse_args(arguments))


def space_of(params: Params) -> Space:
    return load_space(read_yaml(paths.PARAMS), params)


def runs() -> dict[str, list[Any]]:
    """List the runs of the last search: itself, and its trials by number."""
    found = mlflow.search_runs(experiment_names=[store.experiment_name()], output_format="list")
    (parent, *_) = [run for run in found if searches.SEARCH in run.data.tags]
    children = [run for run in found if run.data.tags.get(searches.PARENT) == parent.info.run_id]
    return {"search": [parent], "trials": sorted(children, key=lambda r: int(r.data.tags[searches.TRIAL]))}


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("impute:", "imptue:", 6, "unknown key; did you mean 'impute'?"),
        ("[mean, median]", "[mean, magic]", 6, "'mean', 'median' or 'most_frequent'; got 'magic'"),
        ("[mean, median]", "[mean, mean]", 6, "a choice is listed twice"),
        ("[mean, median]", "[]", 6, "at least 1 item"),
        ("[0.01, 0.5]", "[0.5, 0.01]", 9, "low 0.5 is greater than high 0.01"),
        ("[0.01, 0.5]", "[0.0, 0.5]", 9, "log needs a low above 0"),
        ("[0.01, 0.5]", "[0.01, 0.5, 1]", 9, "at most 2 items"),
        ("[0.01, 0.5]", "[0.01, b]", 9, "valid number; got 'b'"),
        ("log: true", "lgo: true", 9, "unknown key; did you mean 'log'?"),
        ("{float: [0.01, 0.5], log: true}", "0.3", 9, "needs a block of keys; got 0.3"),
        ("{float: [0.01, 0.5], log: true}", "{float: [0.1, 1.0], int: [1, 2]}", 9, "give one of float"),
        ("learning_rate:", "learning_rat:", 9, "did you mean 'learning_rate'?"),
        ("[0.01, 0.5]", "[0.01, 0.5], choice: [1]", 9, "give one of float"),
        ("[1, 6]", "[0, 6]", 11, "range [1, inf)"),
        ("[1, 6]", "[1, 6.5]", 11, "valid integer"),
        ("hist_gradient_boosting, random_forest]", "random_forrest]", 8, "'random_forrest' has no block"),
        ("      random_forest:", "      extra_trees:", 11, "'extra_trees' has no block"),
        ("    features:\n      impute", "    split:\n      seed", 5, "only features and model"),
    ],
)
def test_a_mistake_in_the_space_is_one_line_with_its_place(
    params_file: Path, old: str, new: str, line: int, says: str
) -> None:
    text = params_file.read_text(encoding="utf-8")
    before, space = text[: text.index("tune:")], text[text.index("tune:") :]
    assert space.count(old) == 1
    params_file.write_text(before + space.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        space_of(load_params())
    (message,) = str(caught.value).splitlines()
    assert message.startswith(f"params.yaml:{before.count(chr(10)) + line}: tune.space.")
    assert says in message


def test_a_project_without_a_space_says_what_to_add(project: Path) -> None:
    with pytest.raises(UserError, match=r"params.yaml:1: tune: nothing to search; add `tune:`"):
        space_of(load_params())


def test_only_the_parameters_of_a_trials_type_are_searched(params_file: Path) -> None:
    space = space_of(load_params())
    taken = {"model.type": "random_forest", "features.impute": "mean", "model.random_forest.max_depth": 2}
    assert [".".join(path) for path in space.values(taken)] == [
        "features.impute",
        *[n for n in taken if n[0] == "m"],
    ]
    assert {d.name for d in space.of_type("random_forest")} >= {"model.type", "model.random_forest.max_depth"}
    replace_in(params_file, "      type: {choice: [hist_gradient_boosting, random_forest]}\n", "")
    searched = {d.name for d in space_of(load_params()).of_type("hist_gradient_boosting")}
    assert searched == {"features.impute", "model.hist_gradient_boosting.learning_rate"}


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        ("a.b", 2, "a: # x\n  b: 1   # y\n", "a: # x\n  b: 2   # y\n"),
        ("a.b", "new", 'a: {c: 3, b: "old"} # y\n', 'a: {c: 3, b: "new"} # y\n'),
        ("a.b", "it's", "a:\n  b: 'old'\n", "a:\n  b: 'it''s'\n"),
        ("a.b", "true", "a:\n  b: text\n", 'a:\n  b: "true"\n'),
        ("a.b", None, "a:\n  b: 1\n", "a:\n  b: null\n"),
        ("a.b", True, "a: {b: null}\n", "a: {b: true}\n"),
        ("a.b", 1e-05, "a:\n  b: 0.1\n", "a:\n  b: 1.0e-05\n"),
        ("a.b", [5, "x"], "a:\n  b:\n    - 1\n    - 2 # two\n# end\n", "a:\n  b:\n    - 5\n    - x\n# end\n"),
        ("a.b", 1, "a:\n  b: # none\n  c: 3\n", "a:\n  b: 1 # none\n  c: 3\n"),
        ("a.b", 1, "a:\n   c: 3 # c\n   # d\nd: 4\n", "a:\n   c: 3 # c\n   b: 1\n   # d\nd: 4\n"),
        ("a.b", 1, "a:\n  c:\n    d: [1]\n\ne: 2", "a:\n  c:\n    d: [1]\n  b: 1\n\ne: 2"),
        ("a.b", 1, "a:\n  c: 3", "a:\n  c: 3\n  b: 1\n"),
        ("a.b", 1, "a:\r\n  c: 3\r\nd: 4\r\n", "a:\r\n  c: 3\r\n  b: 1\r\nd: 4\r\n"),
        ("a.b", 1, "a: {} # none\n", "a: {b: 1} # none\n"),
        ("a.b", 1, "a: {c: [2], d: {e: 3}}\n", "a: {c: [2], d: {e: 3}, b: 1}\n"),
        ("a.b", 1, "a:\nc: 3\n", "a: {b: 1}\nc: 3\n"),
        ("a.b", 1, "c: ü😀 # ü\n", "c: ü😀 # ü\na: {b: 1}\n"),
        ("a.b", 2, "\ufeffx: 😀\na: {b: 1}\n", "\ufeffx: 😀\na: {b: 2}\n"),
    ],
)
def test_a_value_is_changed_and_nothing_else(path: str, value: object, before: str, after: str) -> None:
    assert rewritten(before, {tuple(path.split(".")): value}) == after


def test_no_test_row_is_seen(params_file: Path) -> None:
    params = load_params()
    frame = read_validated(params)
    hidden = set(frame["code"][is_test(frame, params.split, row_keys(frame, ["code"]))])
    data = CrossValidation.prepare(read_yaml(paths.PARAMS), params)
    assert set(data.rows["code"]) == set(frame["code"]) - hidden
    assert len(data.folds) == 3
    assert sorted(np.concatenate([judged for _, judged in data.folds])) == list(range(len(data.rows)))
    assert all(not set(fit) & set(judged) for fit, judged in data.folds)


def test_rows_with_one_id_are_in_one_fold(params_file: Path) -> None:
    table = make_table().assign(code=lambda t: (np.arange(len(t)) // 4).astype(str))
    kept = paths.VALIDATED.read_bytes()
    write_validated(table, load_params(), {})
    data = CrossValidation.prepare(read_yaml(paths.PARAMS), load_params())
    paths.VALIDATED.write_bytes(kept)
    for fit, judged in data.folds:
        assert not set(data.rows["code"].iloc[fit]) & set(data.rows["code"].iloc[judged])


def test_more_folds_than_rows_are_one_line(params_file: Path) -> None:
    replace_in(params_file, "folds: 3", "folds: 1000")
    with pytest.raises(UserError, match=r"params.yaml:\d+: tune.folds: \d+ training rows: "):
        CrossValidation.prepare(read_yaml(paths.PARAMS), load_params())


def test_a_trial_ends_at_a_bar_that_it_does_not_reach(params_file: Path) -> None:
    content, params = read_yaml(paths.PARAMS), load_params()
    data = CrossValidation.prepare(content, params)
    sign = 1 if METRIC == "f1_macro" else -1
    assert len(data.evaluate({}, [])[0]) == 3
    assert len(data.evaluate({}, [np.nan, -sign * np.inf, np.nan])[0]) == 3
    assert len(data.evaluate({}, [np.nan, sign * np.inf, np.nan])[0]) == 2


def test_trials_are_scored_by_the_metric_of_tune(params_file: Path) -> None:
    def search() -> tuple[str, CrossValidation]:
        content, params = read_yaml(paths.PARAMS), load_params()
        return of_cross_validation(content, params), CrossValidation.prepare(content, params)

    primary, by_primary = search()
    assert tune.finer(METRIC) == "; `tune.metric: log_loss` compares how sure models are, too"
    replace_in(params_file, "tune:\n", "tune:\n  metric: log_loss\n")
    name, by_loss = search()
    assert name != primary
    scores, why = by_loss.evaluate({}, [])
    assert (len(scores), why) == (3, "")
    assert scores != by_primary.evaluate({}, [])[0]
    assert len(by_loss.evaluate({}, [np.nan, np.inf, np.nan])[0]) == 3
    assert len(by_loss.evaluate({}, [np.nan, -np.inf, np.nan])[0]) == 2  # less is better
    assert tune.finer("log_loss") == ""
    scores, why = by_loss.evaluate({("model", "type"): "sklearn.svm.LinearSVC"}, [])
    assert (scores, why) == ([], f"log_loss could not be measured on fold 1; {OTHER}")
    replace_in(params_file, "metric: log_loss", "metric: logloss")
    with pytest.raises(UserError, match=r"params.yaml:\d+: tune.metric: no such metric 'logloss'"):
        check_metrics(load_params())


def test_the_bar_is_the_median_of_the_complete_trials_means_so_far(params_file: Path) -> None:
    study = Study(InMemoryStorage(), "x", space_of(load_params()), 3, True, 0)
    for score in (0.1, 0.2, 0.3, 0.4, 0.5):
        assert study.limits() == []
        study.tell(study.ask(), ([score, score + 0.3, score], ""))
    assert study.tell(study.ask(), ([0.1, 0.2], "")).pruned
    assert study.tell(study.ask(), ([0.1], "ValueError: no")).failure
    first, second, third = study.limits()
    assert np.isnan(first)
    assert [second, third] == pytest.approx([0.45, 0.4])


def test_a_search_finds_records_and_writes_the_best(
    params_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replace_in(params_file, "max_iter: 20,", "max_iter: 1,")  # so that nearly anything is better
    before = params_file.read_text(encoding="utf-8")
    content = read_yaml(paths.PARAMS)
    run("--dry-run")
    assert params_file.read_text(encoding="utf-8") == before
    assert "is as it was" in capsys.readouterr().out
    run()
    found = runs()
    (parent,), trials = found["search"], found["trials"]
    assert [int(trial.data.tags[searches.TRIAL]) for trial in trials] == list(range(6))
    assert {trial.info.status for trial in trials} == {"FINISHED"}
    assert trials[0].data.params == {"model.type": "hist_gradient_boosting"}  # what is searched and there now
    metrics = {number: trial.data.metrics for number, trial in enumerate(trials)}
    scores = {number: found[f"cv/{METRIC}"] for number, found in metrics.items() if f"cv/{METRIC}" in found}
    best = max(scores, key=lambda i: scores[i] if METRIC == "f1_macro" else -scores[i])
    assert parent.data.metrics[f"cv/{METRIC}"] == scores[best]
    assert parent.info.status == "FINISHED"
    logged = {file.path for file in mlflow.MlflowClient().list_artifacts(parent.info.run_id)}
    assert logged >= {"params.yaml", "history.png", "tuning.html"}
    page = (paths.TUNING / "tuning.html").read_text(encoding="utf-8")
    assert re.search(r"in the best of \d+ trials|No trial is better than params.yaml is", page)
    assert "data:image/png;base64," in page
    assert not re.search(r'src="(?!data:)|href=|<script', page)
    assert (paths.TUNING / "history.png").exists()
    written = read_yaml(paths.PARAMS)
    values = {tuple(k.split(".")): v for k, v in trials[best].data.params.items()}
    assert best > 0
    assert str(with_values(content, values)).replace("'", "") == str(written).replace("'", "")
    assert "+features: {impute: " in capsys.readouterr().out
    assert not mlflow.search_registered_models()
    assert not mlflow.search_runs(["0"], output_format="list")


def test_a_search_goes_on_where_it_was_ended(params_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params, content = load_params(), read_yaml(paths.PARAMS)
    space, data = space_of(params), CrossValidation.prepare(content, params)
    evaluated: list[int] = []

    def evaluate(trial: Trial, limits: list[float]) -> Any:
        evaluated.append(trial.number)
        return data.evaluate(trial.values, limits)

    def interrupted(trial: Trial) -> None:
        if trial.number == 2:
            raise KeyboardInterrupt

    def study_in(file: InMemoryStorage) -> Study:
        return Study(file, "x", space, 3, METRIC == "f1_macro", 42)

    whole, parts = InMemoryStorage(), InMemoryStorage()
    search(study_in(whole), threads(evaluate, 1), 6, None, lambda trial: None)
    assert evaluated == list(range(6))
    with pytest.raises(KeyboardInterrupt):
        search(study_in(parts), threads(evaluate, 1), 6, None, interrupted)
    assert [trial.number for trial in study_in(parts).unfinished()] == [3]
    search(study_in(parts), threads(evaluate, 1), 3, None, lambda trial: None)  # which it has
    assert [trial.number for trial in study_in(parts).unfinished()] == [3]
    search(study_in(parts), threads(evaluate, 1), 6, None, lambda trial: None)
    assert study_in(parts).finished() == study_in(whole).finished()
    assert study_in(parts).unfinished() == []
    draw_history(study_in(whole), axes := Figure().add_subplot(), METRIC)
    assert axes.get_ylabel() == METRIC
    scores = [trial.score for trial in study_in(whole).finished() if trial.complete]
    best = max if METRIC == "f1_macro" else min
    assert np.asarray(axes.lines[0].get_ydata()).tolist() == [
        best(scores[: number + 1]) for number in range(len(scores))
    ]
    search(study_in(parts), threads(evaluate, 2), 8, None, lambda trial: None)
    assert [trial.number for trial in study_in(parts).finished()] == list(range(8))


def test_parameters_are_weighed_where_trials_are_enough(
    params_file: Path, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    study = Study(InMemoryStorage(), "x", space_of(load_params()), 3, True, 0)
    for number in range(ENOUGH):
        study.tell(study.ask(), ([number / ENOUGH] * 3, ""))
        if number >= ENOUGH - 2:
            draw(study, tmp_path / str(number), METRIC)
    few, enough = sorted(tmp_path.iterdir())
    assert [path.name for path in few.iterdir()] == ["history.png"]
    assert {path.name for path in enough.iterdir()} == {"history.png", "importances.png"}
    assert [str(warning.message) for warning in recwarn if "importance" in str(warning.message)] == []


def test_a_trial_that_cannot_be_fitted_fails_and_the_others_go_on(params_file: Path) -> None:
    replace_in(
        params_file,
        "learning_rate: {float: [0.01, 0.5], log: true}",
        "monotonic_cst: {choice: [null, [1, 0]]}",
    )
    replace_in(params_file, "[hist_gradient_boosting, random_forest]", "[hist_gradient_boosting]")
    run("--trials", "8")
    failed = [trial for trial in runs()["trials"] if trial.info.status == "FAILED"]
    assert failed
    assert {trial.data.params["model.hist_gradient_boosting.monotonic_cst"] for trial in failed} == {"[1, 0]"}
    assert "monotonic_cst" in failed[0].data.tags[FAILURE]
    assert len(runs()["trials"]) == 8


QUITS = """\
import sys, warnings
from sklearn.dummy import DummyClassifier

class Quits(DummyClassifier):
    def __init__(self, how="not"):
        super().__init__()
        self.how = how

    def fit(self, X, y, sample_weight=None):
        if self.how == "exit":
            sys.exit("no licence")
        if self.how == "interrupt":
            raise KeyboardInterrupt
        if self.how == "warn":
            warnings.simplefilter("error")
            warnings.warn("may be wrong")
        return super().fit(X, y)
"""


def test_a_fit_that_ends_the_process_or_warns_is_a_failed_trial_and_the_others_go_on(
    params_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("quits.py").write_text(QUITS, encoding="utf-8")
    monkeypatch.syspath_prepend(".")
    replace_in(
        params_file, "type: hist_gradient_boosting\n", "type: quits.Quits\n  quits.Quits: {how: not}\n"
    )
    before, _, _ = params_file.read_text(encoding="utf-8").partition("tune:")
    space = "{choice: ['not', exit, interrupt, warn]}"
    tune_block = f"tune: {{trials: 12, folds: 3, space: {{model: {{quits.Quits: {{how: {space}}}}}}}}}\n"
    params_file.write_text(before + tune_block, encoding="utf-8")
    filters = list(warnings.filters)
    run()
    assert warnings.filters == filters
    ended = {t.data.params["model.quits.Quits.how"]: t.data.tags.get(FAILURE, "") for t in runs()["trials"]}
    assert ended == {
        "not": "",
        "exit": "SystemExit: no licence",
        "interrupt": "KeyboardInterrupt",
        "warn": "UserWarning: may be wrong",
    }
    assert len(runs()["trials"]) == 12


def test_an_experiment_that_failed_before_its_stages_tells_what_its_worker_logged(project: Path) -> None:
    log = project / dvc_queue.WORKERS / "dvc-exp-worker-1.out"
    log.parent.mkdir(parents=True)
    log.write_text("Traceback (most recent call last):\n  File\nKeyError: 'of an earlier search'\n")
    logged = dvc_queue.log_sizes()
    assert "see `dvc queue logs x`" in dvc_queue.reason("x", logged)
    with log.open("a", encoding="utf-8") as file:
        file.write("[2026: ERROR] Task\nTraceback\n  File\nOSError: [Errno 28] No space\n[INFO] x\n")
    told = "OSError: [Errno 28] No space"
    assert dvc_queue.reason("x", logged) == f"{told} (more in {dvc_queue.WORKERS.as_posix()}/{log.name})"


@pytest.mark.parametrize(
    ("folder", "name", "says"),
    [
        ("jose", "José", ".git/config: a setting"),
        ("josé", "Jose", "josé/.dvc/cache: the path"),
        ("jose", "Jose", ""),
    ],
)
def test_letters_that_dvc_cannot_write_are_named(tmp_path: Path, folder: str, name: str, says: str) -> None:
    root = tmp_path / folder
    (root / ".dvc").mkdir(parents=True)
    for command in (("init", "--quiet"), ("config", "user.name", name)):
        git.output(*command, cwd=root)
    problem = dvc_encoding.not_ascii(root)
    assert problem.replace(f"{tmp_path}/", "").startswith(says)
    assert bool(problem) == bool(says)
    (root / ".dvc" / "config.local").write_text("[cache]\n    dir = /srv/cache\n")
    assert bool(dvc_encoding.not_ascii(root)) == (name == "José")


def test_a_search_in_which_all_fail_is_one_line(params_file: Path) -> None:
    replace_in(params_file, "max_iter: 20,", "max_iter: 20, monotonic_cst: [1, 0],")
    replace_in(params_file, "[hist_gradient_boosting, random_forest]", "[hist_gradient_boosting]")
    before = params_file.read_bytes()
    with pytest.raises(UserError, match="all 2 trials failed; the last one: ValueError: monotonic_cst"):
        run("--trials", "2")
    assert params_file.read_bytes() == before
    assert runs()["search"][0].info.status == "FAILED"


def test_params_edited_meanwhile_are_left_alone(params_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_in(params_file, "max_iter: 20,", "max_iter: 1,")

    def edited(*arguments: Any) -> None:
        search(*arguments)
        replace_in(params_file, "seed: 1", "seed: 2")

    monkeypatch.setattr(tune, "search", edited)
    with pytest.raises(
        UserError, match=r"edited during the search, so put this in by hand: features.impute: me"
    ):
        run()
    assert "seed: 2" in params_file.read_text(encoding="utf-8")


def test_values_are_set_in_a_copy() -> None:
    content: dict[str, Any] = {"a": {"b": 1}}
    assert with_values(content, {("a", "c"): 2, ("d", "e"): 3}) == {"a": {"b": 1, "c": 2}, "d": {"e": 3}}
    assert content == {"a": {"b": 1}}


def test_a_cluster_without_its_library_is_one_line(
    params_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)  # as where only requirements.txt is installed
    with pytest.raises(UserError, match="distributed is not installed"):
        run("--scheduler", "tcp://127.0.0.1:9")


def test_the_stages_of_the_queue_are_ended_and_not_dvc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    waits = "import subprocess, sys; print(flush=True); subprocess.call(sys.argv[2:]); sys.stdin.read()"
    stage = [sys.executable, "-c", "print(flush=True); import time; time.sleep(600)", "penguins", "train"]
    with subprocess.Popen(
        [sys.executable, "-c", waits, "exec-run", *stage], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdin
        assert worker.stdout
        assert [worker.stdout.readline() for _ in range(2)]  # both have begun
        (child,) = psutil.Process(worker.pid).children()
        dvc_queue._end_stages()
        child.wait(60)
        assert worker.poll() is None
        worker.stdin.close()
    assert worker.returncode == 0
