"""Convenience methods of groups, and the base of the public helper modules."""
