"""What a person runs beside the pipeline, one module a command: `python -m PACKAGE COMMAND`.

Each has `add_arguments(parser)` and `main(arguments)`; `__main__` lists them.
"""
