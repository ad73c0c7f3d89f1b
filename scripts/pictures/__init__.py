"""Making the pictures in docs/pictures from a real run of a baked project: `make pictures`."""
