"""Keeps the package's public surface compatible; see `docs/versions.md`."""
