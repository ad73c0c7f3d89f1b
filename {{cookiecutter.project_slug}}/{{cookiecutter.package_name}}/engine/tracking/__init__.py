"""MLflow's store and runs: what is logged, and how it is read back."""
