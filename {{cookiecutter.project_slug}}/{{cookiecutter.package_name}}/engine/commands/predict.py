"""Predict the rows of a file of any length with a version of the model.

INPUT has the format of the file at data.path: CSV, parquet, a workbook or JSON. It has the columns that the
model takes, and may have others. Each cell is read as in training. OUTPUT is CSV or parquet, by its name: the
columns of INPUT, `predicted`, and for a classifier the probability of each class.

A row that cannot be predicted (a word where a number should be, a missing value where no training row lacked
one) is left out, and is written with the reason to a file beside OUTPUT: OUTPUT.rejects.csv.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from ..base import console
from ..base.errors import UserError
from ..project import load_params
from ..registry.predictor import TRAINED, Predictor
from ..registry.registry import CHAMPION
from ..scoring.batch import Batch
from ..scoring.expected import Expected
from ..scoring.writing import ENDINGS, check_name, sidecar, write_sidecar
from ..table.lines import ending
from ..tracking import store
from ..tracking.models import import_skops


def add_arguments(parser: ArgumentParser) -> None:
    """Add the files and the model."""
    parser.add_argument("input", type=Path, metavar="INPUT")
    parser.add_argument(
        "output",
        type=Path,
        nargs="?",
        metavar="OUTPUT",
        help=f"ends with {', '.join(ENDINGS)} (default: INPUT's name, with .predicted in it)",
    )
    parser.add_argument(
        "--model",
        default=f"@{CHAMPION}",
        help=f"a version: 3, @challenger; a run's id; or `{TRAINED}`, for what the last `train` made "
        f"(default: @{CHAMPION})",
    )
    parser.add_argument(
        "--keep",
        nargs="*",
        metavar="COLUMN",
        help="columns of INPUT that go into OUTPUT (default: all; with no name: none)",
    )
    parser.add_argument(
        "--allow-missing",
        action="store_true",
        help="also predict rows that lack a value which no training row lacked",
    )
    parser.add_argument(
        "--strict", action="store_true", help="stop at a row that cannot be predicted, and write nothing"
    )


def main(arguments: Namespace) -> None:
    """Run the command."""
    source: Path = arguments.input
    output = arguments.output or _beside(source)
    rejects = output.with_name(f"{output.name}.rejects.csv")
    check_name(output)
    for written in (output, rejects, sidecar(output)):
        if written.resolve() == source.resolve():
            raise UserError(f"{written}: is INPUT, and would be overwritten; give OUTPUT another name")
    import_skops()
    with store.opened() as client:
        params = load_params()
        model = Predictor.find(client, params.register_.name, arguments.model)
        expected = Expected.of(model.known, params.data)
        with console.counting("predicting {:,} rows") as progress:
            batch = Batch(
                source,
                expected,
                model.predict,
                arguments.keep and [*dict.fromkeys(arguments.keep)],
                arguments.allow_missing,
                arguments.strict,
                progress,
            )
            metadata: dict[str, Any] = {**model.identity, "input": source.name}
            batch.write(output, rejects, metadata)
    write_sidecar(output, metadata)
    console.summary("predict", {"model": model.named, **_result(batch, output, rejects)})


def _beside(source: Path) -> Path:
    """Return the default path of the predictions for the rows of a file."""
    stem = source.name.removesuffix(".gz")
    compressed = ".gz" if stem != source.name else ""
    kind = ".parquet" if ending(source) == ".parquet" else f".csv{compressed}"
    return source.with_name(f"{Path(stem).stem}.predicted{kind}")


def _result(batch: Batch, output: Path, rejects: Path) -> dict[str, object]:
    result: dict[str, object] = {"rows": f"{batch.rows - batch.rejected:,} of {batch.rows:,} predicted"}
    if batch.rejected:
        result["warning"] = f"{batch.rejected:,} rows cannot be predicted; {rejects} says why"
    if batch.unseen:
        cells = ", ".join(f"{name} {count:,}" for name, count in batch.unseen.items())
        result["categories that no training row had"] = cells
    return result | {"output": output, **({"its model": sidecar(output)} if sidecar(output).exists() else {})}
