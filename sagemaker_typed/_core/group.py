"""What generated groups stand on: something that sends requests."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from sagemaker_typed.structure import Request

if TYPE_CHECKING:
    from sagemaker_typed._waiting.one import Clock
    from sagemaker_typed._waiting.pacing import Pacing

__all__ = ["FlatMethods", "Group", "Sender"]

R = TypeVar("R")
G = TypeVar("G", bound="Group")


class Sender:
    """The trunk: everything that calls SageMaker goes through `send`."""

    __slots__ = ()

    clock: Clock
    """What waits take their time from."""
    pacing: Pacing
    """How fast the calls of waits on many follow each other."""

    def send(self, request: Request[R], /) -> R:
        """Send a request; return its typed response, or None where the operation has none."""
        raise NotImplementedError

    def _group(self, cls: type[G]) -> G:
        """This sender's one object of a group's class."""
        raise NotImplementedError


class Group:
    """The base of every resource group."""

    __slots__ = ("_sender",)

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._sender!r}>"


class FlatMethods:
    """Finds the group method that stands behind a flat name."""

    _paths: ClassVar[dict[str, str]] = {}

    def __init__(self, sm: Any) -> None:
        self._sm = sm

    if not TYPE_CHECKING:  # a checker knows the names, and reports any other

        def __getattr__(self, name: str) -> Any:
            return self._resolve(name)

    def _resolve(self, name: str) -> Any:
        path = self._paths.get(name)
        if path is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return attrgetter(path)(self._sm)

    def __dir__(self) -> list[str]:
        return sorted(self._paths)
