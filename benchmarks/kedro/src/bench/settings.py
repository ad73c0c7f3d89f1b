"""Kedro's settings: its defaults. The hooks of kedro-mlflow are found by its entry points."""
