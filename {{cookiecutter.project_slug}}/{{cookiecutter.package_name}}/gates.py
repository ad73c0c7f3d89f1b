"""What a model must pass to be registered and promoted: add a function, and a line to GATES.

Each gets what evaluate has measured, and the block `register` of params.yaml. It returns the gates that it
makes of it: none, if params.yaml switches them off.
"""

from .engine.judging import gates

GATES = [
    gates.baseline_gates,  # better than what takes no skill: register.min_skill
    gates.threshold_gates,  # metrics within their bounds: register.thresholds
    gates.group_gates,  # no group is far behind: register.max_group_gap, group_thresholds, max_spread
    gates.latency_gates,  # the time for one row: register.max_latency_ms
    gates.improvement_gates,  # better than the champion on the same rows: register.min_improvement
]
