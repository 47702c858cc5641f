"""Reads the JSON texts of answers; with orjson, where it happens to be installed, to equal results."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

__all__ = ["loads", "reader"]


def reader() -> Callable[[bytes], Any]:
    """orjson's where there is one, else the standard library's."""
    try:
        import orjson
    except ImportError:
        return json.loads
    quick: Callable[[bytes], Any] = orjson.loads

    def read(body: bytes) -> Any:
        # orjson makes a float of an integer of more than 64 bits. It refuses what the standard library takes (NaN, a
        # lone surrogate, a number beyond all floats): what it does not take, the standard library decides.
        if _LONG not in body.translate(_ZEROS):
            try:
                return quick(body)
            except ValueError:
                pass
        return json.loads(body)

    return read


_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG = b"0" * 19  # no integer beyond 64 bits has fewer digits

loads: Callable[[bytes], Any] = reader()
"""The value of a JSON text. Raises `ValueError` for any other, and `RecursionError` for one too deep to read."""
