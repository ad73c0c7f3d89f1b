"""The registered model: its versions, their aliases, and the history of these."""
