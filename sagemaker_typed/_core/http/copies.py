"""Shallow copies of botocore's objects, for calls that go another way than the originals' own."""

from __future__ import annotations

from typing import Any, cast

__all__ = ["class_of", "shallow"]


def shallow(original: object, cls: Any = None, **changed: Any) -> Any:
    """Return a copy with some attributes changed, under another class if one is given.

    `copy.copy` would ask the blank copy for methods; a client of botocore answers that with events.
    """
    made: Any = object.__new__(type(original) if cls is None else cls)
    made.__dict__.update(vars(original), **changed)
    return made


def class_of(value: Any) -> Any:
    """The class, whose type arguments a checker does not know."""
    return cast("Any", type(value))
