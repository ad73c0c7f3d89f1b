"""The register stage: it writes the decision, which is the previous one if nothing has changed."""

import os

from ..base import console
from ..base.files import write_json
from ..base.paths import PACKAGE, REGISTRATION
from ..project import load_params
from . import receipt
from .decision import REGISTERED, SKIPPED, Decision, gates_table


def register() -> dict[str, object]:
    """Make the model a version of the registered model, if it passes the gates.

    Does nothing in a DVC experiment: a search of a hundred trials must not register a hundred versions. On a
    server that a team shares it only judges, unless it runs in a CI job: see `decide.may_register`.

    Returns:
        What the stage's summary shows.

    Raises:
        UserError: an earlier stage has not run; params.yaml has a mistake; the store cannot be used.
    """
    is_new = False
    if experiment := os.environ.get("DVC_EXP_NAME"):
        how = f"an experiment; `python -m {PACKAGE} apply {experiment}` registers its model"
        decision = Decision(SKIPPED, load_params().register_.name, [how])
    elif earlier := receipt.read():
        decision = earlier.decision
    else:
        from .decide import (
            decide,  # imports all the libraries that judging and registering need
        )

        decision, is_new = decide()
    write_json(REGISTRATION, decision._asdict())
    if decision.gates:
        console.table("register: the gates", gates_table(decision.gates))
    return _lines(decision, is_new)


def _lines(decision: Decision, is_new: bool) -> dict[str, object]:
    alias = f" @{decision.alias}" if decision.alias else ""
    version = f"version {decision.version}{alias}" if decision.version else "gets no new version"
    if decision.decision == SKIPPED:
        return {SKIPPED: "; ".join(decision.reasons)}
    failed = {gate["name"] for gate in decision.gates if gate["passed"] is False}
    # a failed gate is in the table above
    notes = [reason for reason in decision.reasons if reason.partition(": ")[0] not in failed]
    repeated = decision.decision == REGISTERED and not is_new
    verb = f"already {REGISTERED}" if repeated else decision.decision
    return {verb: f"{decision.model} {version}", **dict.fromkeys(notes, "")}
