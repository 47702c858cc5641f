"""Convenience methods for the data plane, on the groups that they belong to."""
