"""A boto3 client that holds every answer against the service model, as it came over the wire."""

from __future__ import annotations

import json
from typing import Any

from botocore.config import Config

from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._model import load_model
from sagemaker_typed.testing._validation import problems_of
from tests.support.wire_check import problems


def checked_client(local: LocalSageMaker, region: str | None = None) -> Any:
    """Fails the test at an answer that is no JSON of the output shape, or that breaks off with 5xx."""
