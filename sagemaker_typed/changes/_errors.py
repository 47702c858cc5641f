"""What can be wrong with what is to be compared."""

from __future__ import annotations

__all__ = ["DifferentServicesError", "InvalidModelError", "ModelError", "ModelNotFoundError"]


class ModelError(ValueError):
    """The two models cannot be compared. Its text is one line that names the source and says what is wrong with it."""


class ModelNotFoundError(ModelError):
    """There is no such file, or it does not hold the service that was asked for."""


class InvalidModelError(ModelError):
    """It is no service model, it is cut off, or its parts do not fit together."""


class DifferentServicesError(ModelError):
    """The two models are of two services."""
