"""The server: it answers with the version that the registry names, and says which version that was."""
