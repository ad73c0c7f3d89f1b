"""Making a run again from what it recorded, outside the workspace; `commands.reproduce` uses it."""
