"""Search for better parameters, and write them into params.yaml.

What is searched is in the block `tune` of params.yaml. Each trial is judged by cross-validation on the
training rows; the first one is the parameters of now. The same command goes on with a search that was ended.
"""

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from .. import project
from ..base import console
from ..base.errors import UserError
from ..base.paths import PARAMS, STUDIES, TUNING, VALIDATED, project_root
from ..base.yaml import read_yaml
from ..fitting.classes import find_class
from ..judging.checks import load_checked_params
from ..lineage import snapshot
from ..params import Params
from ..tracking import searches, store
from ..tuning import identity, queue, report, rewrite
from ..tuning.cross_validation import CrossValidation
from ..tuning.search import Workers, search, threads
from ..tuning.space import IN_PROCESS, Space, load_space
from ..tuning.study import Study, Trial, opened


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
        if arguments.scheduler and find_spec("distributed") is None:
            raise UserError(
                "--scheduler: distributed is not installed; requirements-dev.txt has it, and "
                "`uv pip install -c requirements-dev.txt distributed` adds nothing else"
            )
        params, content = load_checked_params(), read_yaml(PARAMS)
        space = load_space(content, params, None if arguments.queue else IN_PROCESS)
        metric = params.evaluate.primary_metric
        if arguments.queue:
            queue.check_reachable(space)
            print("--queue: trials are judged on the test rows, so the best one's metric flatters it")
        trials = arguments.trials or params.tune.trials
        name = identity.of_pipeline(content) if arguments.queue else identity.of_model(content, params)
        folds = 1 if arguments.queue else params.tune.folds
        data = params.data.path if arguments.queue else VALIDATED
        with opened(STUDIES, project_root() / ".dvc" / "tmp" / "tune.lock") as file:
            study = Study(file, name, space, folds, project.greater_is_better()[metric], params.tune.seed)
            settings = {
                "metric": metric,
                "folds": folds,
                "seed": params.tune.seed,
                "space": json.dumps(params.tune.space),
            }
            with (
                workers(arguments, study, space, params) as judges,
                searches.search_run(name, study.goes_on, settings, data) as run,
                report.progress(trials, study) as advance,
            ):

                def told(trial: Trial) -> None:
                    if arguments.queue:
                        run.adopt(trial.number, queue.experiment_name(study, trial))
                    else:
                        run.log_trial(
                            trial.number, trial.named, metric, trial.scores, trial.failure, trial.pruned
                        )
                    advance()

                for trial in study.finished():  # what a killed search had no time to log
                    told(trial)
                try:
                    search(study, judges, trials, arguments.timeout, told)
                except KeyboardInterrupt:
                    print(
                        f"{report.counts(study)}; {PARAMS} is as it was; run the same command again to go on",
                        flush=True,
                    )
                    raise
                best = _best(study)
                report.draw(study, TUNING)
                logged = metric if arguments.queue else f"cv/{metric}"
                run.log_result({logged: best.score}, best.named, TUNING)

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
        if best.number == 0:
            print(f"nothing that was tried is better than {PARAMS} as it is")
            return
        print(rewrite.write_values(content, best.values, dry_run=arguments.dry_run), end="")
        print(
            f"{PARAMS} is as it was"
            if arguments.dry_run
            else "now `dvc repro` makes this model, and registers it"
        )


@contextmanager
def workers(arguments: Namespace, study: Study, space: Space, params: Params) -> Iterator[Workers]:
    """Start what judges the trials, as the arguments say."""
    if arguments.queue:
        metric = params.evaluate.primary_metric
        with queue.started(study, metric, arguments.jobs or 1) as found:
            yield found
        return
    cross_validation = CrossValidation.prepare(space.content, params)
    if not arguments.scheduler:
        yield threads(lambda trial, bars: cross_validation.judge(trial.values, bars), arguments.jobs or 1)
        return
    from ..tuning import cluster

    classes = [find_class(name, params.data.task) for name in space.types()]
    with cluster.connected(arguments.scheduler, cross_validation, classes, arguments.jobs) as found:
        yield found


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
