"""Reads the JSON texts of responses. Uses orjson if it is installed, with equal results."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

__all__ = ["loads", "reader"]


def reader() -> Callable[[bytes], Any]:
    """Return orjson's parser if it is installed, else the standard library's."""
    try:
        import orjson
    except ImportError:
        return json.loads
    quick: Callable[[bytes], Any] = orjson.loads

    def read(body: bytes) -> Any:
        # orjson converts integers of more than 64 bits to floats. It refuses texts that the standard library accepts
        # (NaN, a lone surrogate, a number too large for a float); for those, use the standard library.
        if _LONG not in body.translate(_ZEROS):
            try:
                return quick(body)
            except ValueError:
                pass
        return json.loads(body)

    return read


_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG = b"0" * 19  # the fewest digits of an integer of more than 64 bits

loads: Callable[[bytes], Any] = reader()
"""Parse a JSON text. Raises `ValueError` for invalid JSON, and `RecursionError` for JSON nested too deeply."""
