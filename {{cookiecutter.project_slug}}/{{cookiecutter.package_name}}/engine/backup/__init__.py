"""Backups of a tracking store, its restoration, and the way of a store into a server."""
