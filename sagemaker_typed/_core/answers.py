"""Answers whose body botocore's parser has not read.

botocore's parser drops what its model does not know, and takes most of a call's time. It gives what it parsed to every
hook, and hardly ever does a hook look at it. So a typed call gets an `UnreadAnswer`: a dict that runs the parser when
somebody looks into it, and otherwise only carries the body. Each call has an answer of its own, so that a hook may make
calls in the middle of another one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, SupportsIndex

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.operation import Operation

__all__ = ["Answers", "UnreadAnswer", "expecting", "is_checked", "with_unknown"]

_METADATA = "ResponseMetadata"


class UnreadAnswer(dict[str, Any]):
    """The members of an answer, parsed from its body when somebody looks.

    A copy and a pickle are plain dicts.
    """

    __slots__ = ("_parser", "_response", "_shape", "_unread", "body")

    def __init__(self, parser: Any, response: Mapping[str, Any], shape: Any) -> None:
        # Without a shape, botocore's parser gives the metadata alone.
        super().__init__(parser.parse({**response, "body": b"{}"}, None))
        self._parser = parser
        self._response = response
        self._shape = shape
        self._unread = True
        self.body: bytes = response["body"]

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What botocore notes of every answer: the request id, the status, the headers, the retries."""
        found: Mapping[str, Any] = super().get(_METADATA, {})
        return found

    def parsed(self) -> dict[str, Any]:
        """The members as botocore's parser gives them, without any edit of a hook."""
        parsed: dict[str, Any] = self._parser.parse(self._response, self._shape)
        return parsed

    @property
    def edited(self) -> bool:
        """Whether a hook has changed a member."""
        if self._unread:
            return False
        return {**self, _METADATA: None} != {**self.parsed(), _METADATA: None}

    def _read(self) -> None:
        if self._unread:
            self._unread = False
            metadata = super().pop(_METADATA)
            super().update({**self.parsed(), _METADATA: metadata})

    def _lacks(self, key: object) -> bool:
        """Whether the answer has no such member. botocore asks for "Error" after every call."""
        return self._unread and key == "Error" and (b'"Error"' not in self.body or key not in self._shape.members)

    # --- the dict -----------------------------------------------------------------------------------------------------

    def __getitem__(self, key: str) -> Any:
        if key != _METADATA:
            self._read()
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        if key != _METADATA and not self._lacks(key):
            self._read()
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        if key != _METADATA and not self._lacks(key):
            self._read()
        return super().__contains__(key)

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key != _METADATA:
            self._read()
        return super().setdefault(key, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        if kwargs or any(args):  # botocore updates every answer, nearly always with nothing
            self._read()
            super().update(*args, **kwargs)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        self._read()
        return dict, (dict(self.items()),)


def _reading(name: str) -> Callable[..., Any]:
    plain = getattr(dict, name)

    def method(self: UnreadAnswer, *args: Any, **kwargs: Any) -> Any:
        self._read()  # pyright: ignore[reportPrivateUsage]
        return plain(self, *args, **kwargs)

    return method


_OWN = frozenset(vars(UnreadAnswer))
_OF_OBJECT = {"__class_getitem__", "__getattribute__", "__new__", "__init__", "__hash__", "__sizeof__", "__doc__"}
for _name in [name for name in vars(dict) if name not in _OWN | _OF_OBJECT]:
    setattr(UnreadAnswer, _name, _reading(_name))


def with_unknown(raw: Any, parsed: Any, current: Any) -> Any:
    """`current`, which a hook made of `parsed`, with the members of the body that the parser has dropped."""
    values = (raw, parsed, current)
    if all(map(is_mapping, values)):
        dropped = {name: value for name, value in raw.items() if value is not None and name not in parsed}
        both = {
            name: with_unknown(raw[name], parsed[name], current[name])
            for name in parsed.keys() & raw.keys() & current.keys()
        }
        return {**current, **both, **dropped}
    if all(map(is_list, values)) and len(raw) == len(parsed) == len(current):
        return [with_unknown(*items) for items in zip(*values, strict=True)]
    return current


# --- the parser -------------------------------------------------------------------------------------------------------


# The typed call that is under way: its operation, and the arguments that boto3's method was given.
_EXPECTED: ContextVar[tuple[Operation, dict[str, Any]] | None] = ContextVar("sagemaker_typed expected", default=None)


class expecting:  # a context manager reads like a function, and this one is entered at every call
    """A typed call, whose answer is left unread. Any other call of the client gets plain dicts from botocore's parser."""

    __slots__ = ("_call", "_token")

    def __init__(self, operation: Operation, arguments: dict[str, Any]) -> None:
        self._call = operation, arguments

    def __enter__(self) -> None:
        self._token = _EXPECTED.set(self._call)

    def __exit__(self, *error: object) -> None:
        _EXPECTED.reset(self._token)


def is_checked(operation: str, arguments: dict[str, Any]) -> bool:
    """Whether a call is the typed one that is under way, with the arguments that were checked."""
    expected = _EXPECTED.get()
    return expected is not None and expected[0].name == operation and expected[1] == arguments


class Answers:
    """botocore's factory of parsers, over which an `UnreadAnswer` is given to typed calls."""

    def __init__(self, general: Any) -> None:
        self._general = general

    def create_parser(self, protocol_name: str) -> Any:
        return _Parser(self._general.create_parser(protocol_name))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._general, name)


class _Parser:
    def __init__(self, general: Any) -> None:
        self._general = general

    def parse(self, response: dict[str, Any], shape: Any) -> Any:
        expected = _EXPECTED.get()
        body: bytes = response["body"]
        if not body or expected is None or expected[0].output != getattr(shape, "name", None):
            return self._general.parse(response, shape)
        if response["status_code"] >= 300:
            return self._general.parse({**response, "body": _sound(body)}, shape)
        return self._general.parse(response, shape) if shape is None else UnreadAnswer(self._general, response, shape)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._general, name)


def _sound(body: bytes) -> bytes:
    """The body of an error in a form that botocore's parser can read; proxies and half-dead servers send others."""
    text = body.decode(errors="replace")
    try:
        parsed: Any = json.loads(text)
    except ValueError:
        return text.encode()
    if is_mapping(parsed) and isinstance(parsed.get("__type", ""), str) and isinstance(parsed.get("code", ""), str):
        return body
    return json.dumps({"message": text}).encode()
