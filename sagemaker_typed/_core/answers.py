"""Answers whose body botocore's parser has not read.

botocore's parser drops members that its model does not know, and takes most of a call's time. It makes a dict for hooks,
and most calls have none. So a typed call that nobody else hears of gets an `UnreadAnswer`, which carries the body. Where
somebody hears of it, botocore parses the answer as always, and the call keeps the body beside the dict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import Context, ContextVar, copy_context
from copy import deepcopy
from typing import Any, NamedTuple, SupportsIndex

from botocore.awsrequest import HeadersDict

from sagemaker_typed._core.bodies import as_error, error_within, judge, unmarked
from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.http.copies import class_of
from sagemaker_typed._core.listeners import heard
from sagemaker_typed._core.operation import Operation
from sagemaker_typed._core.streams import EventFrames

__all__ = ["Answers", "Received", "TypedCall", "UnreadAnswer", "is_checked", "with_unknown"]

_METADATA = "ResponseMetadata"
_REQUEST_ID = "x-amzn-requestid"
_READS = ("Describe", "List", "Search", "Get", "Query", "BatchDescribe", "BatchGet")


class Received(NamedTuple):
    """An answer as it came, and what parses it."""

    parser: Any
    response: Mapping[str, Any]
    shape: Any
    found: Mapping[str, Any] = {}
    """The members of the body, as JSON has them."""
    flaw: str | None = None
    """What is wrong with a body that should be an answer; None for an answer."""
    refused: bool = False
    """The service has answered with an error, in an answer whose status is one of success."""
    foreign: bool = False
    """The status is one of an error, and the body is not of the service."""
    heard: bool = False
    """Somebody may have edited what was parsed."""

    @property
    def body(self) -> bytes:
        body: bytes = self.response["body"]
        return body

    @property
    def status(self) -> int:
        status: int = self.response["status_code"]
        return status

    def parsed(self) -> dict[str, Any]:
        """The members as botocore's parser gives them, without any edit of a hook."""
        parsed: dict[str, Any] = self.parser.parse(self.response, self.shape)
        return parsed

    def bare(self) -> dict[str, Any]:
        """The metadata alone, as botocore's parser gives it without a shape."""
        if self.status < 300 and _is_plain(self.parser):
            return _metadata_of(self.response)
        parsed: dict[str, Any] = self.parser.parse({**self.response, "body": b"{}"}, None)
        return parsed

    def edited(self, answer: Mapping[str, Any]) -> bool:
        """Whether a hook has changed a member of the answer that was made of this."""
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
    """Whether botocore's parser makes the metadata that `_metadata_of` makes, in a tenth of the time."""
    cls: Any = class_of(parser)
    if cls not in _PLAIN:
        samples = [{"Date": "today", "x-amzn-RequestId": "id"}, {"x-amz-id-2": "2"}, {}]
        answers = [{"status_code": 200, "headers": HeadersDict(headers), "body": b"{}"} for headers in samples]
        _PLAIN[cls] = all(parser.parse(answer, None) == _metadata_of(answer) for answer in answers)
    return _PLAIN[cls]


class UnreadAnswer(dict[str, Any]):
    """The members of an answer, parsed from its body when somebody looks.

    A copy and a pickle are plain dicts.
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
        """Whether the answer has no such member. botocore asks for "Error" after every call."""
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
_OF_OBJECT = {"__class_getitem__", "__getattribute__", "__new__", "__init__", "__hash__", "__sizeof__"}
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
        return {**dropped, **current, **both}
    if all(map(is_list, values)) and len(raw) == len(parsed) == len(current):
        return [with_unknown(*items) for items in zip(*values, strict=True)]
    return current


# --- the parser -------------------------------------------------------------------------------------------------------


class TypedCall:
    """A typed call that is under way: its answer is left unread, unless somebody hears of the call.

    Any other call of the client gets plain dicts from botocore's parser.
    """

    __slots__ = ("_arguments", "_operation", "_over", "_token", "heard", "received", "unread")

    def __init__(self, client: Any, operation: Operation, arguments: dict[str, Any], *, unread: bool = True) -> None:
        self.unread = unread
        """Whether the answer's body has all of its members, and so may be left unread."""
        self.heard = heard(client, operation.name)
        self.received: list[tuple[dict[str, Any], Received]] = []
        self._operation = operation
        # A hook may edit what it is given, at any depth.
        self._arguments = _copied(arguments) if self.heard else arguments
        self._over = False

    def __enter__(self) -> TypedCall:
        self._token = _UNDER_WAY.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        self._over = True  # a context that a hook has copied goes on without the call
        _UNDER_WAY.reset(self._token)

    def context(self) -> Context:
        """A copy of the caller's context in which the call is under way until `end`, for steps between which others run."""
        made = copy_context()
        made.run(_UNDER_WAY.set, self)
        return made

    def end(self) -> None:
        """End the call in its `context`."""
        self._over = True

    @property
    def pages(self) -> bool:
        """Whether the answer is a page of a list."""
        return bool(self._operation.items)

    @property
    def only_reads(self) -> bool:
        """Whether the call changes nothing, and so may be sent again whatever became of it."""
        return self._operation.name.startswith(_READS)

    def takes(self, shape: Any) -> bool:
        """Whether an answer of this shape may be that of the call."""
        return not self._over and self._operation.output == getattr(shape, "name", None)

    def checked(self, operation: str, arguments: dict[str, Any]) -> bool:
        """Whether these are the arguments that were checked, unchanged by hooks."""
        return not self._over and self._operation.name == operation and self._arguments == arguments

    def received_as(self, answer: object) -> Received | None:
        """What `answer` was made of; None for a dict that did not come from our parser."""
        if isinstance(answer, UnreadAnswer):
            return answer.received
        return next((received for made, received in self.received if made is answer), None)


def _copied(arguments: dict[str, Any]) -> dict[str, Any]:
    """A copy of the arguments. A file stays the same file."""
    return {name: item if hasattr(item, "read") else deepcopy(item) for name, item in arguments.items()}


_UNDER_WAY: ContextVar[TypedCall | None] = ContextVar("sagemaker_typed call", default=None)


def is_checked(operation: str, arguments: dict[str, Any]) -> bool:
    """Whether the typed call under way is of this operation, and its arguments are as they were checked."""
    call = _UNDER_WAY.get()
    return call is not None and call.checked(operation, arguments)


# A code on which botocore tries again, in its own time and as often as it may. `finish` never sees it.
_AGAIN = b'{"__type": "RequestTimeout", "message": "The answer did not come whole."}'


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
            # The members of the error that botocore has found in the body.
            body, _ = as_error(response["status_code"], response["headers"], response["body"])
            return self._general.parse({**response, "body": body}, shape)
        return self._general.parse(response, shape)

    def _parse_for(self, call: TypedCall, response: dict[str, Any], shape: Any) -> Any:
        headers, sent = response["headers"], response["body"]
        received = Received(self._general, {**response, "body": unmarked(sent)}, shape)
        if received.status >= 300:
            body, is_theirs = as_error(received.status, headers, received.body, in_code=not call.unread)
            received = received._replace(foreign=not is_theirs)
            # botocore's parser takes 300 for a success, and its client takes it for an error.
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
        ):  # botocore's parser has no error of its own; `finish` converts the same members, and says where
            return UnreadAnswer(received)
        call.received.append((parsed, received))
        return parsed

    def _error(self, received: Received, body: bytes, status: int = 400) -> dict[str, Any]:
        """An error as botocore has it, so that it tries again where the code says so, with the status that came."""
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
