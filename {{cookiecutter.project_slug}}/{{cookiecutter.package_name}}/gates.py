"""What a model must pass to be registered and promoted: add a function, and a line to GATES.

Each gets what evaluate has measured, and the block `register` of params.yaml. It returns the gates that it
makes of it: none, if params.yaml switches them off.
"""

from .engine.judging.gates import group_gates, improvement_gates, latency_gates, threshold_gates

GATES = [
    threshold_gates,  # metrics within their bounds: register.thresholds
    group_gates,  # the same in each group, and how far groups are apart
    latency_gates,  # the time for one row: register.max_latency_ms
    improvement_gates,  # better than the champion on the same rows: register.min_improvement
]
