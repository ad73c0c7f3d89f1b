"""What the project promises, on small data: kept green by whoever changes it."""
