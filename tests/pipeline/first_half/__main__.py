"""`python -m penguins NAME`: runs a stage of the pipeline, or a command."""

import sys

if not __package__:
    sys.exit("error: start it in the project's folder: python -m penguins")

from .engine.cli import main

if __name__ == "__main__":
    main()
