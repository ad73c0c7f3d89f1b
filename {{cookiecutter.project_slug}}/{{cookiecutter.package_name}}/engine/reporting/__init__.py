"""The report on what a change does to the data and to the model: read from git, and written as a page."""
