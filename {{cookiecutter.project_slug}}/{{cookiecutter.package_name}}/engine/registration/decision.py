"""The decision of the register stage: the content of reports/registration.json."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..base.markdown import code

# skipped: in a DVC experiment, or because CI registers models
REGISTERED, REJECTED, SKIPPED = "registered", "rejected", "skipped"
VERDICTS = {True: "passed", False: "FAILED", None: "not comparable"}  # a gate's verdict, by its `passed`


def gates_table(gates: Sequence[dict[str, Any]]) -> list[dict[str, object]]:
    """Arrange gates as rows of a table."""
    return [
        {
            "gate": gate["name"],
            "wanted": gate["wanted"],
            "got": gate["got"],
            "verdict": VERDICTS[gate["passed"]],
        }
        for gate in gates
    ]


class Decision(NamedTuple):
    """What the stage did with the model, and why. Not a dataclass: the module of those is slow to import.

    Attributes:
        decision: REGISTERED, REJECTED or SKIPPED.
        model: the registered model's name.
        reasons: if rejected, the failed gates; if skipped, why; if registered, notes for the user.
        version: the number of the model's version; None if it has none.
        alias: the version's alias; None if it has none.
        gates: each with `name`, `wanted`, `got` and `passed`, a key of VERDICTS.
        run_id: the id of the run with the model and its metrics.
        model_md5: the md5 of the model file.
    """

    decision: str
    model: str
    reasons: Sequence[str] = ()
    version: str | None = None
    alias: str | None = None
    gates: Sequence[dict[str, Any]] = ()
    run_id: str | None = None
    model_md5: str | None = None

    def outcome(self) -> str:
        """Say what became of the model, in a sentence of markdown."""
        if self.decision == REJECTED:
            return f"**Rejected**: {'; '.join(map(code, self.reasons))}."
        alias = f", {code(f'@{self.alias}')} when it was registered" if self.alias else ""
        return f"It is version {self.version} of {code(self.model)}{alias}."
