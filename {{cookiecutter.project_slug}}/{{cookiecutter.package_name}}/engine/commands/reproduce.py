"""Make a recorded run again, and say whether the result is the same.

In a temporary folder: checks out the run's commit (or one with the same files, if that was rewritten since)
and its uncommitted changes, restores its params.yaml, gets its data by their md5 (from DVC's cache, the
workspace, the remote or where they were imported from), runs the pipeline to `evaluate`, and compares every
metric but latency_ms, and the predictions of every test row, with the recorded ones, without tolerance. The
workspace and the tracking store stay as they are, but for the run's tag `reproduced` with date and verdict.

Exit code: 0 identical, 1 something differs, 2 it could not be found out (one line says why).
"""

import json
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..base import console
from ..base.errors import UserError, refusals_as_user_errors
from ..base.paths import METRICS, PARAMS, project_root
from ..base.text import masked
from ..lineage.versions import installed
from ..registry.lookup import find_run
from ..reproduction.code import code_of
from ..reproduction.comparison import Comparison, compare
from ..reproduction.inputs import provide, wanted
from ..reproduction.scratch import checked_out
from ..tracking import recipes, results, store

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

TARGET = "evaluate"  # the last stage to run: the next one is about the registry of now


def add_arguments(parser: ArgumentParser) -> None:
    """Name the run."""
    parser.add_argument("run", help="a run's id or its first digits, or a version of the model: 3, @champion")


def main(arguments: Namespace) -> None:
    """Run the command."""
    try:
        with refusals_as_user_errors():
            identical = judge(arguments.run)
    except (UserError, KeyboardInterrupt) as error:  # not 1, which says that something differs
        print(masked(f"error: {str(error) or 'interrupted'}"), file=sys.stderr)
        sys.exit(2)
    sys.exit(0 if identical else 1)


def judge(name: str) -> bool:
    """Make a run again, print the verdict and note it on the run.

    Returns:
        Whether the results are identical.

    Raises:
        UserError: there is no such run, or it cannot be made again; the latter is noted, too.
    """
    with store.opened() as client:
        run = find_run(client, name)
        try:
            comparison, notes = reproduce(client, run)
        except UserError as error:
            results.log_verdict(client, run, f"cannot be reproduced: {error}")
            raise
        found = differences(comparison)
        results.log_verdict(client, run, f"differs: {', '.join(found)}" if found else "identical")
        equal = {} if comparison.rows else {"predictions": f"all {comparison.of_rows} rows are equal"}
        equal["metrics"] = (
            f"{comparison.compared - len(comparison.metrics)} of {comparison.compared} are equal"
        )
        verdict = "something differs" if found else "identical"
        console.summary(f"reproduce: {verdict}", {"run": run.info.run_name, **found, **equal, **notes})
        return not found


def reproduce(client: "MlflowClient", run: "Run") -> tuple[Comparison, dict[str, str]]:
    """Make a run again from what it recorded.

    Returns:
        How the results compare, and what else is not as it was: a reason, if they differ.

    Raises:
        UserError: it cannot be done; says why.
    """
    recipe, was = recipes.read_recipe(client, run), results.read_result(client, run)
    root, code = project_root(), code_of(recipe)
    with checked_out(root, code.commit) as scratch:
        scratch.apply(code.diff)
        (scratch.project / PARAMS).write_bytes(recipe.params)
        changed = provide(scratch, root, wanted(scratch.project, recipe))
        with console.working(f"running the pipeline as of {recipe.commit[:7]}"):
            try:
                scratch.run_pipeline(TARGET)
            except UserError as error:
                lacks = f"; its record lacks {recipe.left_out}" if recipe.left_out else ""
                raise UserError(f"{error}{lacks}") from None
        made = json.loads((scratch.project / METRICS).read_text(encoding="utf-8"))
        now = results.read_result_in(scratch.tracking_uri, made["run_id"])

    present = installed()
    notes = dict.fromkeys(changed, "is not as recorded, and not to be had")
    if recipe.left_out:
        inexact = "; so this cannot be exact" if recipe.lacks else ""
        notes["left out of the record"] = f"{recipe.left_out}{inexact}"
    if code.note:
        notes["code"] = code.note
    for name, version in recipe.versions.items():
        if present.get(name) != version:
            notes[name] = f"{present.get(name)}, recorded {version}"
    return compare(was, now), notes


def differences(comparison: Comparison) -> dict[str, str]:
    """Describe what differs, by its name: the predictions, then each metric."""
    found = {}
    if comparison.rows:
        how_far = f", numbers by up to {comparison.largest:.3g}" if comparison.largest else ""
        found["predictions"] = f"{comparison.rows} of {comparison.of_rows} rows differ{how_far}"
    for name, (was, now) in comparison.metrics.items():
        found[name] = f"{now}, recorded {was}"
    return found
