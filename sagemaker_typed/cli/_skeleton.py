"""Writes a request as YAML to fill in: commented members, the required ones first, the optional ones commented out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, get_args, get_origin

from sagemaker_typed._core.convert.hooks import is_structure
from sagemaker_typed._core.convert.members import member_types
from sagemaker_typed.cli._words import about_class, about_member, limits_of
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.structure import Member, Request, is_union, operation_of

__all__ = ["skeleton"]

_WIDTH = 79
_NARROWEST = 40
_VALUES, _FIRST_VALUES = 20, 8
"""How many values of an enum are listed at most."""
_TYPES: Mapping[Any, str] = {
    bool: "true or false",
    datetime: "a time, as 2026-01-31T12:00:00Z",
    float: "a number",
    int: "a whole number",
}


class _Line(NamedTuple):
    """One line. `off` counts the # before it: one for each optional member around it."""

    off: int
    indent: int
    text: str
    key: bool

    def __str__(self) -> str:
        return ("#" * self.off + " " * self.indent + self.text).rstrip()


def skeleton(cls: type[Request[Any]], *, wire: bool = False, required_only: bool = False) -> str:
    """Return the YAML of a request: with AWS's names for `wire`, without optional members for `required_only`."""
    writer = _Writer(wire, required_only)
    name = operation_of(cls).name
    about = about_class(cls).partition(": ")[2]
    head = [f"{name}: {about}" if about else f"{name}.", *_HOW]
    if required_only:
        head.pop()
    wrapped = (part for text in head for part in [*textwrap.wrap(text, _WIDTH - 2), ""])
    lines = [_Line(0, 0, f"# {part}", False) for part in wrapped][:-1]
    return "\n".join(map(str, [*lines, *writer.members(cls, 0, 0, ())])) + "\n"


_HOW = (
    "Fill in what has no value; a member without one is not sent.",
    "Members that begin with # are optional: take one # away from a member and from all that is below it.",
)


class _Writer:
    def __init__(self, wire: bool, required_only: bool) -> None:
        self._wire, self._required_only = wire, required_only

    def members(self, cls: Any, off: int, indent: int, around: tuple[Any, ...]) -> Iterator[_Line]:
        found = sorted(member_types(cls), key=lambda each: not each[0].required)
        if is_union(cls):
            yield _Line(off, indent, "# Exactly one of these:", False)
        for member, type_ in found:
            if member.required or not self._required_only:
                yield from self._member(cls, member, type_, off + (not member.required), indent, (*around, cls))

    def _member(
        self, cls: Any, member: Member, type_: Any, off: int, indent: int, around: tuple[Any, ...]
    ) -> Iterator[_Line]:
        key = member.wire if self._wire else member.field
        if not indent:
            yield _Line(0, 0, "", False)
        room = max(_NARROWEST, _WIDTH - off - indent - 2)
        for part in textwrap.wrap(_prose(cls, member, type_), room, break_long_words=False, break_on_hyphens=False):
            yield _Line(off, indent, f"# {part}", False)
        yield from self._key(key, member, type_, off, indent, around)

    def _key(
        self, key: str, member: Member, type_: Any, off: int, indent: int, around: tuple[Any, ...]
    ) -> Iterator[_Line]:
        """Yield the key, and below it the members of a structure, or of the first item of a list."""
        item = get_args(type_)[0] if _is_list(type_) and not member.pairs else None
        inner = next((each for each in (type_, item) if is_structure(each) and each not in around), None)
        if inner is None and get_origin(type_) is not None:
            yield _Line(off, indent, f"{key}: {'{}' if item is None else '[]'}", True)
            return
        yield _Line(off, indent, f"{key}:", True)
        if inner is not None:
            lines = self.members(inner, off, indent + 2, around)
            yield from lines if inner is type_ else _dashed(list(lines), off, indent)


def _dashed(lines: list[_Line], off: int, indent: int) -> Iterator[_Line]:
    """Yield the members of an item, the first after a dash. If that one is optional, the dash has its own line."""
    first = next((index for index, line in enumerate(lines) if line.key), None)
    if first is None or lines[first].off != off:
        yield _Line(off, indent, "-", True)
        yield from lines
        return
    for index, line in enumerate(lines):
        yield line._replace(indent=indent, text=f"- {line.text}") if index == first else line


def _prose(cls: Any, member: Member, type_: Any) -> str:
    item = get_args(type_)[-1] if get_origin(type_) is not None else type_
    facts = [_shape(member, type_), limits_of(cls, member.field), _values(item)]
    return " ".join([about_member(cls, member.field), *(f"{fact[0].upper()}{fact[1:]}." for fact in facts if fact)])


def _shape(member: Member, type_: Any) -> str:
    if member.pairs:
        return "a mapping, as {team: vision}"
    if get_origin(type_) is None:
        return _TYPES.get(type_, "")
    item = get_args(type_)[-1]
    of = _TYPES.get(item, "") or (f"`{item.__name__}`" if is_structure(item) else "")
    if not _is_list(type_):
        return f"a mapping of names to {of or 'texts'}" if of else "a mapping, as {NAME: value}"
    return "a list, as [one, two]" if not of else ""


def _values(type_: Any) -> str:
    """Return the values of an enum."""
    if not (isinstance(type_, type) and issubclass(type_, OpenEnum)):
        return ""
    texts = [str(value) for value in type_]
    if len(texts) <= _VALUES:
        return f"one of {', '.join(texts)}"
    return f"one of {', '.join(texts[:_FIRST_VALUES])}, and {len(texts) - _FIRST_VALUES} more"


def _is_list(type_: Any) -> bool:
    origin = get_origin(type_)
    return origin is not None and not issubclass(origin, Mapping)
