"""The stages of the pipeline, one module each: dvc.yaml runs `python -m {{ cookiecutter.package_name }} NAME`."""
