"""Prints objects of generated classes: shortened on one line, or completely on several lines.

It imports no `structure`, whose classes come here themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.plain import is_structure

__all__ = ["More", "line", "pretty", "teach_pprint"]

_MOST = 300
"""Maximum length of a repr, unless the class name is too long for it."""
_TEXT = 100
"""Maximum length of a text in an object that is too long for the line."""
_LEAST = 24
"""Minimum length of a shortened value that is still useful."""
_ITEMS = 10
"""Number of items of a list that IPython shows."""


class More:
    """The repr for items that are left out."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __repr__(self) -> str:
        return f"... {self._count} more"


# --- in a line --------------------------------------------------------------------------------------------------------


def line(obj: Any) -> str:
    """Return the repr of an object: all members that are set, or if they are too long, as many as fit, shortened."""
    return _whole(obj, _MOST) or _some(f"{type(obj).__name__}(", _members(obj), ")", _MOST)


def _members(obj: Any) -> list[tuple[str, Any]]:
    return [(f"{name}=", item) for name, item in obj.__rich_repr__()]


def _whole(value: Any, room: int) -> str | None:
    """Return the repr of a value, or None as soon as it is clear that it does not fit."""
    if room <= 0:
        return None
    if is_structure(value):
        head = f"{type(value).__name__}("
        return _joined(head, _members(value), ")", room)
    if value.__class__ is list:
        return _joined("[", (("", item) for item in value), "]", room)
    if value.__class__ is dict:
        return _joined("{", ((f"{key!r}: ", item) for key, item in value.items()), "}", room)
    if isinstance(value, (str, bytes)) and len(value) > room:
        return None
    text = repr(value)
    return text if len(text) <= room else None


def _joined(head: str, parts: Iterable[tuple[str, Any]], tail: str, room: int) -> str | None:
    texts: list[str] = []
    room -= len(head) + len(tail)
    for name, item in parts:
        room -= len(name) + (2 if texts else 0)
        text = _whole(item, room)
        if text is None:
            return None
        room -= len(text)
        texts.append(name + text)
    return f"{head}{', '.join(texts)}{tail}" if room >= 0 else None


def _short(value: Any, room: int) -> str | None:
    """Return the repr of a value, shortened to fit; None if too little of it would be left."""
    whole = _whole(value, room)
    if whole is not None or room < _LEAST:
        return whole
    if is_structure(value):
        text = _some(f"{type(value).__name__}(", _members(value), ")", room)
        return text if "=" in text else None
    if is_list(value):
        return _some("[", [("", item) for item in value], "]", room)
    if is_mapping(value):
        return _some("{", [(f"{key!r}: ", item) for key, item in value.items()], "}", room)
    return _cut(value, min(room, _TEXT)) if isinstance(value, str) else None


def _some(head: str, parts: list[tuple[str, Any]], tail: str, room: int) -> str:
    """Join as many parts as fit, and count the others."""
    texts: list[str] = []
    room -= len(head) + len(tail)
    for index, (name, item) in enumerate(parts):
        more = repr(More(len(parts) - index))
        left = room - len(name) - len(more) - 2
        # A long member leaves room for the next. List items are alike, so the first one may take more.
        share = left // 2 if name else left * 3 // 4
        text = _short(item, max(share, min(left, _LEAST))) or _short(item, left)
        if text is None and name and is_structure(item) and len(type(item).__name__) + 5 <= left:
            text = f"{type(item).__name__}(...)"
        if text is None:
            texts.append(more)
            break
        texts.append(name + text)
        room -= len(name) + len(text) + 2
    return f"{head}{', '.join(texts)}{tail}"


def _cut(text: str, room: int) -> str:
    """Return the repr of a text without its middle, because an ARN ends with the name and a URI with the file."""
    half = (room - 5) // 2
    short = repr(f"{text[:half]}...{text[-half:]}")
    return short if len(short) <= room else f"{repr(text[:half])[: room - 4]}...'"


# --- whole ------------------------------------------------------------------------------------------------------------


def pretty(obj: Any, printer: Any, cycle: bool) -> None:
    """Write an object with IPython's pretty printer: every member that is set, and the first ten items of lists."""
    name = type(obj).__name__
    if cycle:
        printer.text(f"{name}(...)")
        return
    with printer.group(4, f"{name}(", ")"):
        for index, (field, value) in enumerate(obj.__rich_repr__()):
            if index:
                printer.text(",")
            printer.breakable(" " if index else "")
            printer.text(f"{field}=")
            if is_list(value) and len(value) > _ITEMS:
                value = [*value[:_ITEMS], More(len(value) - _ITEMS)]
            printer.pretty(value)


def teach_pprint(own_repr: Callable[..., Any]) -> None:
    """Make `pprint` print complete objects, if it is imported.

    `pprint` lays out objects whose `__repr__` is in a private table, if the repr is too long for a line. If the table has an
    unknown form, `pprint` keeps printing the repr.
    """
    printer: Any = getattr(sys.modules.get("pprint"), "PrettyPrinter", None)
    known = getattr(printer, "_dispatch", None)
    if isinstance(known, dict) and hasattr(printer, "_format"):
        known.setdefault(own_repr, _pprint)  # pyright: ignore[reportUnknownMemberType]


def _pprint(printer: Any, obj: Any, stream: Any, indent: int, allowance: int, context: Any, level: int) -> None:
    stream.write(f"{type(obj).__name__}(")
    members = list(obj.__rich_repr__())
    for name, value in members:
        last = name == members[-1][0]
        stream.write(f"\n{' ' * (indent + 4)}{name}=")
        printer._format(value, stream, indent + 5 + len(name), allowance + 1 if last else 1, context, level)
        stream.write("" if last else ",")
    stream.write(")")
