"""Search for better parameters, and write them to params.yaml.

The block `tune` of params.yaml says what is searched. Each trial is evaluated by cross-validation on the
training rows; the first trial has the current parameters. It is safe to run the same command again: it
continues an interrupted search where it stopped.
"""

import json
from argparse import ArgumentParser, Namespace

from .. import project
from ..base import console
from ..base.errors import UserError
from ..base.files import write_text
from ..base.paths import PARAMS, STUDIES, TUNING, TUNING_PAGE, project_root
from ..base.yaml import read_yaml
from ..judging.checks import load_checked_params
from ..lineage import snapshot
from ..params import Params
from ..tracking import searches, store
from ..tuning import page, report, rewrite
from ..tuning.evaluators import ByCrossValidation, ByPipeline, Evaluator
from ..tuning.search import search
from ..tuning.study import Study
from ..tuning.study_file import open_study_file
from ..tuning.trial import Trial
from .options import whole

FINER = "log_loss"  # can tell apart two models that are right about the same rows


def add_arguments(parser: ArgumentParser) -> None:
    """Add how much to search, and where."""
    parser.add_argument("--trials", type=whole(1), help="how many trials in all (default: tune.trials)")
    parser.add_argument("--timeout", type=whole(1), metavar="SECONDS", help="start no trial after this time")
    parser.add_argument(
        "--jobs", type=whole(1), metavar="N", help="trials at a time (default: 1; cluster: all)"
    )
    parser.add_argument("--dry-run", action="store_true", help="leave params.yaml as it is")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--scheduler", metavar="ADDRESS", help="run trials on a Dask cluster: tcp://HOST:8786")
    where.add_argument(
        "--queue",
        action="store_true",
        help="run each trial as a `dvc exp run --queue` of the whole pipeline, evaluated on the test rows; "
        "can search any parameter, but the best score is too optimistic",
    )


@snapshot.unchanged(snapshot.TUNE)
def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        store.close_abandoned_runs(client)
        params, content = load_checked_params(), read_yaml(PARAMS)
        evaluator: Evaluator
        if arguments.queue:
            evaluator = ByPipeline.of(content, params, arguments.jobs)
            print("--queue: trials are evaluated on the test rows, so the best score is too optimistic")
        else:
            evaluator = ByCrossValidation.of(content, params, arguments.jobs, arguments.scheduler)
        best = run_search(evaluator, params, arguments.trials or params.tune.trials, arguments.timeout)
    if best.number == 0:
        print(f"no trial is better than {PARAMS} as it is{finer(params.search_metric)}")
        return
    print(rewrite.write_values(content, best.values, dry_run=arguments.dry_run), end="")
    print(
        f"{PARAMS} is as it was"
        if arguments.dry_run
        else "now `dvc repro` makes this model, and registers it"
    )


def finer(metric: str) -> str:
    """Suggest another metric for the search, if many models may have the best value of this one."""
    if metric == FINER or FINER not in project.greater_is_better():
        return ""
    return f"; `tune.metric: {FINER}` compares how sure models are, too"


def run_search(evaluator: Evaluator, params: Params, trials: int, timeout: int | None) -> Trial:
    """Search, log the search, print its result and return the best trial.

    Args:
        evaluator: evaluates the trials.
        params: the current parameters.
        trials: how many the study is to have in all.
        timeout: seconds after which no trial is started; None for no limit.

    Raises:
        UserError: no trial is complete; or the workers are gone.
    """
    metric, tune = params.search_metric, params.tune
    greater = project.greater_is_better()[metric]
    settings = {
        "metric": metric,
        "folds": evaluator.folds,
        "seed": tune.seed,
        "space": json.dumps(tune.space),
    }
    with open_study_file(STUDIES, project_root() / ".dvc" / "tmp" / "tune.lock") as file:
        study = Study(file, evaluator.study, evaluator.space, evaluator.folds, greater, tune.seed)
        if (done := len(study.finished())) >= trials:
            print(f"{done} trials are done, and {trials} were asked for in all: `--trials` adds to them")
        with (
            evaluator.workers(study) as workers,
            searches.search_run(evaluator.study, study.resumed, settings, evaluator.data) as run,
            report.progress(trials, study) as advance,
        ):

            def on_finished(trial: Trial) -> None:
                evaluator.log(run, study, trial)
                advance()

            for trial in study.finished():  # a search that was killed may not have logged all of them yet
                on_finished(trial)
            try:
                search(study, workers, trials, timeout, on_finished)
            except KeyboardInterrupt:
                print(
                    f"{report.counts(study)}; {PARAMS} is as it was; run the same command again to continue",
                    flush=True,
                )
                raise
            best = _best(study)
            report.draw(study, TUNING, metric)
            pictures = sorted(TUNING.glob("*.png"))
            write_text(TUNING_PAGE, page.page(study.finished(), best, metric, greater, pictures))
            run.log_result({evaluator.logged: best.score}, best.values_by_name, TUNING)
    _print_result(study, best, metric, run.run.id)
    return best


def _print_result(study: Study, best: Trial, metric: str, run_id: str) -> None:
    current = study.finished()[0]
    score = f"{best.score:.4g} in trial {best.number}"
    console.summary(
        "tune",
        {
            "trials": report.counts(study),
            metric: f"{score} ({current.score:.4g} as params.yaml is)" if current.complete else score,
            "report": TUNING_PAGE,
            "MLflow run": run_id,
        },
    )


def _best(study: Study) -> Trial:
    """Return the best trial.

    Raises:
        UserError: no trial is complete.
    """
    if best := study.best():
        return best
    trials = study.finished()
    if not trials:
        raise UserError("no trial was started in the time given by --timeout")
    raise UserError(f"all {len(trials)} trials failed; the last one: {trials[-1].failure}")
