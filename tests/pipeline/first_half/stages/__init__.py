"""The stages of the pipeline, a module each, as dvc.yaml runs them."""
