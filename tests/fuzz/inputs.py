"""Answers that a service, a proxy or a broken network might send: valid ones, and valid ones with something changed.

A body begins as a sample of the operation's output, so that most changes get past the first `if`.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from typing import Any

from hypothesis import strategies as st

from tests.contract import model
from tests.support import samples

Draw = Callable[..., Any]

_FRAMINGS = ("whole", "cut", "short", "chunked", "cut chunk", "until closed")
HALF = ("cut", "short", "cut chunk")
"""The framings of which less than the whole body arrives."""
BODILESS = (204, 304)
"""The statuses of which HTTP says that no body follows."""


@dataclass(frozen=True, repr=False)
class Input:
    """One answer to one operation."""

    operation: str
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    framing: str = "whole"
    valid: bool = False
    """Whether the body is a sample as the service sends it."""

    @property
    def arrives(self) -> bool:
        """Whether the whole body gets to the client."""
        return self.framing not in HALF and self.status not in BODILESS

    def __repr__(self) -> str:
        kept = {**vars(self), "body": self.body if len(self.body) < 500 else self.body[:500] + b"..."}
        return f"Input({', '.join(f'{name}={value!r}' for name, value in kept.items())})"

    def wire(self) -> tuple[bytes, bool]:
        """The bytes of the answer, and whether the connection ends with them."""
        body, closes = self.body, self.framing != "whole" or self.status in BODILESS
        lines = [f"HTTP/1.1 {self.status} {_phrase(self.status)}", *(f"{k}: {v}" for k, v in self.headers.items())]
        match self.framing:
            case "whole":
                lines.append(f"Content-Length: {len(body)}")
            case "cut":  # the length is right, and the connection breaks before it
                lines.append(f"Content-Length: {len(body) + 1}")
            case "short":
                lines.append(f"Content-Length: {len(body)}")
                body = body[: len(body) // 2]
                if len(body) == len(self.body):  # of nothing there is no half
                    lines[-1] = "Content-Length: 7"
            case "chunked" | "cut chunk":
                lines.append("Transfer-Encoding: chunked")
                body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
                body = body[: len(body) // 2] if self.framing == "cut chunk" else body + b"0\r\n\r\n"
        if closes:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body, closes

    def to_json(self) -> str:
        kept = {**vars(self), "body": base64.b85encode(self.body).decode()}
        return json.dumps(kept, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Input:
        kept = json.loads(text)
        return cls(**{**kept, "body": base64.b85decode(kept["body"])})


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unnamed"


# --- valid bodies -----------------------------------------------------------------------------------------------------


@cache
def _sample(operation: str, variant: int, minimal: bool) -> bytes:
    shape = model.MODEL.operation_model(operation).output_shape
    if shape is None:
        return b"{}" if minimal else b""
    value = (samples.minimal if minimal else samples.fill)(shape, variant=variant)
    return json.dumps(samples.to_wire(shape, value)).encode()


def _error(draw: Draw) -> bytes:
    code = draw(st.sampled_from(_CODES))
    message = draw(st.sampled_from(_MESSAGES) | st.text(max_size=30))
    return json.dumps({draw(st.sampled_from(["__type", "code", "Code"])): code, "message": message}).encode()


_CODES = (
    "ValidationException", "ResourceNotFound", "ThrottlingException", "InternalFailure", "com.amazonaws#ResourceInUse",
    "AccessDeniedException:http://internal.amazon.com/coral/", "", "#", ":", "ExpiredTokenException", 7, None, ["x"], {},
)  # fmt: skip
_MESSAGES = (
    "Could not find endpoint \"x\".", "Rate exceeded", "", "\x1b[2J\r\n", "arn:aws:sagemaker:us-west-2:123456789012:a/b",
    "Cannot update in-progress endpoint \"arn:aws:sagemaker:us-west-2:123456789012:endpoint/x\".", "arn:" * 500, None,
    "RecordNotFound " * 400,
)  # fmt: skip


# --- changes to the value ---------------------------------------------------------------------------------------------

_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63, -(2**64), 10**30, 0.5, -0.0, 1e300, -1e300, 1e16, 253402300800,
    -62135596801, float("nan"), float("inf"), float("-inf"), "NaN", "Infinity", "-Infinity", "", " ", "null", "true",
    "1606172400.5", "1e300", "2024-01-01T00:00:00Z", "2024-01-01", "0000-00-00", "24:00", "9999-12-31T23:59:59-23:00",
    "Mon, 01 Jan 0001 00:00:00 +2400", "\x00", "\x1b]0;x\x07", "\ud800", "\u2028", "é" * 9, [], {}, [[]], [None], [{}],
    {"": None}, {"a": {}}, "{", "[1]", '{"a": 1}', b"x".hex(),
)  # fmt: skip
_LONG: tuple[Any, ...] = ("1" * 5_000, "9" * 100_000, "a" * 100_000, " " * 100_000, "1:" * 50_000, "2024-01-01" * 5_000,
                          "arn:aws:" * 10_000, [0] * 20_000, {str(i): i for i in range(5_000)}, 10**4_000)  # fmt: skip
_NAMES = (
    "ResponseMetadata", "__type", "Error", "message", "Message", "code", "NextToken", "unknown_members", "SDK_UNKNOWN_MEMBER",
    "response_metadata", "self", "get", "", "__class__", "ZzNew", "\ud800",
)  # fmt: skip


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Each container in a value with each key in it; containers come before what they hold."""
    found: list[tuple[Any, Any]] = []
    todo = [value]
    while todo:
        holder = todo.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in keys:
            found.append((holder, key))
            if len(found) < 3_000:
                todo.append(holder[key])
    return found


def _odd(draw: Draw) -> Any:
    rare = draw(st.integers(0, 39))
    if rare == 39:
        return deepcopy(draw(st.sampled_from(_LONG)))
    if rare > 34:
        return draw(
            st.floats() | st.integers() | st.text(max_size=20) | st.lists(st.none() | st.booleans(), max_size=3)
        )
    return deepcopy(draw(st.sampled_from(_ODD)))  # it may be changed in its turn


def _change(draw: Draw, whole: dict[str, Any]) -> None:
    places = _places(whole)
    do = draw(st.sampled_from(["replace", "replace", "replace", "drop", "add", "rename", "wrap", "swap", "repeat"]))
    if not places or do == "add":
        holders = [whole, *(holder[key] for holder, key in places if isinstance(holder[key], dict))]
        holder = holders[draw(st.integers(0, len(holders) - 1))]
        holder[draw(st.sampled_from(_NAMES) | st.text(max_size=5))] = _odd(draw)
        return
    holder, key = places[draw(st.integers(0, len(places) - 1))]
    match do:
        case "replace":
            holder[key] = _odd(draw)
        case "drop":
            del holder[key]
        case "rename" if isinstance(holder, dict):
            holder[draw(st.sampled_from([key.lower(), key.upper(), f"{key}x", f" {key}"]))] = holder.pop(key)
        case "wrap":
            holder[key] = draw(st.sampled_from([[holder[key]], {"value": holder[key]}, {str(key): holder[key]}]))
        case "swap":
            other, at = places[draw(st.integers(0, len(places) - 1))]
            holder[key] = json.loads(json.dumps(other[at]))
        case _:
            holder[key] = [holder[key]] * draw(st.integers(2, 5))


# --- changes to the text ----------------------------------------------------------------------------------------------

_SPLICES = (
    b"", b"\x00", b"\xff", b"\xed\xa0\x80", b"}", b"{", b"]", b"[", b'"', b",", b"\\", b"\\u", b"1e999", b"-", b"NaN",
    b"0" * 5_000, b"9" * 5_000, b'"a":1,', b"/**/", b"\xef\xbb\xbf", b"[" * 2_000, b'{"a":' * 2_000,
)  # fmt: skip
_TEXTS = (
    b"", b" ", b"null", b"true", b"0", b'"text"', b"[]", b"[{}]", b"{}", b"{}{}", b"{", b"\xff\xfe", b"\x00" * 8, b"<html>",
    b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>" * 20, b"upstream connect error",
    b"<?xml version='1.0'?><Error><Code>SlowDown</Code></Error>", b"[" * 100_000, b'{"a":' * 100_000,
    b"[" * 100_000 + b"]" * 100_000, b'{"ResponseMetadata": 1}', b'{"ResponseMetadata": {"HTTPStatusCode": "x"}}',
    b'{"__type": "ThrottlingException", "message": "Rate exceeded"}', b'{"Error": 1}', b'{"Error": {"Code": 3}}',
    b'{"__type": 1}', b'{"message": ["a"]}', b'{"message": "' + b"m" * 200_000 + b'"}', b"m" * 200_000,
    "{\"é\": 1}".encode("latin-1"), '{"a": 1}'.encode("utf-16"), '{"a": 1}'.encode("utf-32"), b"\x1b[31mred\x07\r\n",
)  # fmt: skip


def _spliced(draw: Draw, body: bytes) -> bytes:
    match draw(st.sampled_from(["cut", "splice", "splice", "flip", "other", "front", "back"])):
        case "cut":
            return body[: draw(st.integers(0, len(body)))]
        case "splice":
            start = draw(st.integers(0, len(body)))
            return body[:start] + draw(st.sampled_from(_SPLICES)) + body[start + draw(st.integers(0, 9)) :]
        case "flip" if body:
            at = draw(st.integers(0, len(body) - 1))
            return body[:at] + bytes([body[at] ^ draw(st.integers(1, 255))]) + body[at + 1 :]
        case "front":
            return draw(st.sampled_from(_SPLICES)) + body
        case "back":
            return body + draw(st.sampled_from(_SPLICES))
        case _:
            return draw(st.sampled_from(_TEXTS) | st.binary(max_size=40))


# --- around the body --------------------------------------------------------------------------------------------------

_STATUSES = (200, 201, 202, 204, 206, 299, 300, 301, 304, 307, 400, 401, 403, 404, 407, 408, 409, 413, 418, 429, 451, 499,
             500, 502, 503, 504, 509, 599)  # fmt: skip
_HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Type", "text/html"), ("Content-Type", ""), ("Content-Type", "application/json; charset=utf-16"),
    ("x-amzn-ErrorType", "ThrottlingException"), ("x-amzn-ErrorType", ":#"), ("x-amzn-query-error", "A;Sender"),
    ("x-amzn-query-error", ";;;"), ("Retry-After", "0"), ("Date", "soon"), ("Location", "http://127.0.0.1:9/"),
    ("x-amzn-RequestId", ""), ("x-amzn-RequestId", "\xe9\x1b[0m"), ("x-amz-id-2", "a"), ("Content-Encoding", "identity"),
    ("Content-Encoding", "gzip"), ("Content-Encoding", "deflate"), ("Content-Encoding", "x-nothing"), ("Set-Cookie", "a=b"),
    ("x-amz-retry-after", "1"), ("X-Long", "h" * 9_000),
)  # fmt: skip


@st.composite
def inputs(draw: Draw, operations: tuple[str, ...] = model.OPERATIONS) -> Input:
    """Any answer; about one in twenty is as it should be."""
    operation = draw(st.sampled_from(operations))
    headers = {"x-amzn-RequestId": "00000000-0000-4000-8000-000000000001", "Content-Type": "application/x-amz-json-1.1"}
    body = _sample(operation, draw(st.integers(0, 3)), draw(st.booleans()))
    made = Input(operation, body, headers=headers, valid=True)
    kind = draw(st.sampled_from(["value"] * 8 + ["text"] * 4 + ["status"] * 3 + ["frame"] * 2 + ["valid"]))
    if kind == "valid":
        return made
    if kind != "frame":
        if kind == "status" and draw(st.booleans()):
            body = _error(draw)
        if body and (kind == "value" or draw(st.booleans())):
            whole = json.loads(body)
            for _ in range(draw(st.integers(1, 4))):
                _change(draw, whole)
            body = json.dumps(whole, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
        if kind == "text":
            for _ in range(draw(st.integers(1, 2))):
                body = _spliced(draw, body)
        made = replace(made, body=body, valid=False)
    if kind in ("status", "frame") or draw(st.integers(0, 9)) == 9:
        made = replace(made, status=draw(st.sampled_from(_STATUSES)), valid=False)
    if draw(st.integers(0, 4)) == 4:
        made = _with_headers(draw, made)
    if kind == "frame":
        made = replace(made, framing=draw(st.sampled_from(_FRAMINGS)), valid=False)
    return made


def _with_headers(draw: Draw, made: Input) -> Input:
    headers = {**made.headers, **dict(draw(st.lists(st.sampled_from(_HEADERS), max_size=3)))}
    body = made.body
    if headers.get("Content-Encoding") == "gzip" and draw(st.booleans()):
        body = gzip.compress(body, mtime=0)
    return replace(made, headers=headers, body=body, valid=False)
