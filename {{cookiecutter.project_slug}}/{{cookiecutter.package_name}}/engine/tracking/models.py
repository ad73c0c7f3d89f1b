"""Models in MLflow: logged so that they can be loaded anywhere and found by their content."""

import json
import re
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
from .absence import is_absent
from .carried import carried
from .columns import FILE, KEY, Known
from .copies import root_of
from .requirements import pinned
from .run import Run
from .unchecked import unchecked

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature
    from sklearn.pipeline import Pipeline

NOT_IN_NAMES = re.compile(r"[/:.%\"']")  # the characters that MLflow refuses in the name of a logged model
MODEL_ID = "model.id"  # the tag of a run with the id of its logged model
TRUSTED = ("sklearn", "numpy", "scipy", "functools")  # packages whose types every model may hold
CONTAINERS = ("collections.OrderedDict",)  # LightGBM's; its content is checked like everything else


def import_skops() -> None:
    """Import skops, which `log_model` needs; call this before MLflow is imported.

    When skops is imported, it goes through all modules imported so far, and imports all of scikit-learn's
    modules to find the estimators. Some that have none would import Dask and pytest, which takes a quarter of
    a second.
    """
    with lazy.without("dask", "pytest"):
        import skops.io  # noqa: F401


def log_model(run: Run, model: "Pipeline", features: "pd.DataFrame", known: Known, md5: str) -> Run:
    """Log a fitted pipeline in the skops format, which loads only types that are listed.

    Its requirements are pinned here: MLflow's own search for them takes seconds, and lists everything
        imported.

    Args:
        run: the active run.
        model: the pipeline, fitted.
        features: n rows with the columns that the model uses; five rows are enough.
        known: a description of these columns; its examples become the input example.
        md5: DVC's md5 of the model file, which identifies the model's content.

    Returns:
        The run, with the model's id.

    Raises:
        UserError: the model holds a type that is not trusted, or that would not be found where it is loaded.
    """
    import mlflow

    types = trusted_types(model)
    libraries = {*_libraries(model), *map(root_of, types)}
    with TemporaryDirectory() as folder, carried(types) as copies, unchecked():
        requirements = pinned((libraries | copies.libraries()) - copies.roots.keys())
        # created here: log_model would look for a notebook and a git repository first, for half a second
        recorded = run.client.get_run(run.id)
        logged = run.client.create_logged_model(
            recorded.info.experiment_id,
            name=NOT_IN_NAMES.sub("-", recorded.info.run_name),
            source_run_id=run.id,
            params=recorded.data.params,
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
    """Tell whether the store has a logged model and its files.

    Args:
        client: the store's client.
        model_id: the id of the logged model; empty if there is none.
    """
    from mlflow.exceptions import MlflowException

    if not model_id:
        return False
    try:
        client.get_logged_model(model_id)
        return bool(client.list_logged_model_artifacts(model_id))
    except MlflowException as error:
        if is_absent(error):
            return False
        raise


def signature(features: "pd.DataFrame", model: "Pipeline") -> "ModelSignature":
    """Return a signature with the names of the model's columns and the type of its predictions.

    The type of each column is `any`, since MLflow refuses an integer in a column of doubles, and a missing
    value in a column of strings or integers. The pipeline accepts all of these. The columns' real types are
    in the model's metadata: see `columns`.
    """
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types.schema import AnyType, ColSpec, Schema

    inputs = Schema([ColSpec(AnyType(), name, required=True) for name in features.columns])
    predicted: Any = model.predict(features.head(5)).tolist()
    return ModelSignature(inputs=inputs, outputs=infer_signature(model_output=predicted).outputs)


def trusted_types(model: "Pipeline") -> list[str]:
    """List the dotted names of the types in a model that skops does not load unless they are listed.

    Raises:
        UserError: one of them belongs to a library that is not trusted.
    """
    from skops.io import dumps, get_untrusted_types

    types: list[str] = get_untrusted_types(data=dumps(model))
    roots = {*TRUSTED, *trusted_libraries(), *_libraries(model), *map(root_of, own_modules(types))}
    untrusted = [name for name in types if root_of(name) not in roots and name not in CONTAINERS]
    if untrusted:
        raise UserError(
            f"the model holds types that are not trusted to be loaded: {', '.join(untrusted)}; "
            "to trust them, add their library to the list `trusted` under [tool.engine] in pyproject.toml"
        )
    return types


def _libraries(model: "Pipeline") -> set[str]:
    """Return the packages of the model's class and of its base classes, without the standard library."""
    from ..fitting.adapter import inner

    roots = {root_of(cls.__module__) for cls in type(inner(model)).__mro__}
    return roots - sys.stdlib_module_names  # builtins has `object`, but it has `eval`, too
