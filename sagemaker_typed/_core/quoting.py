"""Quotes values in messages: a bounded piece, whatever the size of the value."""

from __future__ import annotations

from reprlib import Repr
from typing import Any

from sagemaker_typed._core.printable import without_passwords

__all__ = ["quoted", "shortened"]

_LENGTH = 60
_WHOLE = 400  # of a text of control characters, and of a list
_BITS = 256
_SHORT = frozenset({"builtins", "datetime", "decimal"})
"""The modules of classes whose `repr` is short, or that have a method below."""


def quoted(value: Any) -> str:
    """Return the `repr` of a value, or as much of it as a message should hold."""
    # An enum is its text.
    return shortened(_QUOTES.repr(str(value) if isinstance(value, str) else value), _WHOLE)


def shortened(text: str, length: int = _LENGTH) -> str:
    """Return a text, cut to `length` characters."""
    return text if len(text) <= length else f"{text[: length - 3]}..."


class _Quotes(Repr):
    """`reprlib`'s, which goes no deeper than a few levels and items, with other words for some types."""

    def repr_str(self, x: str, level: int) -> str:
        # Before it is cut: half a URL does not show which part of it is the password.
        return repr(shortened(without_passwords(x)))

    def repr_int(self, x: int, level: int) -> str:
        # Python takes quadratic time to write a long integer, and refuses thousands of digits.
        return repr(x) if x.bit_length() <= _BITS else f"an integer of {x.bit_length()} bits"

    def repr_bytes(self, x: bytes, level: int) -> str:
        return repr(x if len(x) <= _LENGTH else x[: _LENGTH - 3] + b"...")

    def repr_instance(self, x: object, level: int) -> str:
        if type(x).__module__ not in _SHORT or isinstance(x, bytearray):
            return f"a {type(x).__name__}"
        return repr(x)


_QUOTES = _Quotes()
_QUOTES.maxlevel = 2
