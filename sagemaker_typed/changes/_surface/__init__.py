"""Compares the public surface of two versions of this library. Requires griffe, from the extra `changes`."""
