"""What can be wrong with what is to be compared."""

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
    """The two models cannot be compared. Its text is one line that names the source and says what is wrong with it."""


ModelError = ServiceModelError
"""The name until 0.1; `sagemaker_typed.errors.ModelError` is what the model behind an endpoint raises."""


class ModelNotFoundError(ServiceModelError):
    """There is no such file, or it does not hold the service that was asked for."""


class InvalidModelError(ServiceModelError):
    """It is no service model, it is cut off, or its parts do not fit together."""


class DifferentServicesError(ServiceModelError):
    """The two models are of two services."""


class SurfaceError(ValueError):
    """Two versions of this library cannot be compared. Its text is one line that says why."""
