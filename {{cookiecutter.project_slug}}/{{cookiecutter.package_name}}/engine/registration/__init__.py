"""Whether a model becomes a version of the registered model."""
