"""Register: a model that passes the gates becomes a version of the registered model."""

import os
from dataclasses import asdict

from .. import console
from ..files import write_json
from ..paths import REGISTRATION
from ..tracking import receipt
from ..tracking.decision import REGISTERED, SKIPPED, VERDICTS, Decision


def main() -> None:
    """Run the stage."""
    is_new = False
    if experiment := os.environ.get("DVC_EXP_NAME"):
        decision = skip(experiment)
    elif earlier := receipt.read():
        decision = earlier.decision
    else:
        from ..tracking.registration import decide  # and with it all that judging and registering takes

        decision, is_new = decide()
    write_json(REGISTRATION, asdict(decision))

    alias = f" @{decision.alias}" if decision.alias else ""
    version = f"version {decision.version}{alias}" if decision.version else "no version"
    gates = {
        f"{gate['name']}: {gate['got']}, wanted {gate['wanted']}": VERDICTS[gate["passed"]]
        for gate in decision.gates
    }
    notes = dict.fromkeys(decision.reasons, "") if decision.version or not gates else {}
    repeated = decision.decision == REGISTERED and not is_new
    verb = f"already {REGISTERED}" if repeated else decision.decision
    console.summary("register", {verb: f"{decision.model} {version}", **gates, **notes})


def skip(experiment: str) -> Decision:
    """Leave a DVC experiment's model where it is: a search of a hundred trials is not a hundred versions."""
    from ..params import load_params

    command = f"python -m {{ cookiecutter.package_name }} apply {experiment}"
    reason = f"an experiment; `{command}` registers its model"
    return Decision(SKIPPED, load_params().register_.name, [reason])


if __name__ == "__main__":
    console.run(main)
