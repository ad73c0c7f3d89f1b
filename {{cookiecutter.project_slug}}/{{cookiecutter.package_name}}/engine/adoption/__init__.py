"""A user's own table takes the place of the one that the project has."""
