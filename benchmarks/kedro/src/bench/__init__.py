"""P1's work as a project of Kedro, with kedro-mlflow, written as their documentation has it."""
