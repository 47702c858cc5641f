"""Reads texts that arrive in parts: lines and server-sent events. Does no I/O."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

import attrs

__all__ = ["EventReader", "LineReader", "ServerSentEvent", "charset_of"]

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_END = re.compile(r"\r\n|\n|\r")


def charset_of(content_type: str | None) -> str:
    """Return the charset of a MIME type; UTF-8 if it names none, or one that Python does not know."""
    found = _CHARSET.search(content_type or "")
    try:
        return codecs.lookup(found[1]).name if found else "utf-8"
    except LookupError:
        return "utf-8"


class LineReader:
    r"""Joins parts into lines, wherever the parts are cut: within a character, or between `\r` and `\n`."""

    def __init__(self, charset: str = "utf-8") -> None:
        self._decoder = codecs.getincrementaldecoder(charset)(errors="replace")
        self._rest = ""

    def feed(self, part: bytes) -> Iterator[str]:
        """Yield the lines that another part completes."""
        yield from self._lines(self._decoder.decode(part))

    def end(self) -> Iterator[str]:
        """Yield the last line, if it has no line end."""
        yield from self._lines(self._decoder.decode(b"", final=True))
        rest, self._rest = self._rest.removesuffix("\r"), ""
        if rest:
            yield rest

    def _lines(self, text: str) -> Iterator[str]:
        text = self._rest + text
        held = "\r" if text.endswith("\r") else ""  # the next part may begin with its "\n"
        *whole, rest = _END.split(text.removesuffix("\r") if held else text)
        self._rest = rest + held
        yield from whole


@attrs.frozen
class ServerSentEvent:
    """One event as defined by https://html.spec.whatwg.org/multipage/server-sent-events.html."""

    data: str
    event: str = "message"
    id: str | None = None

    def json(self) -> Any:
        """Return the data parsed as JSON. Raises `ValueError` for data that is not JSON, such as `[DONE]`."""
        return json.loads(self.data)


class EventReader:
    """Joins lines into events."""

    def __init__(self) -> None:
        self._data: list[str] = []
        self._event = ""
        self._id: str | None = None

    def feed(self, line: str) -> ServerSentEvent | None:
        """Return the event that ends with this line; None while it is incomplete. An event that never ends is dropped."""
        if not line:
            return self._dispatched()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._event = value
        elif field == "id" and "\0" not in value:
            self._id = value
        return None

    def _dispatched(self) -> ServerSentEvent | None:
        data, event = self._data, self._event
        self._data, self._event = [], ""
        return ServerSentEvent("\n".join(data), event or "message", self._id) if data else None
