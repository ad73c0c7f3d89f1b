"""Registering a model as a version of the registered model, if it passes the gates."""
