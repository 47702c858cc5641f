"""The contract between this library, the service model and boto3: every operation, every structure, every enum.

Most of these tests run once for each name in the model and look at everything that stands under it. What is right is
told by the model and by botocore, never by the library's own tables.
"""
