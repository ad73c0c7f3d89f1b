"""The lineage of a run: its code, data, parameters and libraries. It does not import MLflow."""
