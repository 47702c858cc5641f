"""Waits: on one resource, and on many."""
