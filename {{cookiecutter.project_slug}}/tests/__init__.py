"""What holds for your code, whatever its features, metrics, gates and plots; `pytest` runs it."""
