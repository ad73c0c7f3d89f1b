"""The expectation suite, and its page: the only room that imports Great Expectations."""
