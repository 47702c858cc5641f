"""Reads texts that come in parts: lines, and server-sent events. Does no I/O."""

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
    """The charset that a MIME type names; UTF-8 where it names none, or one that Python does not know."""
    found = _CHARSET.search(content_type or "")
    try:
        return codecs.lookup(found[1]).name if found else "utf-8"
    except LookupError:
        return "utf-8"


class LineReader:
    r"""Puts lines together from parts, wherever they are cut: within a character, or between `\r` and `\n`."""

    def __init__(self, charset: str = "utf-8") -> None:
        self._decoder = codecs.getincrementaldecoder(charset)(errors="replace")
        self._rest = ""

    def feed(self, part: bytes) -> Iterator[str]:
        """The lines that are whole with another part."""
        yield from self._lines(self._decoder.decode(part))

    def end(self) -> Iterator[str]:
        """The last line, if no end stands behind it."""
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
    """One event, as https://html.spec.whatwg.org/multipage/server-sent-events.html has it."""

    data: str
    event: str = "message"
    id: str | None = None

    def json(self) -> Any:
        """Return the value that the data are the JSON text of. Raises `ValueError` for other data, such as `[DONE]`."""
        return json.loads(self.data)


class EventReader:
    """Puts events together from lines."""

    def __init__(self) -> None:
        self._data: list[str] = []
        self._event = ""
        self._id: str | None = None

    def feed(self, line: str) -> ServerSentEvent | None:
        """The event that ends with this line; None while there is more of it. One that never ends is none."""
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
