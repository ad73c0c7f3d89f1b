"""The libraries that the server of warm.py imports in advance, and the variables that affect the imports."""

import gc
import importlib
import os
import sys
import threading

LIBRARIES = (
    *("dvc.cli.parser", "dvc.repo.open_repo", "dvc.repo.reproduce", "dvc.repo.status", "dvc.repo.checkout"),
    *("dvc.repo.artifacts", "dvc.repo.datasets", "dvc.repo.graph", "dvc.repo.index", "dvc.repo.plots"),
    *("dvc.repo.experiments.run", "dvc.repo.experiments.show", "dvc.repo.experiments.queue.celery"),
    *("dvc.repo.experiments.queue.tempdir", "dvc.repo.experiments.queue.workspace", "dvc.repo.brancher"),
    *("dvc.repo.experiments.executor.local", "dvc.stage.serialize", "dvc.stage.cache", "dvc.data_cloud"),
    *("dvc.dependency", "dvc.output", "dvc.fs.dvc", "dvc_data.index.checkout", "dvc_data.hashfile.status"),
    *(
        "dvc.cachemgr",
        "dvc.utils.hydra",
        "dvc.utils.strictyaml",
        "hydra",
        "omegaconf",
        "networkx",
        "flatten_dict",
    ),
    *("dulwich.porcelain", "scmrepo.git.backend.pygit2.filter", "scmrepo.git.backend.pygit2.callbacks"),
    *("mlflow.sklearn", "mlflow.pyfunc", "mlflow.pyfunc.scoring_server", "mlflow.tracking.client"),
    *("mlflow.data.pandas_dataset", "mlflow.models.display_utils", "mlflow.utils.search_logged_model_utils"),
    *("mlflow.store.tracking.sqlalchemy_workspace_store", "mlflow.store.db.utils", "alembic.command"),
    *("mlflow.store.model_registry.sqlalchemy_workspace_store", "mlflow.tracing.processor.otel"),
    *("mlflow.tracing.export", "opentelemetry.sdk.metrics", "dotenv", "filelock", "psutil"),
    *("sklearn.ensemble", "sklearn.linear_model", "sklearn.compose", "sklearn.dummy", "sklearn.inspection"),
    *("skops.io", "optuna", "optuna.storages", "great_expectations", "great_expectations.expectations.core"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "pandas", "pyarrow.parquet", "pyarrow.csv"),
    *("pyarrow.pandas_compat", "narwhals.stable.v2", "rich.console", "rich.status", "ruamel.yaml"),
)
# the variables that a project's own programs set before they import
SET = {
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
}
# variables that libraries read when they are imported: a program with other values cannot run in a child
READ = ("PYTHON", "LC_", "LANG", "OMP_", "OPENBLAS_", "MKL_", "MPL", "GX_", "MLFLOW_LOGGING", "HOME", "TZ")


def read(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**SET, **environment}.items() if name.startswith(READ)}


def load() -> None:
    """Import the libraries in the same way as a project's own programs."""
    gc.disable()
    before = dict(os.environ)
    os.environ |= SET
    for name in LIBRARIES:
        importlib.import_module(name)
    os.environ.clear()
    os.environ.update(before)
    if threading.active_count() > 1:
        sys.exit(f"a library has started threads, which a fork loses: {threading.enumerate()}")
    gc.collect()
    gc.freeze()
