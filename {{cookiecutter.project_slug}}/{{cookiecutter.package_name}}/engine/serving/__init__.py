"""The server: answers by the version that the registry names, and says which one it was."""
