"""Which rows are the test set, and the table divided."""
