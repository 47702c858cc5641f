"""From a new botocore to a changelog entry and a version."""
