"""Train: fit the model on the training rows."""

from ..engine.base.console import summary
from ..engine.fitting.fit import fit
from ..engine.runs import training_run
from ..engine.split.dataset import Dataset
from ..models import build
from ..params import load_params


def main() -> None:
    """Run the stage."""
    params = load_params()
    data = Dataset(params)
    with training_run(params, data) as run:
        train = data.train()
        model = build(params, data.columns)
        with run.step(f"fitting {params.model.type} on {len(train):,} rows"):
            fit(model, train)
        run.save_model(model, train)
    rows, features = train.features.shape
    summary(
        "train",
        {
            "model": params.model.type,
            "rows x features": f"{rows} x {features}",
            **data.lines(),
            "MLflow run": run.id,
        },
    )
