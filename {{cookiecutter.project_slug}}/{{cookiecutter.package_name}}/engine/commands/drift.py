"""Compare new data with those that a model has learned from: does it still know what it is asked?

For each column, for the target where it is known, and for the predictions: the population stability index
(PSI), the share of missing values, and categories that are new. The block `drift` of params.yaml says how
large these may be; docs/drift.md has the formulae. Writes a page with the distributions, and a run in the
tracking store.

Exit code: 0 no drift, 3 drift, 1 an error.
"""

import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime
from pathlib import Path

from ..base import console
from ..base.files import write_text
from ..base.paths import DRIFT
from ..drift import before, predictions
from ..drift.comparison import DRIFT as DRIFTED
from ..drift.comparison import compare
from ..drift.page import page
from ..drift.result import Result
from ..drift.rows import ROLES, NewRows, read_new
from ..params import Params
from ..project import load_params
from ..registry.described import Described
from ..registry.registry import CHAMPION, Registry
from ..table.reading import read_raw
from ..table.roles import infer_roles
from ..table.types import to_types
from ..tracking import store
from ..tracking.drift_run import log_drift
from .options import add_json, print_json

EXIT_CODE = 3  # if there is drift


def add_arguments(parser: ArgumentParser) -> None:
    """Add the new data, what they are compared with, and where the page goes."""
    parser.add_argument(
        "new_data", type=Path, metavar="NEW_DATA", help="a file written as that of data.path is"
    )
    parser.add_argument(
        "--reference",
        default=f"@{CHAMPION}",
        help=f"a version of the model (3, @challenger), or a file (default: @{CHAMPION})",
    )
    parser.add_argument(
        "--model",
        help=f"whose predictions are compared (default: that of --reference; beside a file, @{CHAMPION})",
    )
    parser.add_argument("--output", type=Path, default=DRIFT, metavar="FILE", help=f"default: {DRIFT}")
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        params = load_params()
        models = Registry(client, params.register_.name)
        reference, model = chosen(models, arguments.reference, arguments.model)
        result, rows = compare_with(reference, model, params, arguments.new_data)
        now, shown = datetime.now(), params.data.show_values
        write_text(arguments.output, page(result, True, now))
        content, logged = result.to_dict(shown), page(result, shown, now)
        run = log_drift(client, result.path, rows.table, content, logged, model.model_id if model else "")
    if arguments.json:
        print_json(content)
    else:
        console.table(f"drift: {result.sentence}", result.table_rows())
        console.summary("", {**result.lines(), "page": arguments.output, "MLflow run": run})
    if result.verdict == DRIFTED:
        sys.exit(EXIT_CODE)


def chosen(models: Registry, reference: str, model: str | None) -> tuple[Described | Path, Described | None]:
    """Return what new rows are compared with, and the model whose predictions are.

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


def compare_with(
    reference: Described | Path, model: Described | None, params: Params, path: Path
) -> tuple[Result, NewRows]:
    """Compare the rows of a file.

    Args:
        reference: what they are compared with.
        model: whose predictions are compared; None: none.
        params: how a file is written, and the thresholds.
        path: of the file.

    Raises:
        UserError: a file cannot be read, or a version does not say what it was trained on.
    """
    roles, target = (model.roles if model else {}), params.data.target
    if isinstance(reference, Described):
        roles, target = roles | reference.roles, reference.known["target"]["name"]
        was = before.of_known(reference.known, params.split.time)
        predicted = model.predicted if model else {}
    else:
        roles = roles or declared(reference, params)
        old = read_new(reference, params.data, roles, target).table
        was = before.of_table(old, roles, params)
        predicted = predictions.describe(model.predict(old)) if model else {}
    new = read_new(path, params.data, roles, target)
    was = [column for column in was if column.name in new.table.columns]
    counted = [before.count(column, new.table[column.name]) for column in was]
    if model and predicted:
        made = predictions.columns_of(model.predict(new.table))
        of_predictions = [column for column in predictions.before(predicted) if column.name in made]
        counted += [before.count(column, made[column.name]) for column in of_predictions]
        was += of_predictions
    rows = max((column.rows for column in was), default=0)
    notes = new.notes() | (
        {}
        if predicted
        else {"predictions": "the model has not been evaluated" if model else "there is no model"}
    )
    return Result(
        path, len(new.table), str(reference), rows, compare(was, counted, params.drift), params.drift, notes
    ), new


def declared(path: Path, params: Params) -> dict[str, str]:
    """Return the role of each feature in a file, as params.yaml or its cells have it."""
    described = params.model_copy(update={"data": params.data.model_copy(update={"path": path})})
    columns = infer_roles(to_types(read_raw(described), described.data), described.data)
    return {name: role for role in ROLES for name in getattr(columns, role)}
