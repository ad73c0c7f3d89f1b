"""What a stage sees of MLflow: the run that it logs to, which is the active run within the block.

The stages import from this page only; the code is in `tracking`.
"""

from .tracking.evaluation_run import EvaluationRun, evaluation_run
from .tracking.training_run import TrainingRun, training_run
from .tracking.validation_run import ValidationRun, validation_run

__all__ = [
    "EvaluationRun",
    "TrainingRun",
    "ValidationRun",
    "evaluation_run",
    "training_run",
    "validation_run",
]
