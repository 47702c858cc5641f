"""Responses whose body botocore's parser has not read.

botocore's parser drops members that its model does not know, and takes most of a call's time. Its dict is needed only for
hooks, and most calls have none. So a typed call without listeners gets an `UnreadAnswer`, which holds the body. With
listeners, botocore parses the response as usual, and the call keeps the body next to the dict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import Context, ContextVar, copy_context
from copy import deepcopy
from typing import Any, SupportsIndex

from botocore.awsrequest import HeadersDict

from sagemaker_typed._core.bodies import as_error, error_within, judge, unmarked
from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.http.copies import class_of
from sagemaker_typed._core.listeners import heard
from sagemaker_typed._core.operation import Operation
from sagemaker_typed._core.streams import EventFrames
from sagemaker_typed._core.tuples import NamedTuple

__all__ = ["Answers", "Received", "TypedCall", "UnreadAnswer", "is_checked", "with_unknown"]

_METADATA = "ResponseMetadata"
_REQUEST_ID = "x-amzn-requestid"
_READS = ("Describe", "List", "Search", "Get", "Query", "BatchDescribe", "BatchGet")


class Received(NamedTuple):
    """A response from the wire, and its parser."""

    parser: Any
    response: Mapping[str, Any]
    shape: Any
    found: Mapping[str, Any] = {}
    """The members of the body, as parsed JSON."""
    flaw: str | None = None
    """The flaw of a broken response; None for a valid one."""
    refused: bool = False
    """Whether the service sent an error with a success status."""
    foreign: bool = False
    """Whether the response has an error status and a body that is not from the service."""
    heard: bool = False
    """Whether a listener may have edited the parsed response."""

    @property
    def body(self) -> bytes:
        body: bytes = self.response["body"]
        return body

    @property
    def status(self) -> int:
        status: int = self.response["status_code"]
        return status

    def parsed(self) -> dict[str, Any]:
        """Return the members from botocore's parser, without edits of hooks."""
        parsed: dict[str, Any] = self.parser.parse(self.response, self.shape)
        return parsed

    def bare(self) -> dict[str, Any]:
        """Return the metadata alone, as botocore's parser makes it without a shape."""
        if self.status < 300 and _is_plain(self.parser):
            return _metadata_of(self.response)
        parsed: dict[str, Any] = self.parser.parse({**self.response, "body": b"{}"}, None)
        return parsed

    def edited(self, answer: Mapping[str, Any]) -> bool:
        """Whether a hook has changed a member of the parsed response."""
        if isinstance(answer, UnreadAnswer) and answer.unread:
            return False
        return {**answer, _METADATA: None} != {**self.parsed(), _METADATA: None}


def _metadata_of(response: Mapping[str, Any]) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in response["headers"].items()}
    metadata = {"HTTPStatusCode": response["status_code"], "HTTPHeaders": headers}
    if _REQUEST_ID in headers:
        metadata = {"RequestId": headers[_REQUEST_ID], **metadata}
    return {_METADATA: metadata}


_PLAIN: dict[type[Any], bool] = {}


def _is_plain(parser: Any) -> bool:
    """Whether `_metadata_of` makes the same metadata as botocore's parser; it needs a tenth of the time."""
    cls: Any = class_of(parser)
    if cls not in _PLAIN:
        samples = [{"Date": "today", "x-amzn-RequestId": "id"}, {"x-amz-id-2": "2"}, {}]
        answers = [{"status_code": 200, "headers": HeadersDict(headers), "body": b"{}"} for headers in samples]
        _PLAIN[cls] = all(parser.parse(answer, None) == _metadata_of(answer) for answer in answers)
    return _PLAIN[cls]


class UnreadAnswer(dict[str, Any]):
    """The members of a response, parsed from its body on first access.

    Copies and pickles are plain dicts.
    """

    __slots__ = ("_has_error", "received", "unread")

    def __init__(self, received: Received) -> None:
        super().__init__(received.bare())
        self.received = received
        self.unread = True
        self._has_error = b'"Error"' in received.body and "Error" in received.shape.members

    def _read(self) -> None:
        if self.unread:
            self.unread = False
            metadata = super().pop(_METADATA)
            super().update({**self.received.parsed(), _METADATA: metadata})

    def _lacks(self, key: object) -> bool:
        """Whether the response surely lacks the member. botocore looks for "Error" after every call."""
        return self.unread and key == "Error" and not self._has_error

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
        if kwargs or any(args):  # botocore updates every response, nearly always with nothing
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
_OF_OBJECT = {"__class_getitem__", "__getattribute__", "__new__", "__init__", "__hash__", "__sizeof__"}
for _name in [name for name in vars(dict) if name not in _OWN | _OF_OBJECT]:
    setattr(UnreadAnswer, _name, _reading(_name))


def with_unknown(raw: Any, parsed: Any, current: Any) -> Any:
    """Return `current`, which a hook made from `parsed`, plus the members of the body that the parser dropped."""
    values = (raw, parsed, current)
    if all(map(is_mapping, values)):
        dropped = {name: value for name, value in raw.items() if value is not None and name not in parsed}
        both = {
            name: with_unknown(raw[name], parsed[name], current[name])
            for name in parsed.keys() & raw.keys() & current.keys()
        }
        return {**dropped, **current, **both}
    if all(map(is_list, values)) and len(raw) == len(parsed) == len(current):
        return [with_unknown(*items) for items in zip(*values, strict=True)]
    return current


# --- the parser -------------------------------------------------------------------------------------------------------


class TypedCall:
    """A running typed call. Its response is left unread unless the call has listeners.

    Other calls of the client get plain dicts from botocore's parser.
    """

    __slots__ = ("_arguments", "_operation", "_over", "_token", "heard", "received", "unread")

    def __init__(self, client: Any, operation: Operation, arguments: dict[str, Any], *, unread: bool = True) -> None:
        self.unread = unread
        """Whether the body has all members of the response, so that it may be left unread."""
        self.heard = heard(client, operation.name)
        self.received: list[tuple[dict[str, Any], Received]] = []
        self._operation = operation
        # A hook may edit its arguments, at any depth.
        self._arguments = _copied(arguments) if self.heard else arguments
        self._over = False

    def __enter__(self) -> TypedCall:
        self._token = _UNDER_WAY.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        self._over = True  # a hook may have copied the context
        _UNDER_WAY.reset(self._token)

    def context(self) -> Context:
        """Return a copy of the caller's context in which the call runs until `end`; other code may run between its steps."""
        made = copy_context()
        made.run(_UNDER_WAY.set, self)
        return made

    def end(self) -> None:
        """End the call in its `context`."""
        self._over = True

    @property
    def pages(self) -> bool:
        """Whether the response is a page of a list."""
        return bool(self._operation.items)

    @property
    def only_reads(self) -> bool:
        """Whether the call changes nothing, so that it may always be sent again."""
        return self._operation.name.startswith(_READS)

    def takes(self, shape: Any) -> bool:
        """Whether a response of this shape may belong to the call."""
        return not self._over and self._operation.output == getattr(shape, "name", None)

    def checked(self, operation: str, arguments: dict[str, Any]) -> bool:
        """Whether these are the checked arguments, unchanged by hooks."""
        return not self._over and self._operation.name == operation and self._arguments == arguments

    def received_as(self, answer: object) -> Received | None:
        """Return the source of `answer`; None for a dict that did not come from our parser."""
        if isinstance(answer, UnreadAnswer):
            return answer.received
        return next((received for made, received in self.received if made is answer), None)


def _copied(arguments: dict[str, Any]) -> dict[str, Any]:
    """Copy the arguments. Files are not copied."""
    return {name: item if hasattr(item, "read") else deepcopy(item) for name, item in arguments.items()}


_UNDER_WAY: ContextVar[TypedCall | None] = ContextVar("sagemaker_typed call", default=None)


def is_checked(operation: str, arguments: dict[str, Any]) -> bool:
    """Whether a typed call of this operation is running, and its arguments are unchanged since the check."""
    call = _UNDER_WAY.get()
    return call is not None and call.checked(operation, arguments)


# botocore retries on this code, with its own pauses and limit. `finish` never sees it.
_AGAIN = b'{"__type": "RequestTimeout", "message": "The answer did not come whole."}'


class Answers:
    """A wrapper of botocore's parser factory whose parsers return an `UnreadAnswer` to typed calls."""

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
        call = _UNDER_WAY.get()
        if call is None:
            return self._general.parse(response, shape)
        if not isinstance(response["body"], bytes):
            if call.takes(shape) and _gives_events(shape):
                response = {**response, "body": EventFrames(response["body"])}
            return self._general.parse(response, shape)
        if call.takes(shape):
            return self._parse_for(call, response, shape)
        if response["status_code"] >= 300 and getattr(shape, "metadata", {}).get("exception"):
            # botocore parses the modeled members of the error from the body.
            body, _ = as_error(response["status_code"], response["headers"], response["body"])
            return self._general.parse({**response, "body": body}, shape)
        return self._general.parse(response, shape)

    def _parse_for(self, call: TypedCall, response: dict[str, Any], shape: Any) -> Any:
        headers, sent = response["headers"], response["body"]
        received = Received(self._general, {**response, "body": unmarked(sent)}, shape)
        if received.status >= 300:
            body, is_theirs = as_error(received.status, headers, received.body, in_code=not call.unread)
            received = received._replace(foreign=not is_theirs)
            # botocore's parser treats 300 as a success, and its client treats it as an error.
            parsed = self._error(received, body, max(received.status, 301))
        elif (error := error_within(headers, received.body, received.shape)) is not None:
            received = received._replace(refused=True)
            parsed = self._error(received, error)
        else:
            found, flaw = judge(headers, sent, received.shape, pages=call.pages)
            received = Received(self._general, received.response, shape, found, flaw)
            if flaw is None:
                return self._answer(call, received)
            parsed = self._error(received, _AGAIN) if call.only_reads else received.bare()
        call.received.append((parsed, received))
        return parsed

    def _answer(self, call: TypedCall, received: Received) -> Any:
        if received.shape is not None and not call.heard and call.unread:
            return UnreadAnswer(received)
        received = received._replace(heard=call.heard)
        try:
            parsed = received.parsed()
        except (
            Exception
        ):  # botocore's parser has no error classes; `finish` converts the same members, and reports the path
            return UnreadAnswer(received)
        call.received.append((parsed, received))
        return parsed

    def _error(self, received: Received, body: bytes, status: int = 400) -> dict[str, Any]:
        """Return botocore's form of an error with the original status, so that botocore retries if the code allows it."""
        response = {**received.response, "status_code": status, "body": body}
        parsed: dict[str, Any] = self._general.parse(response, received.shape)
        parsed[_METADATA]["HTTPStatusCode"] = received.status
        return parsed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._general, name)


def _gives_events(shape: Any) -> bool:
    if shape is None or "payload" not in shape.serialization:
        return False
    return bool(shape.members[shape.serialization["payload"]].serialization.get("eventstream"))
