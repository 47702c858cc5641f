"""The binary frames of an AWS event stream.

A frame consists of its total length, the length of its headers, a checksum of both, the headers, the payload, and a
checksum of everything.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

__all__ = ["encode_event"]

_STRING = 7
"""The type of a header whose value is a text."""


def encode_event(kind: str, payload: bytes | Mapping[str, Any]) -> bytes:
    """Encode an event with a payload of bytes, or an exception with a mapping of members."""
    if isinstance(payload, bytes):
        headers = {":message-type": "event", ":event-type": kind, ":content-type": "application/octet-stream"}
        return _frame(headers, payload)
    headers = {":message-type": "exception", ":exception-type": kind, ":content-type": "application/json"}
    return _frame(headers, json.dumps(payload).encode())


def _frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    encoded = b"".join(_header(name.encode(), value.encode()) for name, value in headers.items())
    prelude = struct.pack("!II", 16 + len(encoded) + len(payload), len(encoded))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + encoded + payload
    return message + struct.pack("!I", zlib.crc32(message))


def _header(name: bytes, value: bytes) -> bytes:
    return struct.pack("!B", len(name)) + name + struct.pack("!BH", _STRING, len(value)) + value
