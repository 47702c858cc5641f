"""What the library costs beside boto3 and its peers: `make bench`. No tests, and nothing here runs in pytest."""
