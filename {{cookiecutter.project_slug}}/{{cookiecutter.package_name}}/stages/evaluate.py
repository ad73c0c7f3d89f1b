"""Evaluate: judge the model on the test rows, which it has never seen."""

from math import nan

from .. import background, console, hashing
from ..cells import write_csv
from ..data.dataset import Dataset
from ..files import read_model, write, write_json
from ..modeling import plots
from ..modeling.checks import load_checked_params
from ..modeling.inspection import group_metrics, importances, latency_ms
from ..modeling.metrics import baseline, predict, score
from ..paths import GROUPS, METRICS, MODEL, MODEL_MD5, PLOTS, VALIDATED
from ..tracking import records, runs, snapshot, store
from ..tracking.trained import ModelRun


@snapshot.unchanged("evaluate")
def main() -> None:
    """Run the stage."""
    params = load_checked_params()
    hashing.hash_ahead(params.data.path, VALIDATED)
    data = Dataset(params)
    wait = background.start(data.divide)  # while MLflow and scikit-learn are imported
    with store.opened():
        pipeline = read_model(MODEL, "train")
        wait()
        test, learned = data.test, data.train_target
        features, actual = test[data.columns.features], test[params.data.target]
        data.let_go()

        with runs.evaluation_run(params, ModelRun.read(), data) as run:
            with console.working(f"scoring {len(test)} rows"):
                rank = background.start(lambda: importances(pipeline, features, actual, params.split.seed))
                predictions, ranking = predict(pipeline, features, actual), rank()
                metrics = score(predictions)
                dummy = baseline().fit(learned, learned)  # it does not look at features
                naive = score(predict(dummy, features, actual))
                groups = group_metrics(predictions, test[params.evaluate.groups])
                latency = latency_ms(pipeline, features)  # when the ranking is done
            plots.draw(predictions, ranking, PLOTS)
            write(GROUPS, lambda path: write_csv(groups, path))
            made_by = {"run_id": run.run_id, MODEL_MD5: hashing.file_md5(MODEL)}
            found = {**metrics, "latency_ms": latency, "baseline": naive, **made_by}
            write_json(METRICS, found)
            records.log_evaluation(run.run_id, run.model_id, found)

    values = {name: f"{value:.4g} (baseline {naive.get(name, nan):.4g})" for name, value in metrics.items()}
    rows = {"test rows": len(test), **values, "one row takes": f"{latency:.1f} ms"}
    console.summary("evaluate", {**rows, "MLflow run": run.run_id})


if __name__ == "__main__":
    console.run(main)
