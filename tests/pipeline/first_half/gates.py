"""What a model must pass to be registered and promoted: add a function, and a line to GATES.

Each gets what evaluate has measured, and the block `register` of params.yaml. It returns the gates that it
makes of it: none, if params.yaml switches them off.
"""

from .engine.judging import gates

GATES = [
    gates.threshold_gates,  # metrics within their bounds: register.thresholds
    gates.group_gates,  # the same in each group, and how far groups are apart
    gates.latency_gates,  # the time for one row: register.max_latency_ms
    gates.improvement_gates,  # better than the champion on the same rows: register.min_improvement
]
