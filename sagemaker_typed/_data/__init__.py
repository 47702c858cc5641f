"""The data plane's short forms, on the groups where people look for them."""
