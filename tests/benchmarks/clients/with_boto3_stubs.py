"""boto3 with boto3-stubs: the same calls, and an import for the annotations."""

from mypy_boto3_sagemaker import SageMakerClient
from with_boto3 import CALLS, connect, jobs

__all__ = ["CALLS", "SageMakerClient", "connect", "jobs"]
