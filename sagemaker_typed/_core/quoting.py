"""Quotes values in messages, with a bounded length."""

from __future__ import annotations

from reprlib import Repr
from typing import Any

from sagemaker_typed._core.printable import without_passwords

__all__ = ["quoted", "shortened"]

_LENGTH = 60
_WHOLE = 400  # for a text of control characters, and for a list
_BITS = 256
_SHORT = frozenset({"builtins", "datetime", "decimal"})
"""Modules of classes whose `repr` is short or handled by a method below."""


def quoted(value: Any) -> str:
    """Return the `repr` of a value, shortened for a message."""
    # Enums are quoted as their texts.
    return shortened(_QUOTES.repr(str(value) if isinstance(value, str) else value), _WHOLE)


def shortened(text: str, length: int = _LENGTH) -> str:
    """Return a text, cut to `length` characters."""
    return text if len(text) <= length else f"{text[: length - 3]}..."


class _Quotes(Repr):
    """A `reprlib.Repr` with its limits on levels and items, and other formats for some types."""

    def repr_str(self, x: str, level: int) -> str:
        # Before it is cut: the password cannot be found in half a URL.
        return repr(shortened(without_passwords(x)))

    def repr_int(self, x: int, level: int) -> str:
        # Python takes quadratic time to format a long integer, and refuses thousands of digits.
        return repr(x) if x.bit_length() <= _BITS else f"an integer of {x.bit_length()} bits"

    def repr_bytes(self, x: bytes, level: int) -> str:
        return repr(x if len(x) <= _LENGTH else x[: _LENGTH - 3] + b"...")

    def repr_instance(self, x: object, level: int) -> str:
        if type(x).__module__ not in _SHORT or isinstance(x, bytearray):
            return f"a {type(x).__name__}"
        return repr(x)


_QUOTES = _Quotes()
_QUOTES.maxlevel = 2
