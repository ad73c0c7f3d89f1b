"""Running a stage: hashing and reading begin at once, while the stage's libraries are imported."""

from contextlib import ExitStack

from . import project
from .storage import linked

LOGGING = ("validate", "train", "evaluate")  # the stages that always need the tracking store


def needs_libraries(name: str) -> bool:
    """Tell whether a stage needs large libraries; register does not if everything is registered."""
    if name == "register":
        from .registration import receipt

        return receipt.read() is None
    return True


def run(name: str) -> None:
    """Run a stage; it fails if something that it depends on changes meanwhile.

    Args:
        name: the stage's name, which is also its module's name.

    Raises:
        UserError: a mistake in the data, the parameters or the environment.
    """
    if name in ("validate", "register"):  # the first, and the one that always runs
        linked.copy_linked()
    with ExitStack() as stack:
        if name != "register":  # `register` checks this itself, once it knows that it has something to do
            from .lineage import snapshot

            stack.enter_context(snapshot.unchanged(name))
        if name in LOGGING:
            from .tracking import store

            store.set_environment()
            _begin(name)
            store.close_abandoned_runs(stack.enter_context(store.opened()))
        project.stage(name)()


def _begin(name: str) -> None:
    """Check the parameters, and begin to hash and read the stage's data on another core."""
    # not at the top: a `register` with nothing to do does not need NumPy
    from .base import hashing
    from .base.paths import VALIDATED
    from .judging.checks import begin_to_check, check_metrics
    from .project import load_params
    from .split.dataset import Dataset
    from .table.reading import begin_to_read

    params = load_params()
    if name == "validate":
        hashing.begin_to_hash(params.data.path)
        begin_to_read(params)
        begin_to_check(params)
        return
    check_metrics(params)
    hashing.begin_to_hash(params.data.path, VALIDATED)
    if name == "train":
        from .tracking.models import import_skops

        import_skops()
    Dataset.begin(params)
