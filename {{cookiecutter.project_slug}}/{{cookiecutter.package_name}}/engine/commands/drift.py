"""Compare new data with the data that a model was trained on.

It compares each column, the target if it is known, and the predictions: by the population stability index
(PSI), the share of missing values, and new categories. The block `drift` of params.yaml says how large these
may be; docs/drift.md has the formulae. It writes a page with the distributions, and logs a run in the
tracking store.

Exit code: 0 no drift, 3 drift, 1 an error.
"""

import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime
from pathlib import Path

from ..base import console
from ..base.errors import UserError
from ..base.files import write_text
from ..base.paths import DRIFT
from ..drift.column import DRIFT as DRIFTED
from ..drift.page import page
from ..project import load_params
from ..registry.described import Described
from ..registry.past import look, past_of
from ..registry.registry import CHAMPION, Registry
from ..tracking import store
from ..tracking.drift_run import log_drift
from ..tracking.links import print_url
from ..tracking.models import import_skops
from .options import add_json, print_json

EXIT_CODE = 3  # if there is drift


def add_arguments(parser: ArgumentParser) -> None:
    """Add the new data, what it is compared with, and where the page goes."""
    parser.add_argument(
        "new_data",
        type=Path,
        metavar="NEW_DATA",
        help="a file in the format of the file at data.path, or a folder of requests that `serve` has kept",
    )
    parser.add_argument(
        "--reference",
        default=f"@{CHAMPION}",
        help=f"a version of the model (3, @challenger), or a file (default: @{CHAMPION})",
    )
    parser.add_argument(
        "--model",
        help=f"the version that predicts (default: the one in --reference; if that is a file, @{CHAMPION})",
    )
    parser.add_argument("--output", type=Path, default=DRIFT, metavar="FILE", help=f"default: {DRIFT}")
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    import_skops()
    with store.opened() as client:
        params = load_params()
        if Path(arguments.reference).is_dir():
            raise UserError(f"{arguments.reference}: is a folder; compare with a version or a file")
        models = Registry(client, params.register_.name)
        past = past_of(*chosen(models, arguments.reference, arguments.model), params)
        with console.working(f"comparing {arguments.new_data} with {past.name}"):
            result, table = look(past, params, arguments.new_data)
        now, shown = datetime.now(), params.data.show_values
        write_text(arguments.output, page(result, True, now))
        content, logged = result.to_dict(shown), page(result, shown, now)
        run = log_drift(client, result.path, table, content, logged, past.model_id)
    if arguments.json:
        print_json(content)
    else:
        console.table(f"drift: {result.sentence}", result.table_rows())
        console.summary("", {**result.lines(), "page": arguments.output})
        print_url(run)
    if result.verdict == DRIFTED:
        sys.exit(EXIT_CODE)


def chosen(models: Registry, reference: str, model: str | None) -> tuple[Described | Path, Described | None]:
    """Return what new rows are compared with, and the model whose predictions are compared.

    Raises:
        UserError: there is no such version.
    """
    if reference.startswith("@") or reference.isdecimal():
        described = Described(models.version(reference))
        return described, Described(models.version(model)) if model else described
    if model:
        return Path(reference), Described(models.version(model))
    champion = models.with_alias(CHAMPION)
    return Path(reference), Described(champion) if champion else None
