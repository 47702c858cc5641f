"""A call to any service: prepare, send, finish."""
