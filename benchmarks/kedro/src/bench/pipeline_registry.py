"""The pipelines: `kedro run`, and `kedro run --pipelines trial`, whose model is not registered."""

from kedro.pipeline import Pipeline, node, pipeline

from . import nodes


def register_pipelines() -> dict[str, Pipeline]:
    return {"__default__": create("registered_model"), "trial": create("model")}


def create(model: str) -> Pipeline:
    """Make the pipeline, which gives its model to a data set of the catalog."""
    rows = ["X_train", "X_test", "y_train", "y_test"]
    metrics = ["metrics", "confusion", "roc", "importances"]
    return pipeline(
        [
            node(nodes.validate, "table", "validated"),
            node(nodes.split, "validated", rows),
            node(nodes.train, ["X_train", "y_train", "parameters"], model),
            node(nodes.evaluate, [model, *rows], metrics),
        ]
    )
