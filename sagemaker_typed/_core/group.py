"""The base classes of generated groups, and the senders that they use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from functools import wraps
from operator import attrgetter
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from sagemaker_typed._core.hints import about_api, about_group, explain_methods, is_of_library, no_attribute
from sagemaker_typed._core.late_hints import annotate_late
from sagemaker_typed._core.lazy import Names
from sagemaker_typed._core.service import Service
from sagemaker_typed.structure import Request

if TYPE_CHECKING:
    from sagemaker_typed._core.pages import AsyncPages, Pages

__all__ = ["AsyncGroup", "AsyncSender", "FlatMethods", "Group", "Sender", "Task"]

R = TypeVar("R")
T_co = TypeVar("T_co", covariant=True)
G = TypeVar("G", bound="Group")


class Task(Protocol[T_co]):
    """Work of several requests that has not started. Calling it with a client returns its steps.

    A step is a request to send, or another step that the client's runner knows, such as a time to sleep.
    """

    def __call__(self, client: Any, /) -> Generator[Any, Any, T_co]: ...


class Sender:
    """The base of synchronous clients. Every call goes through `send`."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __init_subclass__(cls) -> None:
            super().__init_subclass__()
            if Sender in cls.__bases__:
                explain_methods(cls)
            annotate_late(cls, _types_of(cls))

    def send(self, request: Request[R], /) -> R:
        """Send a request; return its typed response, or None where the operation has none."""
        raise NotImplementedError

    def _run(self, task: Task[R], /) -> R:
        """Take the steps of a task; return its result."""
        raise NotImplementedError

    def _pages(self, request: Request[R], pick: str | None = None, /) -> Pages[Any, R]:
        """The pages that begin with a request; `pick` is the field of each entry that holds the item."""
        from sagemaker_typed._core.pages import Pages

        return Pages(self, request, pick)

    def _lines(self, task: Task[None], /) -> Any:
        """The lines of a log that a task reads."""
        raise NotImplementedError

    def _group(self, cls: type[G]) -> G:
        """This sender's one object of a group's class."""
        raise NotImplementedError


class AsyncSender:
    """The base of asynchronous clients. Every call goes through `send`."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __init_subclass__(cls) -> None:
            super().__init_subclass__()
            if AsyncSender in cls.__bases__:
                from inspect import iscoroutinefunction

                coroutines = [name for name, method in vars(cls).items() if iscoroutinefunction(method)]
                explain_methods(cls)
                for name in coroutines:
                    if not name.startswith("_"):
                        setattr(cls, name, _awaiting(vars(cls)[name]))
            annotate_late(cls, _types_of(cls))

    async def send(self, request: Request[R], /) -> R:
        """Send a request; return its typed response, or None where the operation has none."""
        raise NotImplementedError

    async def _run(self, task: Task[R], /) -> R:
        """Take the steps of a task; return its result."""
        raise NotImplementedError

    def _pages(self, request: Request[R], pick: str | None = None, /) -> AsyncPages[Any, R]:
        """The pages that begin with a request; `pick` is the field of each entry that holds the item."""
        from sagemaker_typed._core.pages import AsyncPages

        return AsyncPages(self, request, pick)

    def _lines(self, task: Task[None], /) -> Any:
        """The lines of a log that a task reads."""
        raise NotImplementedError

    def _group(self, cls: type[G]) -> G:
        """This sender's one object of a group's class."""
        raise NotImplementedError


class Group:
    """The base of every resource group."""

    # With a `__dict__`, tests can replace a method of one group: `mock.patch.object(sm.endpoints, "describe")`.
    __slots__ = ("__dict__", "_sender")

    _service: ClassVar[Service]

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    if not TYPE_CHECKING:  # so that type checkers report unknown names

        def __setattr__(self, name: str, value: object) -> None:
            # A replacement under a wrong name would replace nothing. A user's subclass has the attributes that it likes.
            if is_of_library(type(self)) and not hasattr(type(self), name):
                getattr(self, name)  # raises the error with its hint
            object.__setattr__(self, name, value)

    def _run(self, task: Task[R], /) -> R:
        return self._sender._run(task)  # pyright: ignore[reportPrivateUsage]

    def _pages(self, request: Request[R], pick: str | None = None, /) -> Pages[Any, R]:
        return self._sender._pages(request, pick)  # pyright: ignore[reportPrivateUsage]

    def _lines(self, task: Task[None], /) -> Any:
        return self._sender._lines(task)  # pyright: ignore[reportPrivateUsage]

    if not TYPE_CHECKING:  # so that type checkers report unknown names

        def __init_subclass__(cls) -> None:
            super().__init_subclass__()
            if Group in cls.__bases__:  # a user's subclass of a group stays as it is
                explain_methods(cls)
            annotate_late(cls, _types_of(cls))

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise no_attribute(self, name)
            api = getattr(self._sender, "api", None)
            paths = api._paths if isinstance(api, FlatMethods) else {}
            raise no_attribute(self, name, about_group(self, name, paths))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._sender!r}>"


def _types_of(cls: type) -> Names | None:
    """The classes of the service that a generated class belongs to."""
    service: Service | None = getattr(cls, "_service", None)
    return None if service is None else service.types


class AsyncGroup(Group):
    """The base of every resource group of an asynchronous client.

    A group inherits from this class and from the synchronous group, whose methods run unchanged: the results of their
    sender are awaited. Type checkers read a stub instead, in which the methods are coroutine functions.
    """

    __slots__ = ()

    if not TYPE_CHECKING:

        def __init_subclass__(cls) -> None:
            super().__init_subclass__()
            if AsyncGroup in cls.__bases__:  # a user's subclass of a group stays as it is
                for base in cls.__bases__:
                    for name, method in vars(base).items():
                        if isinstance(method, FunctionType) and not name.startswith("_") and not _is_iterated(method):
                            setattr(cls, name, _awaiting(method))


def _is_iterated(method: FunctionType) -> bool:
    """Whether a method returns pages, the lines of a log, or an iterator of responses."""
    return str(method.__annotations__.get("return")).startswith(("Pages[", "LogLines", "AsyncIterator["))


def _awaiting(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Wrap the method in a coroutine function, which frameworks and mocks recognize."""

    @wraps(method)
    async def call(*args: Any, **kwargs: Any) -> Any:
        return await method(*args, **kwargs)

    call.__annotations__ = method.__annotations__  # Python 3.14 sets it if the annotations are not computed
    return call


class FlatMethods:
    """Finds the group's method for a flat method name of boto3."""

    _paths: ClassVar[dict[str, str]] = {}

    def __init__(self, sm: Any) -> None:
        self._sm = sm

    if not TYPE_CHECKING:  # so that type checkers report unknown names

        def __getattr__(self, name: str) -> Any:
            return self._resolve(name)

    def _resolve(self, name: str) -> Any:
        path = self._paths.get(name)
        if path is None:
            raise no_attribute(self, name, None if name.startswith("_") else about_api(name, self._paths))
        return attrgetter(path)(self._sm)

    def __dir__(self) -> list[str]:
        return sorted(self._paths)
