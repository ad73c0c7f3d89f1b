"""Backing up a tracking store, restoring it, and moving a store into a server."""
