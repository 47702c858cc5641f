"""Classes of errors that are ours and boto3's at once, so that an `except` clause written for boto3 catches them.

boto3 raises a class of botocore's (`NoCredentialsError`), or one that each session makes from the service model
(`client.exceptions.ResourceNotFound`). A joined class inherits from our class and from theirs, and carries our name.
"""

from __future__ import annotations

from typing import Any, TypeVar
from weakref import WeakValueDictionary

from botocore.exceptions import ClientError, EventStreamError

__all__ = ["importable", "joined", "modeled", "ours"]

E = TypeVar("E", bound=type[Exception])

# The ids are those of the joined class's own bases, which live as long as it does.
_JOINED: WeakValueDictionary[tuple[int, ...], type] = WeakValueDictionary()


def joined(cls: E, *theirs: type[BaseException]) -> E:
    """The class that is `cls` and each of `theirs`; `cls` itself where it is all of them already."""
    more = tuple(dict.fromkeys(each for each in theirs if not issubclass(cls, each)))
    if not more:
        return cls
    key = tuple(map(id, (cls, *more)))
    found: Any = _JOINED.get(key)
    if found is None:
        space = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__, "_ours": cls}
        found = _JOINED[key] = type(cls.__name__, (cls, *more), space | {"_theirs": more})
    made: E = found
    return made


def ours(cls: type[Any]) -> type[Any]:
    """Our class within a joined one; the class itself if it is not joined."""
    found: type[Any] = vars(cls).get("_ours", cls)
    return found


def importable(cls: type[Any]) -> tuple[type[Any], ...]:
    """The classes of botocore that were joined, each as one that pickle finds by its name."""
    theirs: tuple[type[Any], ...] = vars(cls).get("_theirs", ())
    return tuple(each.__bases__[0] if _is_modeled(each) else each for each in theirs)


def modeled(error: Exception, exceptions_class: str, code: str = "") -> list[type[BaseException]]:
    """The classes under which boto3's clients know `error`: its own, and those of the other sessions that made theirs.

    An error that came as an event has one class for all codes, and those of its `code` beside it.
    `exceptions_class` is the name that botocore gives the service's `client.exceptions`, such as "SageMakerExceptions".
    """
    cls = type(error)
    if not _is_modeled(cls):
        return [cls]
    name = code if cls is EventStreamError else cls.__name__
    from botocore.errorfactory import BaseClientExceptions  # which imports all of botocore's HTTP

    sessions: list[type[Any]] = [
        each for each in BaseClientExceptions.__subclasses__() if each.__name__ == exceptions_class
    ]
    others: list[Any] = [vars(each).get(name) for each in sessions]
    return [cls, *(each for each in others if each is not None)]


def _is_modeled(cls: type[Any]) -> bool:
    return cls is not ClientError and issubclass(cls, ClientError) and cls.__bases__ == (ClientError,)
