"""What several test folders share: values drawn from a service model, and a server that answers from one."""
