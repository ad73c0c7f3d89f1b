"""How far new rows are from those that a model has learned from; imports neither MLflow nor DVC."""
