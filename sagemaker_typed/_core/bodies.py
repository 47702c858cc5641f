"""Whether a body is a response of the service, and which part of it an error may show.

Proxies, captive portals and broken connections yield other bodies: HTML pages, truncated JSON, nothing.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sagemaker_typed._core.codes import BY_CODE
from sagemaker_typed._core.containers import is_mapping
from sagemaker_typed._core.convert.json import loads
from sagemaker_typed._core.patterns import lazy_pattern

__all__ = ["as_error", "error_type", "error_within", "excerpt", "judge", "readable", "unmarked"]

_SHOWN = 200  # characters
_LOOKED_AT = 800  # bytes; enough for `_SHOWN` characters after escaping and cutting
_ERROR_TYPE = "x-amzn-errortype"
_REQUEST_ID = "x-amzn-requestid"
_METADATA = "ResponseMetadata"
_REQUIRED: WeakKeyDictionary[Any, list[str]] = WeakKeyDictionary()
_WORDS = {list: "a list", str: "a text", bool: "a boolean", type(None): "null"}


# --- answers ----------------------------------------------------------------------------------------------------------


def judge(headers: Mapping[str, Any], body: bytes, shape: Any, *, pages: bool) -> tuple[Mapping[str, Any], str | None]:
    """Return the members of a body with a success status, and its flaw, if it has one.

    `shape` is botocore's shape of the output, or None for an operation without output. A payload is not checked.
    `pages` says that the response is a page: an empty body would look like the end of the list.
    """
    if shape is not None and "payload" in shape.serialization:
        return {}, None
    if missing := _missing_bytes(headers, body):
        return {}, f"was cut off: {missing} bytes of its body are missing"
    required = [] if shape is None else _required(shape)
    if not body and not required and not pages:
        return {}, None
    try:
        found = _read(body)
    except ValueError as error:
        return {}, f"is {error}"
    return found, _flaw(found, shape, required)


def _flaw(found: Mapping[str, Any], shape: Any, required: list[str]) -> str | None:
    """Return the flaw of a response's members, or None."""
    if _other_type(found, shape) is not None:
        return "names a type that is neither its own nor a known error"
    if required and all(found.get(name) is None for name in required):
        return "has none of its required members"
    return None


def _required(shape: Any) -> list[str]:
    """Return the wire names of the required members in the body, without those in headers."""
    found = _REQUIRED.get(shape)
    if found is None:
        members = {name: shape.members[name] for name in shape.required_members}
        found = [_wire(name, member) for name, member in members.items() if "location" not in member.serialization]
        _REQUIRED[shape] = found
    return found


def _wire(name: str, member: Any) -> str:
    found: str = member.serialization.get("name", name)
    return found


def _missing_bytes(headers: Mapping[str, Any], body: bytes) -> int:
    """Return the number of bytes missing from a body, according to its `Content-Length`."""
    announced = str(headers.get("content-length"))
    if not announced.isdecimal():
        return 0
    # Python refuses to parse thousands of digits; nineteen are enough for any body.
    return max(0, int(announced.lstrip("0")[:19] or "0") - len(body))


def _read(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object of a body, without a member called `ResponseMetadata`, which botocore adds itself.

    Raises `ValueError` with a description of any other body.
    """
    try:
        found: Any = loads(body)
    except RecursionError as error:
        raise ValueError("JSON that is nested too deeply to read") from error
    except ValueError as error:
        raise ValueError(f"not JSON ({error})" if body.strip() else "empty") from error
    if not is_mapping(found):
        raise ValueError(f"not a JSON object but {_WORDS.get(found.__class__, 'a number')}")
    return {name: item for name, item in found.items() if name != _METADATA} if _METADATA in found else found


def unmarked(body: bytes) -> bytes:
    """Return a body without the byte order mark that some gateways add; botocore's parser fails on it."""
    return body.removeprefix(BOM_UTF8)


def readable(body: bytes) -> bool:
    """Whether a body is a JSON object that botocore's parser can read. On others it fails, or returns nothing."""
    try:
        _read(body)
        body.decode()
    except ValueError:
        return False
    return True


# --- errors -----------------------------------------------------------------------------------------------------------


def error_within(headers: Mapping[str, Any], body: bytes, shape: Any) -> bytes | None:
    """Return the body of an error that came with a success status; None for any other response.

    Some responses name their own type in `__type`, next to their members. An error has none of these members. A response
    with an unknown type is not an error; `judge` reports it as broken.
    """
    code = error_type(headers)
    if code is None and b'"__type"' not in body:
        return None
    found = _read(body) if readable(body) else {"message": excerpt(body)}
    if code is not None:
        return json.dumps({**found, "__type": code}).encode()
    return body if _other_type(found, shape) in BY_CODE else None


def _other_type(found: Mapping[str, Any], shape: Any) -> str | None:
    """Return the type that a body without any members of the output names, unless it is the output's own type."""
    kind = found.get("__type")
    members: Mapping[str, Any] = {} if shape is None else shape.members
    if not isinstance(kind, str) or any(_wire(name, member) in found for name, member in members.items()):
        return None
    short = _short(kind)
    return None if short == getattr(shape, "name", None) else short


def as_error(status: int, headers: Mapping[str, Any], body: bytes, *, in_code: bool = False) -> tuple[bytes, bool]:
    """Return the body of an error in a form that botocore's parser reads, and whether the service sent it.

    The status alone marks a failure (5xx) or throttling (429), even if a proxy wrote the body. `in_code` says that the
    service may name the error in `code`, as REST services do.
    """
    text = body.decode("utf-8-sig", errors="replace")
    found = _parsed(text)
    theirs = _speaks_by_head(status, headers)
    has_id = status >= 400 and _REQUEST_ID in headers
    if is_mapping(found):
        theirs = theirs or has_id or (status >= 400 and _names_error(found, in_code=in_code))
        return text.encode() if theirs and _is_sound(found, in_code=in_code) else _message(body), theirs
    if not body:
        return body, theirs or has_id
    return body if _has_words(status, body) else _message(body), theirs


def _has_words(status: int, body: bytes) -> bool:
    """Whether botocore replaces an HTML page by its own message."""
    return status >= 500 and body.strip().startswith(b"<html>")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _speaks_by_head(status: int, headers: Mapping[str, Any]) -> bool:
    """Whether status and headers alone show that the service sent the response. It never redirects (3xx)."""
    return status >= 500 or status == 429 or (status >= 400 and error_type(headers) is not None)


def _is_sound(found: Mapping[str, Any], *, in_code: bool) -> bool:
    """Whether botocore's parser can read the code of an error, a text. It reads `code` for REST services only."""
    read = [found.get("__type", ""), *([found.get("code", found.get("Code", ""))] if in_code else [])]
    return all(isinstance(each, str) for each in read)


def _names_error(found: Mapping[str, Any], *, in_code: bool) -> bool:
    """Whether a JSON object names an error as the service does: in `__type`, or for REST services in `code`.

    Gateways send JSON objects too, with only a message or with a `code`; for services with a JSON protocol, botocore ignores
    the `code` as well.
    """
    kind = found.get("__type")
    codes = [found.get(name) for name in ("code", "Code")] if in_code else []
    return (isinstance(kind, str) and _short(kind) != "") or any(isinstance(code, str) and code for code in codes)


def _message(body: bytes) -> bytes:
    return json.dumps({"message": excerpt(body)}).encode()


def error_type(headers: Mapping[str, Any]) -> str | None:
    """Return the error code in the service's header."""
    value = headers.get(_ERROR_TYPE)
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return (_short(text) or None) if text else None


def _short(kind: str) -> str:
    return kind.rsplit("#", 1)[-1].split(":", 1)[0]


# --- what an error may show -------------------------------------------------------------------------------------------

_JSON_PARTS = lazy_pattern(r'"((?:[^"\\]|\\.)*)("|\\?$)(\s*:)?|[^\s"{}\[\],:]+', re.DOTALL)
_NAME = lazy_pattern(r"\w{1,64}")
_PAGE = lazy_pattern(r"<(?:!doctype\s+)?html\b", re.IGNORECASE)
_ELEMENT = lazy_pattern(r">[^<>]{13,}")
_QUERY = lazy_pattern(r"(://[^\s\"'<>?#]*[?#])[^\s\"'<>]+")
# An apostrophe inside a word does not open a quote. A truncated text has no closing quote.
_QUOTED = lazy_pattern(r"\"[^\"<>]{13,}(?:\"|$)|(?<!\w)'[^'<>]{13,}(?:'|$)")


def excerpt(body: bytes) -> str:
    """Return the beginning of a body, on one line and without control characters.

    The body may be part of a response whose values grant access (presigned URLs, tokens). JSON, wherever it begins, is
    reduced to the names of members; other pages lose long quoted values and the queries of URLs.
    """
    text = unmarked(body)[:_LOOKED_AT].decode(errors="replace").strip()
    start = 0 if text.startswith(("[", '"')) else text.find("{")
    page, json_text = (text, "") if start < 0 else (text[:start], text[start:])
    text = _page(page) + _JSON_PARTS.sub(_without_value, json_text)
    shown = "".join(each if each.isprintable() else _escaped(each) for each in " ".join(text.split()))
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."


def _page(text: str) -> str:
    """Return a page without texts that may be secret. XML other than HTML loses its long texts as well."""
    if text.startswith("<") and not _PAGE.search(text):
        text = _ELEMENT.sub(">...", text)
    return _QUOTED.sub(lambda found: f"{found[0][0]}...{found[0][0]}", _QUERY.sub(r"\1...", text))


def _without_value(part: re.Match[str]) -> str:
    name = part[1]
    if name is None or not part[3] or not _NAME.fullmatch(name):
        return "..."
    return part[0]


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
