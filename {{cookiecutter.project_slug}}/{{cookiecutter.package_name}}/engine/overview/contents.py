"""What a tracking store holds, as far as this account may see it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..tracking import sizes
from ..tracking.pages import all_pages

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment, LoggedModel, Run
    from mlflow.entities.model_registry import ModelVersion


@dataclass(frozen=True)
class Contents:
    """All that this account may see in a store.

    Attributes:
        experiments: by id; the active ones.
        runs: by id; the active ones.
        models: the logged models.
        versions: the versions of all registered models.
        aliases: each version's aliases, by model and version number.
    """

    experiments: "Mapping[str, Experiment]"
    runs: "Mapping[str, Run]"
    models: "list[LoggedModel]"
    versions: "list[ModelVersion]"
    aliases: Mapping[tuple[str, str], list[str]]


def contents(client: "MlflowClient") -> Contents:
    """Read the records of a store, page by page."""
    experiments = {e.experiment_id: e for e in all_pages(client.search_experiments)}
    runs: dict[str, Run] = {}
    models: list[LoggedModel] = []
    for id in experiments:
        of_experiment = all_pages(client.search_runs, experiment_ids=[id], max_results=1000)
        runs |= {run.info.run_id: run for run in of_experiment}
        models += all_pages(client.search_logged_models, experiment_ids=[id])
    aliases: dict[tuple[str, str], list[str]] = defaultdict(list)
    for model in all_pages(client.search_registered_models):
        for alias, number in model.aliases.items():
            aliases[model.name, str(number)].append(alias)
    return Contents(experiments, runs, models, all_pages(client.search_model_versions), aliases)


def sizes_of(kept: Contents) -> dict[str, int | None]:
    """Return the bytes of the files of each run and logged model by id; None if they cannot be seen."""
    places = {run.info.run_id: run.info.artifact_uri for run in kept.runs.values()}
    places |= {model.model_id: model.artifact_location for model in kept.models}
    of_places = sizes.sizes(places.values())
    return {id: of_places[place] for id, place in places.items()}
