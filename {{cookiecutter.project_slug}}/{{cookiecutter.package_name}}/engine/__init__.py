"""The template's half of the project: see README.md beside this file. To import it does nothing."""

__version__ = "1.0.0"
