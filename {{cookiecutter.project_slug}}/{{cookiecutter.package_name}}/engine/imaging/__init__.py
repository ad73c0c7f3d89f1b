"""The build context of a container image: a version, its code, its libraries and the server."""
