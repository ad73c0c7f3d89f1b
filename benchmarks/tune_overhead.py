"""What `tune` costs a trial beyond the fits, against a bare scikit-learn loop that makes the very same ones.

    make demo
    demo/penguins/.venv/bin/python benchmarks/tune_overhead.py demo/penguins

Any finished project of this template will do; it is copied, and left as it is. For each model type, and round
after round: the real command searches in a process of its own, then a loop over scikit-learn alone repeats
its fits, with the same parameters on the same folds, and scores them alike. Run nothing else meanwhile.

A trial's time with `tune` is that from the first trial's start to the last one's end, over their number: with
sampling, the study's file and a run in MLflow for each. What the command takes when all trials are done
already, to start, import and draw its plots, is given apart. Processor time is that of the whole process less
that; part of it is spent while the next trial is fitted. The smaller the fits, the greater the ratios; the
penguins are 275 training rows.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from ruamel.yaml import YAML

# Runs in the project: repeats what its study has tried.
LOOP = """
import json, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
from {package}.engine import project
from {package}.engine.base.yaml import read_yaml
from {package}.engine.judging.prediction import measure, predict
from {package}.engine.tuning import identity
from {package}.engine.tuning.cross_validation import CrossValidation
from {package}.engine.tuning.declared_space import load_space
from {package}.engine.tuning.space import with_values
from {package}.engine.tuning.study import Study
from {package}.engine.tuning.study_file import open_study_file
from sklearn.base import clone

params, content = project.load_params(), read_yaml(Path("params.yaml"))
metric, space = params.evaluate.primary_metric, load_space(content, params)
with open_study_file(Path("tune.db"), Path("tune.lock")) as file:
    name = identity.of_cross_validation(content, params)
    greater_is_better = project.greater_is_better()[metric]
    study = Study(file, name, space, params.tune.folds, greater_is_better, params.tune.seed)
trials, frozen = study.finished(), study.optuna.trials
data = CrossValidation.prepare(content, params)
typed = [project.params_type().model_validate(with_values(data.content, trial.values)) for trial in trials]
pipelines = [project.models().build(its, its.data.columns) for its in typed]
X, y = data.rows[typed[0].data.columns.features], data.rows[params.data.target]
scores = []
start, processor = time.perf_counter(), time.process_time()
for pipeline, trial in zip(pipelines, trials):
    for fit, test in data.folds[: len(trial.scores)]:
        model = clone(pipeline).fit(X.iloc[fit], data.target[fit])
        scores.append(measure(predict(model, X.iloc[test], y.iloc[test]))[metric])
took, processor = time.perf_counter() - start, time.process_time() - processor
started, ended = min(t.datetime_start for t in frozen), max(t.datetime_complete for t in frozen)
print(json.dumps({{
    "tune": (ended - started).total_seconds(),
    "loop": took,
    "processor": processor,
    "same": scores == [score for trial in trials for score in trial.scores],
}}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path, help="a finished project")
    parser.add_argument("--trials", type=int, default=20, help="of each search (default: 20)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is taken (default: 3)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        left = shutil.ignore_patterns(".venv", "cache", "mlruns", "mlflow.db", "tune.db")
        shutil.copytree(arguments.project, project, ignore=left)
        compare(project, arguments.trials, arguments.rounds)


def compare(project: Path, trials: int, rounds: int) -> None:
    """Print a row for each model type that the project's params.yaml searches."""
    package = next(path.parent.parent.name for path in project.glob("*/stages/__init__.py"))
    yaml = YAML()
    params = yaml.load(project / "params.yaml")
    print("| model type | a trial with `tune` | in the loop | ratio | of processor time | to start and end |")
    print("|---|--:|--:|--:|--:|--:|")
    for model_type in params["tune"]["space"]["model"].pop("type")["choice"]:
        params["model"]["type"] = model_type
        yaml.dump(params, project / "params.yaml")
        measured = [one_round(project, package, trials) for _ in range(rounds)]
        tune, loop, processor, rest = (median(column) for column in zip(*measured, strict=True))
        print(
            f"| {model_type} | {tune * 1000:.0f} ms | {loop * 1000:.0f} ms | {tune / loop:.2f} "
            f"| {processor:.2f} | {rest:.1f} s |",
            flush=True,
        )


def one_round(project: Path, package: str, trials: int) -> tuple[float, float, float, float]:
    """Return the seconds of a trial with `tune` and in the loop, the processor's ratio, and other seconds."""
    (project / "tune.db").unlink(missing_ok=True)
    command = ("-m", package, "tune", "--dry-run", "--trials", str(trials))
    (_, searching, _), (_, done, rest) = run(project, *command), run(project, *command)
    said, _, _ = run(project, "-c", LOOP.format(package=package))
    found = json.loads(said)
    assert found["same"], "the loop's fits have other scores than tune's"
    return found["tune"] / trials, found["loop"] / trials, (searching - done) / found["processor"], rest


def run(project: Path, *arguments: str) -> tuple[str, float, float]:
    """Run the project's Python, with a store of the copy's own.

    Returns:
        What it printed, the processor's seconds, and the clock's.
    """
    environment = {**os.environ, "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}
    start, before = time.perf_counter(), os.times()
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=project, env=environment, check=True, stdout=subprocess.PIPE)
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return done.stdout.decode(), processor, time.perf_counter() - start


if __name__ == "__main__":
    main()
