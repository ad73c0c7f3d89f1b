"""What register adds to a run's description: the gates, and the champion's metrics beside the run's own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..registry.lost import runs_of
from ..registry.predecessors import Predecessors
from ..registry.registry import CHAMPION
from ..tracking.notes import Judged

if TYPE_CHECKING:
    from mlflow import MlflowClient


def judged(
    client: "MlflowClient", before: Predecessors, gates: Sequence[dict[str, Any]], outcome: str = ""
) -> Judged:
    """Return what is added.

    Args:
        client: the store's client.
        before: the versions that had an alias.
        gates: the model's gates with their verdicts.
        outcome: what became of the model, in a sentence.
    """
    champion = before.versions[CHAMPION]
    if champion is None or before.champion is None:  # none, or this very model
        return Judged(gates, outcome=outcome)
    run = runs_of(client, [champion]).get(champion.run_id)
    return Judged(gates, f"version {champion.version}", run.data.metrics if run else {}, outcome)
