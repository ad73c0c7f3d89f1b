"""What a person runs besides the pipeline: `python -m PACKAGE COMMAND`, a module for each command.

Each command has `add_arguments(parser)` and `main(arguments)`; `cli.py` lists them.
`options` has what several commands share.
"""
