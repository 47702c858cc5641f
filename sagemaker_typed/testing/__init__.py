"""An embedded SageMaker for demos and for users' tests. Needs `pip install 'sagemaker-typed[testing]'`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_typed._core.lazy import offered
from sagemaker_typed.testing._clock import fast_forward
from sagemaker_typed.testing._siblings.runtime import ContainerError, Invocation, InvocationAnswer
from sagemaker_typed.testing.local import LocalSageMaker

__all__ = ["ContainerError", "Invocation", "InvocationAnswer", "LocalSageMaker", "fast_forward"]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)
