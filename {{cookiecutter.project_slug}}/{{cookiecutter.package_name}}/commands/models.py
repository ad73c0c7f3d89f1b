"""List the versions of the registered model, the newest first."""

import json
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from typing import Any

from .. import console
from ..params import load_params
from ..tracking import store
from ..tracking.registry import ARCHIVED, Registry


def add_arguments(parser: ArgumentParser) -> None:
    """Take the form of the output."""
    parser.add_argument("--json", action="store_true", help="print JSON")


@store.opened()
def main(arguments: Namespace) -> None:
    """Run the command."""
    params = load_params()
    metric = params.evaluate.primary_metric
    found = versions(Registry(store.connect(), params.register_.name), metric)
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    short = {"when": 16, "commit": 7, "data_md5": 7}
    rows = [
        {name: row[name][: short[name]] if name in short else row[name] for name in row if name != "archived"}
        | {"aliases": row["aliases"] or ("archived" if row["archived"] else "")}
        for row in found
    ]
    console.table(f"{params.register_.name}: versions", rows)


def versions(models: Registry, metric: str) -> list[dict[str, Any]]:
    """Describe every version; `metric` is the one to be shown."""
    found = models.versions()
    measured = models.measured(found, metric)
    return [
        {
            "version": str(version.version),
            "aliases": " ".join(f"@{alias}" for alias in version.aliases),
            metric: measured.get(version.run_id),
            "who": version.tags.get("user", ""),
            "when": f"{datetime.fromtimestamp(version.creation_timestamp / 1000, UTC):%Y-%m-%d %H:%M:%S}",
            "commit": version.tags.get("git.commit", ""),
            "data_md5": version.tags.get("data.md5", ""),
            "archived": version.tags.get(ARCHIVED, ""),
        }
        for version in found
    ]
