"""The registered model: its versions, aliases and history, and what they were made of."""
