"""List the versions of the registered model, the newest first."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from typing import Any

from ..base import console
from ..project import load_params
from ..registry.lost import deleted_experiments, runs_of, why_lost
from ..registry.registry import ARCHIVED, Registry
from ..tracking import store
from .options import add_json, print_json


def add_arguments(parser: ArgumentParser) -> None:
    """Add the form of the output."""
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        params = load_params()
        metric = params.evaluate.primary_metric
        rows = versions(Registry(client, params.register_.name), metric)
        if arguments.json:
            print_json(rows)
            return
        console.table(f"{params.register_.name}: versions", [table_row(row) for row in rows])
        for row in rows:
            if row["lost"]:
                print(f"version {row['version']}: {row['lost']}")


def table_row(row: dict[str, Any]) -> dict[str, object]:
    """Shorten a version to a row of a table; a commit that does not have all of its code is marked."""
    short = {"when": 16, "commit": 7, "data_md5": 7}
    edited = {"true": " + edits", "unknown": " + ?"}.get(row["dirty"], "")
    cells = {name: value[: short[name]] if name in short else value for name, value in row.items()}
    cells["aliases"] = row["aliases"] or ("archived" if row["archived"] else "")
    cells["commit"] += edited if row["commit"] else ""
    return {name: cell for name, cell in cells.items() if name not in ("archived", "dirty", "lost")}


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
