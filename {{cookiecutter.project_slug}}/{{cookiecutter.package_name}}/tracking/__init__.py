"""The only modules that know MLflow: where the store is, runs, lineage, the registry."""
