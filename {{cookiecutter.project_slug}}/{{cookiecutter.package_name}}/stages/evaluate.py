"""Evaluate: judge the model on the test rows, which it has never seen."""

from ..engine.base.console import summary
from ..engine.judging.evaluation import evaluate
from ..engine.runs import evaluation_run
from ..engine.split.dataset import Dataset
from ..metrics import baseline, score
from ..params import load_params
from ..plots import PLOTS


def main() -> None:
    """Run the stage."""
    params = load_params()
    data = Dataset(params)
    with evaluation_run(params, data) as run:
        test = data.test()
        with run.step(f"scoring {len(test):,} rows"):
            evaluation = evaluate(run.model, test, data, score, baseline())
        run.save(evaluation, PLOTS)
    summary("evaluate", {"split": data.division, **evaluation.lines(), "MLflow run": run.id})
