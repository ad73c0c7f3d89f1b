"""Make a recorded run again, and say whether the result is the same.

In a temporary folder, this command checks out the run's commit (or one with the same files, if the history
was rewritten since), applies its uncommitted changes, restores its params.yaml, gets its data by its md5
(from DVC's cache, the workspace, the remote or where it was imported from), and runs the pipeline up to
`evaluate`. Then it compares every metric except latencies, and the prediction for every test row, with the
recorded ones, without tolerance. The workspace and the tracking store stay as they are, except for the run's
tag `reproduced`, which gets the date and the verdict.

Exit code: 0 the results are identical, 1 something differs, 2 the run could not be made again (a line says
    why).
"""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..base import console
from ..base.errors import UserError
from ..base.faults import refusals_as_user_errors
from ..base.paths import PARAMS, project_root
from ..base.text import masked
from ..lineage.evaluated import read_evaluation
from ..lineage.versions import installed
from ..registry.lookup import find_run
from ..reproduction.code import Code, code_of
from ..reproduction.comparison import Comparison, compare
from ..reproduction.inputs import inputs_of, provide
from ..reproduction.scratch import checked_out
from ..tracking import recipes, results, store

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

TARGET = "evaluate"  # the last stage to run: register depends on the current registry


def add_arguments(parser: ArgumentParser) -> None:
    """Add the run."""
    parser.add_argument("run", help="a run's id or its first digits, or a version of the model: 3, @champion")


def main(arguments: Namespace) -> None:
    """Run the command."""
    try:
        with refusals_as_user_errors():
            identical = verify(arguments.run)
    except (UserError, KeyboardInterrupt) as error:  # exit code 1 would mean that something differs
        print(masked(f"error: {str(error) or 'interrupted'}"), file=sys.stderr)
        sys.exit(2)
    sys.exit(0 if identical else 1)


def verify(name: str) -> bool:
    """Make a run again, print whether the results are identical, and write that into a tag of the run.

    Args:
        name: a run's id or its first digits, or a version of the model.

    Returns:
        Whether the results are identical.

    Raises:
        UserError: there is no such run, or it cannot be made again, which is tagged, too.
    """
    with store.opened() as client:
        run = find_run(client, name)
        try:
            comparison, notes = reproduce(client, run)
        except UserError as error:
            results.log_verdict(client, run, f"cannot be reproduced: {error}")
            raise
        differing = differences(comparison)
        results.log_verdict(client, run, f"differs: {', '.join(differing)}" if differing else "identical")
        equal = {} if comparison.rows else {"predictions": f"all {comparison.of_rows} rows are equal"}
        equal["metrics"] = (
            f"{comparison.compared - len(comparison.metrics)} of {comparison.compared} are equal"
        )
        verdict = "something differs" if differing else "identical"
        console.summary(f"reproduce: {verdict}", {"run": run.info.run_name, **differing, **equal, **notes})
        return not differing


def reproduce(client: "MlflowClient", run: "Run") -> tuple[Comparison, dict[str, str]]:
    """Make a run again from what it recorded.

    Returns:
        How the results compare; and, by name, what could not be restored as it was, and may be why they
        differ.

    Raises:
        UserError: the run cannot be made again; says why.
    """
    recipe, was = recipes.read_recipe(client, run), results.read_result(client, run)
    root, code = project_root(), code_of(recipe)
    with checked_out(root, code.commit) as scratch:
        scratch.apply(code.diff)
        (scratch.project / PARAMS).write_bytes(recipe.params)
        changed = provide(scratch, root, inputs_of(scratch.project, recipe))
        with console.working(f"running the pipeline as of {recipe.commit[:7]}"):
            try:
                scratch.run_pipeline(TARGET)
            except UserError as error:
                lacks = f"; its record lacks {recipe.left_out}" if recipe.left_out else ""
                raise UserError(f"{error}{lacks}") from None
        made = read_evaluation(scratch.project)
        now = results.read_result_in(scratch.tracking_uri, made["run_id"])
    return compare(was, now), _notes(recipe, code, changed)


def _notes(recipe: recipes.Recipe, code: Code, changed: list[str]) -> dict[str, str]:
    """Describe what could not be restored as it was: files, the code, versions of libraries."""
    notes = dict.fromkeys(changed, "is not as recorded, and the recorded version is not available")
    if recipe.left_out:
        inexact = "; so the result cannot be exact" if recipe.lacks else ""
        notes["left out of the record"] = f"{recipe.left_out}{inexact}"
    if code.note:
        notes["code"] = code.note
    present = installed()
    for name, version in recipe.versions.items():
        if present.get(name) != version:
            notes[name] = f"{present.get(name)}, recorded {version}"
    return notes


def differences(comparison: Comparison) -> dict[str, str]:
    """Describe what differs: the predictions first, then each metric by its name."""
    differing = {}
    if comparison.rows:
        how_far = f", numbers by up to {comparison.largest:.3g}" if comparison.largest else ""
        differing["predictions"] = f"{comparison.rows} of {comparison.of_rows} rows differ{how_far}"
    for name, (was, now) in comparison.metrics.items():
        differing[name] = f"{now}, recorded {was}"
    return differing
