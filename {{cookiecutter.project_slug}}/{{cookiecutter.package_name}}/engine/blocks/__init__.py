"""The blocks of params.yaml, typed: what may be in each, and the line that reports a mistake."""
