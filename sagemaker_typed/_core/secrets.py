"""The secrets of one request or response: hides them where a text or a document repeats them."""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, NamedTuple

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.converter import to_boto3
from sagemaker_typed._core.masks import hides, masked, masked_unknown
from sagemaker_typed._core.printable import HIDDEN
from sagemaker_typed.structure import Structure, members_of

__all__ = ["shown_document", "without_secrets", "without_values"]

# Shorter ones are words and numbers, which stand in every message.
_SHORTEST = 6
_ARN = re.compile(r"(arn:[^\s'\",;)\]]+)")
# How the service repeats what it does not accept: "Value '{KEY=value}' at 'environment' failed to satisfy constraint".
_BEGIN, _MIDDLE = "Value '", "' at '"
# How botocore does: "Invalid type for parameter Environment.KEY, value: 5, type: <class 'int'>".
_VALUE = re.compile(r"value: .*(, type: <class )", re.DOTALL)


class _Texts(NamedTuple):
    secret: set[str]
    plain: set[str]
    members: set[str]
    """The wire names of the members that hold secrets, in lower case."""


def without_secrets(message: str, request: Structure) -> str:
    """The service's message about a request, without the secrets that the request holds.

    No pattern is made of secrets: `re` keeps the patterns it compiled, and takes minutes over one of megabytes.
    """
    found = _Texts(set(), set(), set())
    _gather(request, found)
    if not found.members:
        return message
    arns = [match.span() for match in _ARN.finditer(message)]
    hidden = list(_repeated(message, found.members))
    for text in found.secret:
        if not _SHORTEST <= len(text) <= len(message):
            continue
        spans = [span for form in _forms(text) for span in _spans(message, form) if not _within(span, arns)]
        if spans and not any(text in plain for plain in found.plain):
            hidden += spans
    return _without(message, hidden)


def _forms(text: str) -> set[str]:
    """The text as it stands, and as JSON and HTML write it. None is shorter than the text."""
    html = escape(text, quote=False)
    quotes = html.replace('"', "&quot;")
    return {
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1].replace("/", "\\/"),
        html,
        quotes,
        *(quotes.replace("'", apostrophe) for apostrophe in ("&#x27;", "&#39;", "&#039;", "&apos;")),
    }


def _spans(message: str, text: str) -> Iterator[tuple[int, int]]:
    at = message.find(text)
    while at >= 0:
        yield at, at + len(text)
        at = message.find(text, at + len(text))


def _within(span: tuple[int, int], arns: list[tuple[int, int]]) -> bool:
    """ARNs stay whole: the region in one may be the value of an environment variable as well."""
    index = bisect_right(arns, (span[0], sys.maxsize)) - 1
    return index >= 0 and span[1] <= arns[index][1]


def _without(message: str, hidden: list[tuple[int, int]]) -> str:
    """Spans that overlap are hidden as one, so that the end of one secret does not survive another."""
    parts: list[str] = []
    at = 0
    for begin, end in sorted(hidden):
        if begin >= at and (begin > at or not parts):
            parts += [message[at:begin], HIDDEN]
        at = max(at, end)
    return "".join([*parts, message[at:]])


def _gather(value: Any, found: _Texts) -> None:
    """Take the texts of a value. Without recursion: a request that is nested too deeply to be sent gets here as well."""
    waiting, seen = [value], set[int]()
    while waiting:
        item = waiting.pop()
        if isinstance(item, Structure):
            if id(item) not in seen:  # a structure may hold itself
                seen.add(id(item))
                waiting += _shown(item, found)
        elif isinstance(item, str):
            found.plain.add(str(item))
        else:
            waiting += _items(item)


def _shown(value: Structure, found: _Texts) -> Iterator[Any]:
    """The values of the members that are shown; takes the texts of the others."""
    for member in members_of(type(value)):
        item = getattr(value, member.field)
        if item is None:
            continue
        if hides(member):
            found.members.add(member.wire.lower())
            found.secret.update(_texts(item))
        else:
            yield item


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, (bytes, bytearray)):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            return
    if isinstance(value, str):
        yield str(value)
    for item in _items(value):
        yield from _texts(item)


def _items(value: Any) -> Iterator[Any]:
    if is_mapping(value):
        yield from value.values()
    elif is_list(value):
        yield from value


def _repeated(message: str, members: set[str]) -> Iterator[tuple[int, int]]:
    """Where values of these members stand. Search with `find`: a pattern would try every pair of beginning and end."""
    at = 0
    while (begin := message.find(_BEGIN, at)) >= 0 and (at := message.find(_MIDDLE, begin)) >= 0:
        end = message.find("'", at + len(_MIDDLE))
        path = message[at + len(_MIDDLE) : end].lower()
        if end >= 0 and not members.isdisjoint(re.split(r"[.\[]", path)):
            yield begin + len(_BEGIN), at


def without_values(report: str) -> str:
    """botocore's report on parameters of a wrong type, without their values."""
    return "\n".join(_VALUE.sub(rf"value: {HIDDEN}\1", line) for line in report.splitlines())


def shown_document(obj: Structure) -> dict[str, Any]:
    """The dict that boto3 gives for `obj`, with secrets hidden."""
    return _hidden(to_boto3(obj), obj)


def _hidden(document: Mapping[str, Any], obj: Structure) -> dict[str, Any]:
    by_wire = {member.wire: member for member in members_of(type(obj))}
    unknown = masked_unknown(obj.unknown_members)
    shown: dict[str, Any] = {}
    for name, value in document.items():
        member = by_wire.get(name)
        if member is None:
            shown[name] = unknown.get(name, value)
        elif hides(member):
            shown[name] = masked(value, member)
        else:
            shown[name] = _below(value, getattr(obj, member.field))
    return shown


def _below(document: Any, value: Any) -> Any:
    """`document` is boto3's form of `value`."""
    if isinstance(value, Structure):
        return _hidden(document, value)
    if is_list(value) and is_list(document):
        return [_below(part, item) for part, item in zip(document, value, strict=True)]
    if is_mapping(value) and is_mapping(document):
        return {key: _below(part, item) for (key, part), item in zip(document.items(), value.values(), strict=True)}
    return document
