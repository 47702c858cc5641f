"""The way of a call to the wire, where botocore's own way is not enough."""
