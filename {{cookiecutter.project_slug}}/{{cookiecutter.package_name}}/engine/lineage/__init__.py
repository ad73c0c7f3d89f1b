"""Which code, data, parameters and libraries a run is made of; no MLflow."""
