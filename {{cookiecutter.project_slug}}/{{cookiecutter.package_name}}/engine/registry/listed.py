"""The versions of the registered model as a list to show, each with its metric and what it was made from."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .lost import deleted_experiments, runs_of, why_lost
from .names import ARCHIVED

if TYPE_CHECKING:
    from .registry import Registry


def versions(models: "Registry", metric: str) -> list[dict[str, Any]]:
    """Describe every version, the newest first.

    Args:
        models: the registered model's versions.
        metric: the metric to list.
    """
    listed = models.versions()
    runs, deleted = runs_of(models.client, listed), deleted_experiments(models.client)
    return [
        row(
            str(version.version),
            version.aliases,
            version.creation_timestamp,
            version.tags,
            {metric: runs[version.run_id].data.metrics.get(metric) if version.run_id in runs else None},
            why_lost(version, runs.get(version.run_id), deleted),
        )
        for version in listed
    ]


def row(
    number: str,
    aliases: Iterable[str],
    created: int,
    tags: Mapping[str, str],
    measured: Mapping[str, float | None],
    lost: str,
) -> dict[str, Any]:
    """Describe a version.

    Args:
        number: the version's number.
        aliases: its aliases, sorted.
        created: the time in milliseconds since 1970.
        tags: its tags.
        measured: the metric that is listed, by its name.
        lost: why its run is lost; empty if it is not.
    """
    return {
        "version": number,
        "aliases": " ".join(f"@{alias}" for alias in aliases),
        "type": tags.get("model.type", ""),
        **measured,
        "who": tags.get("user", ""),
        "when": f"{datetime.fromtimestamp(created / 1000, UTC):%Y-%m-%d %H:%M:%S}",
        "commit": tags.get("git.commit", ""),
        "dirty": tags.get("git.dirty", "unknown"),
        "data_md5": tags.get("data.md5", ""),
        "archived": tags.get(ARCHIVED, ""),
        "lost": lost,
    }
