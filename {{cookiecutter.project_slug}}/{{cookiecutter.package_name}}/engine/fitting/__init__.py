"""From the model's type in params.yaml to an estimator that can be fitted."""
