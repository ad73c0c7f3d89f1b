"""The versions of the registered model as a list to show: each with its metric, and what it was made from."""

from datetime import UTC, datetime
from typing import Any

from .lost import deleted_experiments, runs_of, why_lost
from .registry import ARCHIVED, Registry


def versions(models: Registry, metric: str) -> list[dict[str, Any]]:
    """Describe every version, the newest first.

    Args:
        models: the registered model's versions.
        metric: the one to list.
    """
    listed = models.versions()
    runs, deleted = runs_of(models.client, listed), deleted_experiments(models.client)
    return [
        {
            "version": str(version.version),
            "aliases": " ".join(f"@{alias}" for alias in version.aliases),
            metric: runs[version.run_id].data.metrics.get(metric) if version.run_id in runs else None,
            "who": version.tags.get("user", ""),
            "when": f"{datetime.fromtimestamp(version.creation_timestamp / 1000, UTC):%Y-%m-%d %H:%M:%S}",
            "commit": version.tags.get("git.commit", ""),
            "dirty": version.tags.get("git.dirty", "unknown"),
            "data_md5": version.tags.get("data.md5", ""),
            "archived": version.tags.get(ARCHIVED, ""),
            "lost": why_lost(version, runs.get(version.run_id), deleted),
        }
        for version in listed
    ]
