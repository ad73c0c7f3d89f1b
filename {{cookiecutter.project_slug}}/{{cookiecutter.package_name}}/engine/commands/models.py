"""List the versions of the registered model, the newest first."""

import json
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from typing import Any

from ..base import console
from ..project import load_params
from ..registry.lost import deleted_experiments, lost, runs_of
from ..registry.registry import ARCHIVED, Registry
from ..tracking import store


def add_arguments(parser: ArgumentParser) -> None:
    """Take the form of the output."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        params = load_params()
        metric = params.evaluate.primary_metric
        found = versions(Registry(client, params.register_.name), metric)
        if arguments.json:
            print(json.dumps(found, indent=2, ensure_ascii=False))
            return
        console.table(f"{params.register_.name}: versions", [shown(row) for row in found])
        for row in found:
            if row["lost"]:
                print(f"version {row['version']}: {row['lost']}")


def shown(row: dict[str, Any]) -> dict[str, object]:
    """Lay a version out as a row of a table; a commit that does not have all of its code is marked."""
    short = {"when": 16, "commit": 7, "data_md5": 7}
    edited = {"true": " + edits", "unknown": " + ?"}.get(row["dirty"], "")
    cells = {name: value[: short[name]] if name in short else value for name, value in row.items()}
    cells["aliases"] = row["aliases"] or ("archived" if row["archived"] else "")
    cells["commit"] += edited if row["commit"] else ""
    return {name: cell for name, cell in cells.items() if name not in ("archived", "dirty", "lost")}


def versions(models: Registry, metric: str) -> list[dict[str, Any]]:
    """Describe every version; `metric` is the one to be shown."""
    found = models.versions()
    runs, deleted = runs_of(models.client, found), deleted_experiments(models.client)
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
            "lost": lost(version, runs.get(version.run_id), deleted),
        }
        for version in found
    ]
