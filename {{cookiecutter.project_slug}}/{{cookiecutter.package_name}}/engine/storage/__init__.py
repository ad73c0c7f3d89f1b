"""DVC's remote: whether it can be used from here, transfers to and from it, and credentials from .env."""
