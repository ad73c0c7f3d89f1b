"""From the model type in params.yaml to an estimator that can be fitted."""
