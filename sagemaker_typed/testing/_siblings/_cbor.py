"""The part of CBOR (RFC 8949) that AWS's services use. Newer SDKs send it to CloudWatch."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, cast

__all__ = ["BrokenCborError", "Moment", "decode", "encode"]

_SIZES = {24: ">B", 25: ">H", 26: ">I", 27: ">Q"}
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}
_SIMPLE = {20: False, 21: True, 22: None, 23: None}
_ENDLESS = 31
_DEEPEST = 64


class BrokenCborError(ValueError):
    """The bytes are not CBOR, or use a feature that the services do not accept."""


class Moment(float):
    """Seconds since 1970, encoded with the tag of a time."""


def encode(value: Any) -> bytes:
    """Encode texts, numbers, booleans, lists, mappings and moments."""
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, Moment):
        return b"\xc1" + encode(float(value))
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        return _head(3, len(text)) + text
    if isinstance(value, list):
        items = cast("list[object]", value)
        return _head(4, len(items)) + b"".join(encode(item) for item in items)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value)
        return _head(5, len(pairs)) + b"".join(encode(key) + encode(item) for key, item in pairs.items())
    raise TypeError(f"CBOR cannot encode {value!r}")


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    for size, form in _SIZES.items():
        if number < 1 << 8 * struct.calcsize(form):
            return bytes([kind << 5 | size]) + struct.pack(form, number)
    raise TypeError(f"{number} is too large for CBOR")


def decode(data: bytes) -> Any:
    """Decode one value. Raises `BrokenCborError`."""
    reader = _Reader(data)
    value = reader.whole(0)
    if reader.rest:
        raise BrokenCborError("something follows the value")
    return value


class _Stop(Exception):
    """The end of an item without an announced length."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def rest(self) -> int:
        return len(self._data) - self._at

    def whole(self, depth: int) -> Any:
        """Read a value at a place where no end marker is allowed."""
        try:
            return self.value(depth)
        except _Stop:
            raise BrokenCborError("it ends too early") from None

    def value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise BrokenCborError("it is nested too deeply")
        first = self._take(1)[0]
        kind, about = first >> 5, first & 31
        if kind == 7:
            return self._simple(about)
        number = None if about == _ENDLESS and 2 <= kind <= 5 else self._number(about)
        if kind <= 1:
            return number if kind == 0 else -1 - cast("int", number)
        if kind <= 3:
            content = self._bytes(number, depth)
            return content if kind == 2 else self._text(content)
        if kind == 6:
            return self.whole(depth + 1)  # return a time as its number
        return self._list(number, depth) if kind == 4 else self._map(number, depth)

    def _take(self, size: int) -> bytes:
        if size > self.rest:
            raise BrokenCborError("it is cut off")
        self._at += size
        return self._data[self._at - size : self._at]

    def _number(self, about: int) -> int:
        if about < 24:
            return about
        if about not in _SIZES:
            raise BrokenCborError(f"no length is written as {about}")
        form = _SIZES[about]
        return int(struct.unpack(form, self._take(struct.calcsize(form)))[0])

    def _simple(self, about: int) -> Any:
        if about in _FLOATS:
            form = _FLOATS[about]
            return struct.unpack(form, self._take(struct.calcsize(form)))[0]
        if about == _ENDLESS:
            raise _Stop
        if about not in _SIMPLE:
            raise BrokenCborError(f"no value is written as {about}")
        return _SIMPLE[about]

    def _text(self, content: bytes) -> str:
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise BrokenCborError(f"a text is no UTF-8: {error}") from None

    def _bytes(self, size: int | None, depth: int) -> bytes:
        if size is not None:
            return self._take(size)
        parts = self._list(None, depth)
        if not all(isinstance(part, str | bytes) for part in parts):
            raise BrokenCborError("a text is made of something else")
        return b"".join(part.encode() if isinstance(part, str) else part for part in parts)

    def _list(self, size: int | None, depth: int) -> list[Any]:
        found: list[Any] = []
        while size is None or len(found) < size:
            try:
                found.append(self.value(depth + 1) if size is None else self.whole(depth + 1))
            except _Stop:
                break
        return found

    def _map(self, size: int | None, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        read = 0
        while size is None or read < size:
            try:
                key = self.value(depth + 1) if size is None else self.whole(depth + 1)
            except _Stop:
                break
            found[str(key)] = self.whole(depth + 1)
            read += 1
        return found
