"""The public surface of two versions of this library, compared. Needs griffe, the extra `changes`."""
