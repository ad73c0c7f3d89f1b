"""Models in MLflow: saved so that they load anywhere, and found again by their content."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..base import lazy
from ..base.errors import UserError
from ..base.files import write_json
from ..base.settings import trusted_libraries
from ..lineage.imports import own_modules
from .carried import carried
from .columns import FILE, KEY, Known
from .copies import root_of
from .requirements import pinned
from .run import Run

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature
    from sklearn.pipeline import Pipeline

MODEL_ID = "model.id"  # the tag of a run with the id of its logged model
TRUSTED = ("sklearn", "numpy", "scipy", "functools")  # roots of types that are not the project's
CONTAINERS = ("collections.OrderedDict",)  # LightGBM's; what is in it is looked at, like anything else


def import_skops() -> None:
    """Import skops, which `log_model` needs: call it before MLflow is imported.

    It goes through all modules that are there by then, and through scikit-learn's for those of estimators:
    some of them, which have none, would import Dask and pytest, a quarter of a second.
    """
    with lazy.without("dask", "pytest"):
        import skops.io  # noqa: F401


def log_model(run: Run, model: "Pipeline", features: "pd.DataFrame", known: Known, md5: str) -> Run:
    """Log a fitted pipeline.

    In the skops format, which loads no type that is not named; with pinned requirements, since
    MLflow's own search for them takes seconds and finds what happens to be imported.

    Args:
        run: the active one.
        model: the pipeline.
        features: some rows, the columns that the model uses.
        known: what there is to know of these columns; its examples become the input example.
        md5: DVC's md5 of the model file, by which its versions are told apart.

    Returns:
        The run, with the model.

    Raises:
        UserError: the model holds a type of a library that is not trusted, or that would not be found where
            the model is loaded.
    """
    import mlflow

    types = trusted_types(model)
    libraries = {*_libraries(model), *map(root_of, types)}
    with TemporaryDirectory() as folder, carried(types) as copies:
        requirements = pinned((libraries | copies.libraries()) - copies.roots.keys())
        # made here, since log_model would look for a notebook and a git repository first: half a second
        recorded = run.client.get_run(run.id)
        logged = run.client.create_logged_model(
            recorded.info.experiment_id, name="model", source_run_id=run.id, params=recorded.data.params
        )
        write_json(file := Path(folder) / FILE, known.to_dict())
        mlflow.sklearn.log_model(
            model,
            model_id=logged.model_id,
            signature=signature(features, model),
            input_example=known.example(),
            pip_requirements=requirements,
            code_paths=copies.paths or None,
            skops_trusted_types=[copies.name_of(name) for name in types],
            metadata={"md5": md5, KEY: json.dumps(known.to_dict(), ensure_ascii=False)},
            extra_files=[str(file)],
        )
    run.client.set_tag(run.id, MODEL_ID, logged.model_id)
    return replace(run, model_id=str(logged.model_id))


def is_stored(client: "MlflowClient", model_id: str) -> bool:
    """Tell whether the store has a logged model, and its files."""
    from mlflow.exceptions import MlflowException

    if not model_id:
        return False
    try:
        client.get_logged_model(model_id)
        return bool(client.list_logged_model_artifacts(model_id))
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return False
        raise


def signature(features: "pd.DataFrame", model: "Pipeline") -> "ModelSignature":
    """Name the model's columns, and the type of what it predicts.

    The inputs' type is `any`: a declared double refuses whole numbers, a string an empty cell, a long a
    gap. The pipeline takes all of them. What the columns are is in the metadata: see `columns`.
    """
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types.schema import AnyType, ColSpec, Schema

    inputs = Schema([ColSpec(AnyType(), name, required=True) for name in features.columns])
    predicted: Any = model.predict(features.head(5)).tolist()
    return ModelSignature(inputs=inputs, outputs=infer_signature(model_output=predicted).outputs)


def trusted_types(model: "Pipeline") -> list[str]:
    """List the types in a model that skops wants named, of this project and its model's library.

    Raises:
        UserError: there are types of other libraries.
    """
    from skops.io import dumps, get_untrusted_types

    types: list[str] = get_untrusted_types(data=dumps(model))
    roots = {*TRUSTED, *trusted_libraries(), *_libraries(model), *map(root_of, own_modules(types))}
    strange = [name for name in types if root_of(name) not in roots and name not in CONTAINERS]
    if strange:
        raise UserError(
            f"the model holds types that are not trusted to be loaded: {', '.join(strange)}; "
            "if they should be, add their library to the list `trusted` under [tool.engine] in pyproject.toml"
        )
    return types


def _libraries(model: "Pipeline") -> set[str]:
    """Name the modules, at the root, of the model's class and of those that it is derived from."""
    from ..fitting.adapter import inner

    roots = {root_of(cls.__module__) for cls in type(inner(model)).__mro__}
    return roots - sys.stdlib_module_names  # object is of builtins, and so is eval
