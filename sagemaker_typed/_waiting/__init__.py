"""Waits: on one resource, and on many."""

from sagemaker_typed._core.printable import logger

# Every module here logs to it; what the service says becomes one safe line.
logger("sagemaker_typed.waiting")
