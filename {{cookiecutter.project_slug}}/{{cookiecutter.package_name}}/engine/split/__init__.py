"""Which rows are the test set, and dividing the table."""
