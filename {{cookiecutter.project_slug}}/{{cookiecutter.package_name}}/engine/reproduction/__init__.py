"""Making a run again from what it recorded, away from the workspace; `commands.reproduce` uses it."""
