"""Error classes that inherit from ours and boto3's, so that an `except` clause written for boto3 catches them.

boto3 raises a botocore class (`NoCredentialsError`), or a class that each session makes from the service model
(`client.exceptions.ResourceNotFound`). A joined class inherits from our class and from theirs, and has our name.
"""

from __future__ import annotations

from typing import Any, TypeVar
from weakref import WeakValueDictionary

from botocore.exceptions import ClientError, EventStreamError

__all__ = ["importable", "joined", "modeled", "ours"]

E = TypeVar("E", bound=type[Exception])

# The ids are of the joined class's bases, which live as long as the class.
_JOINED: WeakValueDictionary[tuple[int, ...], type] = WeakValueDictionary()


def joined(cls: E, *theirs: type[BaseException]) -> E:
    """Return a class that inherits from `cls` and from each of `theirs`, or `cls` if it does already."""
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
    """Return our base of a joined class, or the class itself if it is not joined."""
    found: type[Any] = vars(cls).get("_ours", cls)
    return found


def importable(cls: type[Any]) -> tuple[type[Any], ...]:
    """Return the botocore bases of a joined class, each as a class that pickle can find by name."""
    theirs: tuple[type[Any], ...] = vars(cls).get("_theirs", ())
    return tuple(each.__bases__[0] if _is_modeled(each) else each for each in theirs)


def modeled(error: Exception, exceptions_class: str, code: str = "") -> list[type[BaseException]]:
    """Return the classes of `error` in boto3's clients: its own, and the equivalents that other sessions have made.

    botocore raises one class for all error events; the classes for the `code` are added.
    `exceptions_class` is the class name of the service's `client.exceptions`, such as "SageMakerExceptions".
    """
    cls = type(error)
    if not _is_modeled(cls):
        return [cls]
    name = code if cls is EventStreamError else cls.__name__
    from botocore.errorfactory import BaseClientExceptions  # imports all of botocore's HTTP code

    sessions: list[type[Any]] = [
        each for each in BaseClientExceptions.__subclasses__() if each.__name__ == exceptions_class
    ]
    others: list[Any] = [vars(each).get(name) for each in sessions]
    return [cls, *(each for each in others if each is not None)]


def _is_modeled(cls: type[Any]) -> bool:
    return cls.__bases__ == (ClientError,)
