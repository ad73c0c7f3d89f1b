"""Make MLflow's store in this folder, as the first run of a script would."""

import sys

import mlflow

mlflow.set_experiment(sys.argv[1])
