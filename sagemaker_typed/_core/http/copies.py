"""Shallow copies of botocore's objects, for calls that are sent in a different way."""

from __future__ import annotations

from typing import Any, cast

__all__ = ["class_of", "shallow"]


def shallow(original: object, cls: Any = None, **changed: Any) -> Any:
    """Return a copy with some attributes changed, under another class if one is given.

    `copy.copy` looks up methods on the blank copy, and a botocore client emits events for unknown attributes.
    """
    made: Any = object.__new__(type(original) if cls is None else cls)
    made.__dict__.update(vars(original), **changed)
    return made


def class_of(value: Any) -> Any:
    """Return the class of an object as `Any`-typed, for type checkers."""
    return cast("Any", type(value))
