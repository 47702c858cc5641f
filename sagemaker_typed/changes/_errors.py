"""The errors of comparisons."""

from __future__ import annotations

__all__ = [
    "DifferentServicesError",
    "InvalidModelError",
    "ModelError",
    "ModelNotFoundError",
    "ServiceModelError",
    "SurfaceError",
]


class ServiceModelError(ValueError):
    """The models cannot be compared. The text is one line that names the source and its problem."""


ModelError = ServiceModelError
"""The name in 0.1. `sagemaker_typed.errors.ModelError` is a different error: the model behind an endpoint raises it."""


class ModelNotFoundError(ServiceModelError):
    """The file does not exist, or does not contain the service."""


class InvalidModelError(ServiceModelError):
    """The source is not a service model, is cut off, or is inconsistent."""


class DifferentServicesError(ServiceModelError):
    """The two models are of two services."""


class SurfaceError(ValueError):
    """Two versions of this library cannot be compared. The text is one line that says why."""
