"""Which libraries the stages need: in groups, in the order in which they are imported.

The first stage waits for this module, so it imports others of the package only when their turn comes.
"""

from collections.abc import Callable
from importlib import import_module

from ..base import lazy
from ..base.paths import PACKAGE

# SciPy's functions first: skops looks for the module of each in all modules, in the order of their import
TABLES = (
    "numpy",
    "scipy.special",
    "pandas",
    "pyarrow.csv",
    "pyarrow.parquet",
    "threadpoolctl",
    "pydantic",
    "ruamel.yaml",
)
RECORDS = ("dotenv", "filelock", "pyarrow.pandas_compat", "mlflow", "mlflow.sklearn")
# their libraries import these, and those with an underscore, when they are first used
TRACING = ("mlflow.tracing.processor.base_mlflow", "mlflow.tracing.processor.otel")
LOCAL_STORE = (
    "alembic.config",
    "sqlalchemy.dialects.sqlite",
    "mlflow.store.tracking.sqlalchemy_workspace_store",
    "mlflow.store.model_registry.sqlalchemy_workspace_store",
)
MODELS = (
    "mlflow.pyfunc",
    "mlflow.models.display_utils",
    "narwhals._pandas_like.namespace",
    "narwhals._interchange.dataframe",
    "narwhals.stable.v2._namespace",
)
PICTURES = (
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "pandas.core.reshape.reshape",
    *(f"PIL.{kind}ImagePlugin" for kind in ("Bmp", "Gif", "Jpeg", "Ppm")),
)

CHECK = f"{PACKAGE}.engine.judging.checks"  # of the model's parameters, beside validate
NEEDED = {  # by a stage or module, in the order of the pipeline
    "validate": (
        "tables",
        "records",
    ),  # it imports Great Expectations itself, beside the helper's next groups
    CHECK: ("tables", "records", "models"),
    "train": ("tables", "records", "models"),
    "evaluate": ("tables", "records", "models", "pictures"),
    "register": ("tables", "records", "models"),
}
_loaded: set[str] = set()


def needed_from(stage: str) -> list[str]:
    """List the groups to load: those of a stage, then those of the stage after it.

    What only a later stage needs is loaded during the next one, and takes no memory during this one. A stage
    of the user's own needs none: it imports what it uses.
    """
    stages = list(NEEDED)
    soon = stages[stages.index(stage) :][:2] if stage in stages else []
    groups = dict.fromkeys(group for name in soon for group in NEEDED[name])
    return [group for group in groups if group not in _loaded]


def load(group: str) -> None:
    """Import the libraries of a group.

    Raises:
        Exception: whatever a library raises when it is imported.
    """
    with lazy.documentation():
        GROUPS[group]()
    _loaded.add(group)


def _import(*names: str) -> None:
    """Import modules; one that this version of its library lacks is left to the code that needs it."""
    for name in names:
        try:
            import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise


def _import_records() -> None:
    _import(*RECORDS, *TRACING)
    from ..tracking import address
    from ..tracking.local_store import local_database

    if local_database(address.tracking_uri()):
        _import(*LOCAL_STORE)


def _import_models() -> None:
    from ..tracking.models import import_skops

    import_skops()
    _import(*MODELS)


GROUPS: dict[str, Callable[[], None]] = {
    "tables": lambda: _import(*TABLES),
    "records": _import_records,
    "models": _import_models,
    "pictures": lambda: _import(*PICTURES),
}
