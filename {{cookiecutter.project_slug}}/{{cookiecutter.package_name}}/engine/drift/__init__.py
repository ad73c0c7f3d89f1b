"""How far new rows are from those that a model has learned from. This imports neither MLflow nor DVC."""
