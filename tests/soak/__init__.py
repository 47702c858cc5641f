"""A long run of calls and waits against a server in another process, to see that nothing grows. `make soak` runs it."""
