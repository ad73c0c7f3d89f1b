"""List the versions of the registered model, the newest first."""

from argparse import ArgumentParser, Namespace
from typing import Any

from ..base import console
from ..project import load_params
from ..registry.listed import versions
from ..registry.registry import Registry
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
    """Shorten a version to a row of a table; a commit that lacks some of its code is marked."""
    short = {"when": 10, "commit": 7}
    edited = {"true": " + edits", "unknown": " + ?"}.get(row["dirty"], "")
    cells = {name: value[: short[name]] if name in short else value for name, value in row.items()}
    cells["aliases"] = row["aliases"] or ("archived" if row["archived"] else "")
    cells["commit"] += edited if row["commit"] else ""
    hidden = ("archived", "data_md5", "dirty", "lost", "version")  # see --json
    return {"#": row["version"], **{name: cell for name, cell in cells.items() if name not in hidden}}
