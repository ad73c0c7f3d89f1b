"""The evaluated runs that a model is chosen from, with what each costs and which version it became."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..base.errors import UserError
from ..tracking import store
from ..tracking.absence import is_absent
from ..tracking.model_runs import find_run as find_active
from ..tracking.models import MODEL_ID
from ..tracking.records import EVALUATED
from ..tracking.sizes import sizes
from .lookup import find_run
from .registry import CHALLENGER, CHAMPION, Registry

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run


@dataclass(frozen=True)
class Contender:
    """An evaluated run.

    Attributes:
        run_id: its id.
        name: its name.
        type: its model type.
        metrics: by name, including latencies.
        params: what it was made with, as text, by the names of params.yaml.
        data: the md5 of the raw table.
        versions: the aliases of the version that it became: `champion`, `challenger`.
        model_id: its logged model's id; empty if there is none.
        size: the size of the model's files in bytes; None if it is not known.
    """

    run_id: str
    name: str
    type: str
    metrics: Mapping[str, float]
    params: Mapping[str, str]
    data: str
    versions: tuple[str, ...] = ()
    model_id: str = ""
    size: int | None = None

    @property
    def test_rows(self) -> tuple[object, ...]:
        """Return what decides which rows it was tested on: metrics on other rows cannot be compared."""
        names = [name for name in self.params if name.startswith("split.") or name == "data.target"]
        return (self.data, *((name, self.params[name]) for name in sorted(names)))


def named(client: "MlflowClient", names: Sequence[str], model: str) -> list[Contender]:
    """Return the runs that a person named: by an id, its first digits, or a version.

    Args:
        client: the store's client.
        names: the names of the runs.
        model: the name of the registered model.

    Raises:
        UserError: there is no such run, or it has not been evaluated.
    """
    runs = {run.info.run_id: run for run in (find_run(client, name) for name in names)}
    for run in runs.values():
        if EVALUATED not in run.data.tags:
            run_id, name = run.info.run_id[:8], run.info.run_name
            raise UserError(f"{run_id} ({name}): has not been evaluated; only `evaluate` measures a model")
    return _described(client, list(runs.values()), model)


def last(client: "MlflowClient", count: int, model: str, current: str = "") -> list[Contender]:
    """Return the last evaluated runs, and those of the champion and the challenger; the latest first.

    Args:
        client: the store's client.
        count: the largest number of last runs to return.
        model: the name of the registered model.
        current: the id of a run that comes before all others; empty if there is none.
    """
    experiment = client.get_experiment_by_name(store.experiment_name())
    runs: list[Run] = []
    if experiment is not None:
        runs = client.search_runs(
            [experiment.experiment_id],
            filter_string=f"tags.{EVALUATED} = 'true'",
            max_results=count,
            order_by=["attributes.start_time DESC"],
        )
    found = {run.info.run_id: run for run in runs}
    for run_id in dict.fromkeys([current, *_aliases(client, model)]):
        run = find_active(client, run_id) if run_id and run_id not in found else None
        if run is not None and EVALUATED in run.data.tags:
            found[run_id] = run
    described = _described(client, list(found.values()), model)
    return sorted(described, key=lambda run: run.run_id != current)


def with_sizes(client: "MlflowClient", contenders: Sequence[Contender]) -> list[Contender]:
    """Look up how large the models' files are; on a server, this takes a request for each model."""
    places = {run.run_id: place for run in contenders if (place := _place(client, run.model_id))}
    bytes_of = sizes(places.values())
    return [replace(run, size=bytes_of.get(places.get(run.run_id, ""))) for run in contenders]


def _aliases(client: "MlflowClient", model: str) -> dict[str, tuple[str, ...]]:
    """Return the aliases of the versions in use by the id of the run that each was registered from."""
    registry, aliases = Registry(client, model), dict[str, tuple[str, ...]]()
    for alias in (CHAMPION, CHALLENGER):
        if (version := registry.with_alias(alias)) and version.run_id:
            aliases[version.run_id] = (*aliases.get(version.run_id, ()), alias)
    return aliases


def _described(client: "MlflowClient", runs: "list[Run]", model: str) -> list[Contender]:
    aliases = _aliases(client, model)
    return [
        Contender(
            run_id=run.info.run_id,
            name=run.info.run_name,
            type=run.data.tags.get("model.type", ""),
            metrics=run.data.metrics,
            params=run.data.params,
            data=run.data.tags.get("data.md5", ""),
            versions=aliases.get(run.info.run_id, ()),
            model_id=run.data.tags.get(MODEL_ID, ""),
        )
        for run in runs
    ]


def _place(client: "MlflowClient", model_id: str) -> str:
    """Return where the files of a logged model are; empty if it was deleted, or there never was one."""
    from mlflow.exceptions import MlflowException

    try:
        return str(client.get_logged_model(model_id).artifact_location) if model_id else ""
    except MlflowException as error:
        if is_absent(error):
            return ""
        raise
