"""One call, whatever the service: prepare, send, finish."""
