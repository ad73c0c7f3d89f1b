"""DVC's remote: whether it can be used from here, transfers, and credentials from .env."""
