"""The errors of comparing models."""

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
"""The name until 0.1; `sagemaker_typed.errors.ModelError` is what the model behind an endpoint raises."""


class ModelNotFoundError(ServiceModelError):
    """The file does not exist, or does not hold the service."""


class InvalidModelError(ServiceModelError):
    """The source is not a service model, is cut off, or is inconsistent."""


class DifferentServicesError(ServiceModelError):
    """The two models are of two services."""


class SurfaceError(ValueError):
    """Two versions of this library cannot be compared. Its text is one line that says why."""
