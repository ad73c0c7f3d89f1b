"""Train: fit the pipeline on the training rows."""

import joblib

from .. import background, console, hashing
from ..data.dataset import Dataset
from ..errors import UserError
from ..files import write
from ..modeling.checks import load_checked_params
from ..modeling.estimators import build_pipeline
from ..modeling.fitting import fault, fit
from ..paths import MODEL, VALIDATED
from ..tracking import runs, snapshot, store
from ..tracking.columns import Known
from ..tracking.models import import_skops, log_model
from ..tracking.trained import ModelRun


@snapshot.unchanged("train")
def main() -> None:
    """Run the stage."""
    params = load_checked_params()
    hashing.hash_ahead(params.data.path, VALIDATED)
    import_skops()
    data = Dataset(params)
    wait = background.start(data.divide)  # while MLflow is imported
    with store.opened():
        wait()
        features, target = data.train[data.columns.features], data.train_target
        data.let_go()
        pipeline = build_pipeline(data.columns, params.features, params.model)

        with runs.model_run(params, "train", data) as run_id:
            with console.working(f"fitting {params.model.type} on {len(features)} rows"):
                try:
                    fit(pipeline, features, target)
                    for does in ("predict", "predict_proba"):  # what evaluate will ask for
                        if hasattr(pipeline, does):
                            getattr(pipeline, does)(features.head())
                except (Exception, SystemExit) as error:  # one that exits with 0 would seem to be done
                    why = fault(error, pipeline)
                    raise UserError(f"{params.model.type} cannot be fitted to {VALIDATED}: {why}") from error
            write(MODEL, lambda path: joblib.dump(pipeline, path))
            known = Known.of(features, target, pipeline, params.data, data.columns)
            model_id = log_model(pipeline, features, known, hashing.file_md5(MODEL))
            ModelRun.trained(run_id, model_id, data.learned.digest).write()

    console.summary(
        "train",
        {
            "model": params.model.type,
            "rows x features": f"{features.shape[0]} x {features.shape[1]}",
            "MLflow run": run_id,
        },
    )


if __name__ == "__main__":
    console.run(main)
