"""What the register stage decides: the content of reports/registration.json."""

from dataclasses import dataclass, field
from typing import Any

REGISTERED, REJECTED, SKIPPED = "registered", "rejected", "skipped"  # skipped: in a DVC experiment
VERDICTS = {True: "passed", False: "FAILED", None: "not comparable"}  # in words, a gate's `passed`


@dataclass(frozen=True)
class Decision:
    """What became of the model.

    Attributes:
        decision: REGISTERED, REJECTED or SKIPPED.
        model: the registered model's name.
        reasons: the gates that were failed, or why it was skipped; if registered, what to know of it.
        version: the version that the model is.
        gates: what the model had to show, each with `name`, `wanted`, `got` and
            `passed`: a key of VERDICTS.
    """

    decision: str
    model: str
    reasons: list[str] = field(default_factory=list)
    version: str | None = None
    alias: str | None = None
    gates: list[dict[str, Any]] = field(default_factory=list)
    run_id: str | None = None
    model_md5: str | None = None
