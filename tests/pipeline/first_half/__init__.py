"""The project's package: README.md says what is in it. To import it does nothing."""
