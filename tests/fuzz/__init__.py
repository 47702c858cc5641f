"""Random answers for every operation: a call returns its typed response or raises a typed error. `make fuzz` runs it."""
