"""Hides the secrets of a request or response in texts and documents that repeat them."""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.convert.converter import to_boto3
from sagemaker_typed._core.masks import hides, masked, masked_unknown
from sagemaker_typed._core.patterns import lazy_pattern
from sagemaker_typed._core.printable import HIDDEN
from sagemaker_typed._core.tuples import NamedTuple
from sagemaker_typed.structure import Structure, members_of

__all__ = ["shown_document", "without_secrets", "without_values"]

# Shorter values are words and numbers, which may occur in any message.
_SHORTEST = 6
_ARN = lazy_pattern(r"(arn:[^\s'\",;)\]]+)")
# The service repeats refused values: "Value '{KEY=value}' at 'environment' failed to satisfy constraint".
_BEGIN, _MIDDLE = "Value '", "' at '"
# So does botocore: "Invalid type for parameter Environment.KEY, value: 5, type: <class 'int'>".
_VALUE = lazy_pattern(r"value: .*(, type: <class )", re.DOTALL)


class _Texts(NamedTuple):
    secret: set[str]
    plain: set[str]
    members: set[str]
    """Return the wire names of the members with secrets, in lower case."""


def without_secrets(message: str, request: Structure) -> str:
    """Return the service's message about a request without the secrets of the request.

    No regular expression is made from secrets: `re` caches compiled patterns, and takes minutes to compile megabytes.
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
    """Yield the text unchanged, and escaped for JSON and HTML. No form is shorter than the text."""
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
    """Return the spans outside of ARNs: the region in an ARN may be the value of an environment variable, too."""
    index = bisect_right(arns, (span[0], sys.maxsize)) - 1
    return index >= 0 and span[1] <= arns[index][1]


def _without(message: str, hidden: list[tuple[int, int]]) -> str:
    """Merge overlapping spans, so that no end of a secret remains visible."""
    parts: list[str] = []
    at = 0
    for begin, end in sorted(hidden):
        if begin > at or not parts:
            parts += [message[at:begin], HIDDEN]
        at = max(at, end)
    return "".join([*parts, message[at:]])


def _gather(value: Any, found: _Texts) -> None:
    """Collect the texts of a value. Not recursive, because requests that are nested too deeply to be sent get here, too."""
    waiting, seen = [value], set[int]()
    while waiting:
        item = waiting.pop()
        if isinstance(item, Structure):
            if id(item) not in seen:  # a structure may contain itself
                seen.add(id(item))
                waiting += _shown(item, found)
        elif isinstance(item, str):
            found.plain.add(str(item))
        else:
            waiting += _items(item)


def _shown(value: Structure, found: _Texts) -> Iterator[Any]:
    """Yield the values of visible members; collect the texts of secret ones."""
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
    """Yield the spans of these members' values. Uses `find`, because a pattern would try every pair of start and end."""
    at = 0
    while (begin := message.find(_BEGIN, at)) >= 0 and (at := message.find(_MIDDLE, begin)) >= 0:
        end = message.find("'", at + len(_MIDDLE))
        path = message[at + len(_MIDDLE) : end].lower()
        if end >= 0 and not members.isdisjoint(re.split(r"[.\[]", path)):
            yield begin + len(_BEGIN), at


def without_values(report: str) -> str:
    """Return botocore's report on parameters of a wrong type, without their values."""
    return "\n".join(_VALUE.sub(rf"value: {HIDDEN}\1", line) for line in report.splitlines())


def shown_document(obj: Structure) -> dict[str, Any]:
    """Return boto3's dict for `obj`, with secrets hidden."""
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
