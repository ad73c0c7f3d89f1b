"""What a person runs beside the pipeline: `python -m PACKAGE COMMAND`, a module each.

Each command has `add_arguments(parser)` and `main(arguments)`; `cli.py` lists them.
`options` is what several commands share.
"""
