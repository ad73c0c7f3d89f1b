"""The report on what a change does to the data and the model: read from git, written as a page."""
