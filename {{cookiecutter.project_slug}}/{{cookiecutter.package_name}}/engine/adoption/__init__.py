"""Replacing the project's table by a user's own."""
