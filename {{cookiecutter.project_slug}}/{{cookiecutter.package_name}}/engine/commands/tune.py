"""Search for better parameters, and write them into params.yaml.

What is searched is in the block `tune` of params.yaml. Each trial is judged by cross-validation on the
training rows; the first one is the parameters of now. The same command goes on with a search that was ended.
"""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from .. import project
from ..base import console
from ..base.errors import UserError
from ..base.paths import PARAMS, STUDIES, TUNING, project_root
from ..base.yaml import read_yaml
from ..judging.checks import load_checked_params
from ..lineage import snapshot
from ..params import Params
from ..tracking import searches, store
from ..tuning import report, rewrite
from ..tuning.search import search
from ..tuning.study import Study, Trial, opened_studies
from ..tuning.ways import ByCrossValidation, ByPipeline, Way


def add_arguments(parser: ArgumentParser) -> None:
    """Say how much to search, and where."""
    parser.add_argument("--trials", type=_positive, help="how many in all (default: tune.trials)")
    parser.add_argument("--timeout", type=_positive, metavar="SECONDS", help="start no trial after this time")
    parser.add_argument(
        "--jobs", type=_positive, metavar="N", help="trials at a time (default: 1; cluster: all)"
    )
    parser.add_argument("--dry-run", action="store_true", help="leave params.yaml as it is")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask cluster that judges: tcp://HOST:8786"
    )
    where.add_argument(
        "--queue",
        action="store_true",
        help="each trial is a `dvc exp run --queue` of the whole pipeline, judged on the test rows: for any "
        "parameter, but what it finds looks better than it is",
    )


@snapshot.unchanged(snapshot.TUNE)
def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened():
        params, content = load_checked_params(), read_yaml(PARAMS)
        way: Way
        if arguments.queue:
            way = ByPipeline.of(content, params, arguments.jobs)
            print("--queue: trials are judged on the test rows, so the best one's metric flatters it")
        else:
            way = ByCrossValidation.of(content, params, arguments.jobs, arguments.scheduler)
        best = searched(way, params, arguments.trials or params.tune.trials, arguments.timeout)
    if best.number == 0:
        print(f"nothing that was tried is better than {PARAMS} as it is")
        return
    print(rewrite.write_values(content, best.values, dry_run=arguments.dry_run), end="")
    print(
        f"{PARAMS} is as it was"
        if arguments.dry_run
        else "now `dvc repro` makes this model, and registers it"
    )


def searched(way: Way, params: Params, trials: int, timeout: int | None) -> Trial:
    """Search, log the search, print what was found and return the best trial.

    Args:
        way: how trials are judged.
        params: as they are.
        trials: how many there are to be in all.
        timeout: seconds after which none is started; None: no limit.

    Raises:
        UserError: there is no trial that did not fail.
    """
    metric, tune = params.evaluate.primary_metric, params.tune
    greater = project.greater_is_better()[metric]
    settings = {"metric": metric, "folds": way.folds, "seed": tune.seed, "space": json.dumps(tune.space)}
    with opened_studies(STUDIES, project_root() / ".dvc" / "tmp" / "tune.lock") as file:
        study = Study(file, way.study, way.space, way.folds, greater, tune.seed)
        with (
            way.workers(study) as workers,
            searches.search_run(way.study, study.goes_on, settings, way.data) as run,
            report.progress(trials, study) as advance,
        ):

            def ended(trial: Trial) -> None:
                way.log(run, study, trial)
                advance()

            for trial in study.finished():  # what a killed search had no time to log
                ended(trial)
            try:
                search(study, workers, trials, timeout, ended)
            except KeyboardInterrupt:
                print(
                    f"{report.counts(study)}; {PARAMS} is as it was; run the same command again to go on",
                    flush=True,
                )
                raise
            best = _best(study)
            report.draw(study, TUNING)
            run.log_result({way.logged: best.score}, best.named, TUNING)
    now = study.finished()[0]
    found = f"{best.score:.4g} in trial {best.number}"
    console.summary(
        "tune",
        {
            "trials": report.counts(study),
            metric: f"{found} ({now.score:.4g} as params.yaml is)" if now.complete else found,
            "plots": TUNING,
            "MLflow run": run.run.id,
        },
    )
    return best


def _best(study: Study) -> Trial:
    """Return the best trial.

    Raises:
        UserError: there is none.
    """
    if best := study.best():
        return best
    tried = study.finished()
    if not tried:
        raise UserError("no trial was started in the time given by --timeout")
    raise UserError(f"all {len(tried)} trials failed; the last one: {tried[-1].failure}")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"needs a whole number above 0, not {text!r}")
    return int(text)
