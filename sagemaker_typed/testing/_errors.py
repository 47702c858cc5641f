"""What the embedded service answers with where it does not answer."""

from __future__ import annotations

__all__ = ["NotOurs", "ServiceError"]


class ServiceError(Exception):
    """An error answer: the client sees `code` and `message` under HTTP `status`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class NotOurs(Exception):
    """The resource that a request is about is not held here: moto may have it. If not, `otherwise` is the answer."""

    def __init__(self, otherwise: ServiceError) -> None:
        super().__init__(str(otherwise))
        self.otherwise = otherwise
