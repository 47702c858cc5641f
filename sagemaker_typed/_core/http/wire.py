"""The requests and answers of one operation without botocore's machinery, and without any I/O.

    drafts = Lane.drafts(client, model, arguments)      # once for each operation
    lane = Lane.learned(drafts, credentials, keys)      # None if botocore's request has an unknown form
    exchange = lane.exchange(arguments)
    outgoing = exchange.first(credentials)              # send it, with any HTTP library
    pause = exchange.answered(status, headers, body)    # or exchange.failed(error), if no response came
    while pause is not None:
        ...                                             # sleep `pause` seconds
        outgoing = exchange.again()                     # send it, and so on
    answer = exchange.result()                          # the result or exception of boto3's method

botocore determines the form of a request. So a lane lets the installed botocore make the first request of its operation,
keeps the constant parts, and is used only if it then makes the same bytes itself. Responses go through the client's parser,
retries through the client's handlers, and botocore makes the requests of retries.

`credentials` are botocore's frozen credentials. Fetching them (`get_frozen_credentials`) may do I/O, and is up to the caller;
`again` lets botocore fetch them.
"""

from __future__ import annotations

import json
import math
import os
import re
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

from botocore import auth, serialize
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.credentials import Credentials
from botocore.serialize import JSONSerializer, Serializer

from sagemaker_typed._core.http.attempts import told
from sagemaker_typed._core.http.copies import class_of, shallow
from sagemaker_typed._core.http.sigv4 import Canon, Keys
from sagemaker_typed._core.tuples import NamedTuple

__all__ = ["Draft", "Exchange", "Lane", "Outgoing", "is_traced"]

_DATE = "X-Amz-Date"
_TOKEN = "X-Amz-Security-Token"  # a header name
_AUTHORIZATION = "Authorization"
_INVOCATION = "amz-sdk-invocation-id"
_LENGTH = "Content-Length"
_TRACE = "X-Amzn-Trace-Id"
_CHANGING = (_DATE, _TOKEN, _AUTHORIZATION, _INVOCATION, _LENGTH, _TRACE)
_SIGNATURE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^ ]*/\d{8}/([^/ ]+)/([^/ ]+)/aws4_request, SignedHeaders=([^ ]+), Signature=\w+"
)
_PORTS = {"http": 80, "https": 443}
_SCALARS = ("string", "integer", "long", "boolean")
_OF_TIMES = {"_timestamp_precision"}
"""Attributes of a serializer that decide only how it writes times."""
_HERE = "\0"
_NO_TOKEN = str(uuid.UUID(int=0))
_SAFE = "-=;:+&[]{}\"',"
"""Characters that botocore does not escape in the trace header."""


class Outgoing(NamedTuple):
    """A signed request to send with exactly these headers, in this order, plus those that HTTP requires."""

    method: str
    url: str
    headers: Mapping[str, bytes | str]
    body: bytes

    def prepared(self) -> Any:
        """The same request in botocore's form, for botocore's errors."""
        return AWSPreparedRequest(self.method, self.url, self.headers, self.body, False)


def is_traced() -> bool:
    """Whether a call would have the trace header of an AWS Lambda function."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ and bool(os.environ.get("_X_AMZN_TRACE_ID"))


class Lane:
    """The constant parts of one operation's requests by one client. Safe to share among threads."""

    def __init__(self, client: Any, model: Any, template: _Template) -> None:
        self.client = client
        self.model = model
        self.template = template
        self.endpoint: Any = client._endpoint
        self.events: Any = client.meta.events
        service = model.service_model
        self.event = f"{service.service_id.hyphenize()}.{model.name}"
        self.url = template.url
        """The URL of all requests."""
        self.is_ascii = template.is_ascii
        """Whether all headers are ASCII, so that their encoding does not matter."""
        self.has_token = template.has_token
        """Whether the requests have a session token, because the credentials are temporary."""
        # For a successful response, botocore's standard retry handler only records that the attempt was the last.
        self.silent_attempts: int = template.retries.get("max", 0)
        self.parser: Any = self.endpoint._response_parser_factory.create_parser(_protocol(service))
        self._serializer: Any = client._serializer
        self._written = _way_of_writing(self._serializer)
        self._scalars = _scalars(model, self._serializer)
        self._input = f"before-parameter-build.{self.event}" if model.idempotent_members else None
        self._resolving = f"before-endpoint-resolution.{service.service_id.hyphenize()}"

    @staticmethod
    def drafts(client: Any, model: Any, arguments: dict[str, Any]) -> list[Draft]:
        """Let botocore make requests without sending them; empty for an operation that is not a plain `POST` of JSON.

        The second request has a different body, to find headers that depend on the body. Raises botocore's errors.
        """
        if not _is_plain(client, model):
            return []
        return [Draft(client, model, _about_to_be_sent(client, model, arguments, body)) for body in (None, b"{}")]

    @classmethod
    def learned(cls, drafts: list[Draft], credentials: Any, keys: Keys) -> Lane | None:
        """Return a lane that makes the same requests as botocore; None if it would not."""
        template = _Template.learned(drafts, credentials, keys)
        return None if template is None else cls(drafts[0].client, drafts[0].model, template)

    def exchange(self, arguments: Mapping[str, Any], retries: float | None = None) -> Exchange:
        """Begin a call. `retries` is the maximum number of retries; None or infinity leaves it to the client's settings.

        Raises the `KeyError` of botocore's serializer for a member that the client's model lacks.
        """
        context = dict(self.template.context)
        if self._input is not None:
            arguments = dict(arguments)
            self.events.emit(self._input, params=arguments, model=self.model, context=context)
            self.events.emit(self._resolving, builtins={}, model=self.model, params=arguments, context=context)
        return Exchange(self, self._body(arguments), context, None if retries == math.inf else retries)

    def _body(self, arguments: Mapping[str, Any]) -> bytes:
        if (
            type(arguments) is dict
            and arguments.keys() <= self._scalars
            and _way_of_writing(self._serializer) == self._written
        ):
            return json.dumps(arguments).encode()  # as botocore's serializer does, in a third of the time
        body: bytes = self._serializer.serialize_to_request(arguments, self.model)["body"]
        return body


def _scalars(model: Any, serializer: Any) -> set[str]:
    """Return the members of an operation's input that botocore's serializer writes as they are."""
    usual = (serializer.MAP_TYPE, serializer.DEFAULT_ENCODING, serialize.json) == (dict, "utf-8", json)
    if not usual or serializer.__dict__.keys() - _OF_TIMES:
        return set()
    members: dict[str, Any] = {} if model.input_shape is None else model.input_shape.members
    plain = {each for each in _SCALARS if not hasattr(serializer, f"_serialize_type_{each}")}
    return {name for name, shape in members.items() if shape.type_name in plain and not shape.serialization}


def _way_of_writing(serializer: Any) -> tuple[object, ...]:
    """Return whatever decides how the serializer writes a request, besides the methods that the guard watches."""
    holders = cast("tuple[Any, ...]", (JSONSerializer, Serializer, serializer))
    sizes = [len(each.__dict__) for each in holders]
    return (*sizes, serializer.MAP_TYPE, serializer.DEFAULT_ENCODING, serialize.json)


def _protocol(service: Any) -> str:
    found: str = getattr(service, "resolved_protocol", None) or service.metadata["protocol"]
    return found


class Exchange:
    """One call: its request, its attempts and its answer."""

    def __init__(self, lane: Lane, body: bytes, context: dict[str, Any], retries: float | None = None) -> None:
        self.retries = retries
        """Number of retries left; None leaves it to the client's settings."""
        self._lane = lane
        self._body = body
        self._context = context
        self._attempts = 1
        self._trace: str | None = None
        self._response: tuple[Any, Any] | None = None
        self._error: Exception | None = None

    # --- requests -----------------------------------------------------------------------------------------------------

    @property
    def body(self) -> bytes:
        """The body of every attempt."""
        return self._body

    def first(self, credentials: Any) -> Outgoing:
        """Return the request of the first attempt, signed with frozen credentials."""
        template = self._lane.template
        invocation = str(uuid.uuid4())
        self._context["retries"] = {**template.retries, "invocation-id": invocation}
        if template.traced:
            self._trace = quote(os.environ.get("_X_AMZN_TRACE_ID", ""), safe=_SAFE)
        headers = template.headers(self._body, credentials, _timestamp(), invocation, self._trace)
        return Outgoing(template.method, template.url, headers, self._body)

    def again(self) -> Outgoing:
        """Return the request of the next attempt, signed by botocore."""
        lane = self._lane
        self._attempts += 1
        lane.endpoint._update_retries_context(self._context, self._attempts, self._response)
        made = lane.endpoint.create_request(self._request(), lane.model)
        return Outgoing(made.method, made.url, made.headers, made.body)

    def _request(self) -> dict[str, Any]:
        """Return the request in the form of botocore's retry handlers and signer."""
        request = self._lane.template.request
        trace = {} if self._trace is None else {_TRACE: self._trace}
        headers = {**request["headers"], **trace}
        return {**request, "headers": headers, "body": self._body, "context": self._context}

    # --- what became of them ------------------------------------------------------------------------------------------

    def answered(self, status: int, headers: Mapping[str, str], body: bytes) -> float | None:
        """Process a response. Return the seconds to sleep before another attempt; None if this was the last.

        `headers` maps names to values; values of a repeated name are joined by commas.
        """
        lane = self._lane
        http = _Answer(lane.url, status, headers, body)
        good = status < 300
        response = {
            "headers": {name.lower(): value for name, value in headers.items()} if good else http.headers,
            "status_code": status,
            "context": {"operation_name": lane.model.name},
            "body": body,
        }
        parsed: Any = lane.parser.parse(response, lane.model.output_shape)
        if not good:
            lane.endpoint._add_modeled_error_fields(response, parsed, lane.model, lane.parser)
        self._response, self._error = (http, parsed), None
        if good and not self._is_last() and self._attempts < lane.silent_attempts and "Error" not in parsed:
            return None
        return self._pause()

    def failed(self, error: Exception) -> float | None:
        """Process a botocore error that came instead of a response. Returns the same as `answered`."""
        self._response, self._error = None, error
        return self._pause()

    def _is_last(self) -> bool:
        return self.retries is not None and self._attempts > self.retries

    def _pause(self) -> float | None:
        last, request = self._is_last(), self._request()
        answers: Any = self._lane.events.emit(
            f"needs-retry.{self._lane.event}",
            response=self._response,
            endpoint=self._lane.endpoint,
            operation=self._lane.model,
            attempts=self._attempts if self.retries is None else told(self._attempts, request, last=last),
            caught_exception=self._error,
            request_dict=request,
        )
        seconds = next((answer for _, answer in answers if answer is not None), None)
        return None if last or seconds is None or seconds is False else float(seconds)

    def result(self) -> Any:
        """Return the result of boto3's method, or raise its exception."""
        if self._response is None:
            assert self._error is not None, "nothing came yet"
            raise self._error
        lane = self._lane
        http, parsed = self._response
        if "ResponseMetadata" in parsed:
            parsed["ResponseMetadata"]["RetryAttempts"] = self._attempts - 1
        lane.events.emit(
            f"after-call.{lane.event}", http_response=http, parsed=parsed, model=lane.model, context=self._context
        )
        if http.status_code < 300:
            return parsed
        code = self._context.get("error_code_override") or parsed.get("Error", {}).get("Code")
        raise lane.client.exceptions.from_code(code)(parsed, lane.model.name)


class _Answer(AWSResponse):  # type: ignore[misc]
    """A response that was read already; its headers are converted when botocore's retry handlers read them."""

    def __init__(self, url: str, status: int, headers: Any, body: bytes) -> None:
        self.url = url
        self.status_code = status
        self.raw = _Whole(body)
        self._came = headers
        self._content: bytes | None = body

    @property
    def headers(self) -> Any:
        return HeadersDict(self._came)


class _Whole:
    """A body that was read already, as a stream for botocore."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> list[bytes]:
        return [self._body]


def _timestamp() -> str:
    """Return the time of the clock that botocore signs with, even if it is patched."""
    now: Any = getattr(auth, "get_current_datetime", None) or vars(auth)["datetime"].datetime.utcnow
    text: str = now().isoformat("T", "seconds")  # `strftime` is three times slower
    return f"{text[:4]}{text[5:7]}{text[8:13]}{text[14:16]}{text[17:19]}Z"


# --- learning ---------------------------------------------------------------------------------------------------------


class _Caught(Exception):
    """Carries the request that botocore was about to send."""

    def __init__(self, request: dict[str, Any]) -> None:
        super().__init__()
        self.request = request


class _Halfway:
    """A copy of botocore's client that makes the request of a call, with a given body if there is one, without sending it."""

    if TYPE_CHECKING:
        _body: bytes | None

    def _convert_to_request_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        request: Any = super()._convert_to_request_dict(*args, **kwargs)  # type: ignore[misc]
        if self._body is not None:
            request["body"] = self._body
        return cast("dict[str, Any]", request)

    def _make_request(self, operation_model: Any, request_dict: dict[str, Any], request_context: Any) -> None:
        raise _Caught(request_dict)


def _halfway(cls: type[Any]) -> type[Any]:
    # Not cached: botocore makes a class for each client, and a cache would keep it, with all its methods.
    return type(f"Halfway{cls.__name__}", (_Halfway, cls), {})


class Draft:
    """A request from botocore, unsigned."""

    def __init__(self, client: Any, model: Any, request: dict[str, Any]) -> None:
        self.client = client
        self.model = model
        self.context = dict(request["context"])
        self._made = request
        headers = {name: value for name, value in request["headers"].items() if name != _TRACE}
        self.request = {**request, "headers": headers}

    def signed(self, credentials: Any) -> tuple[Any, dict[str, Any]]:
        """Return the request signed by botocore with frozen credentials, and botocore's context for retries."""
        signing = {**self.context.get("signing", {}), "request_credentials": Credentials(*credentials[:3])}
        context = {**self.context, "signing": signing, "retries": {"invocation-id": _NO_TOKEN}}
        endpoint = self.client._endpoint
        endpoint._update_retries_context(context, 1)
        return endpoint.create_request({**self._made, "context": context}, self.model), context["retries"]


def _is_plain(client: Any, model: Any) -> bool:
    """Whether the operation sends and receives plain JSON, without special features of botocore."""
    special = (
        *(model.has_streaming_input, model.has_streaming_output, model.has_event_stream_output),
        *(model.http_checksum, model.http_checksum_required, getattr(model, "request_compression", None)),
    )
    return (
        not any(special)
        and _protocol(model.service_model) == "json"
        and type(client._serializer) is JSONSerializer
        and model.endpoint is None  # a prefix of the host
        and not model.static_context_parameters
        and not model.context_parameters
    )


class _Template:
    """A request from botocore, split at the parts that differ between calls."""

    def __init__(
        self, prepared: Any, request: dict[str, Any], context: dict[str, Any], keys: Keys, canon: Canon
    ) -> None:
        self.method: str = prepared.method
        self.url: str = prepared.url
        self.request = request
        self.context = context
        self.retries: dict[str, Any] = {}
        self._names = [(name, None if name in _CHANGING else value) for name, value in prepared.headers.items()]
        self.is_ascii = all(_bytes(value).isascii() for _, value in self._names if value is not None)
        self.traced = _TRACE in prepared.headers
        self.has_token = _TOKEN in prepared.headers
        self._keys = keys
        self._canon = canon

    @classmethod
    def learned(cls, drafts: list[Draft], credentials: Any, keys: Keys) -> _Template | None:
        """Return the template of some requests; None if it would not reproduce them."""
        signed = [draft.signed(credentials) for draft in drafts]
        canon = _canon(signed[0][0])
        if canon is None:
            return None
        made = cls(signed[0][0], drafts[0].request, drafts[0].context, keys, canon)
        made.retries = signed[0][1]
        return made if all(made._equals(prepared, credentials) for prepared, _ in signed) else None

    def _equals(self, prepared: Any, credentials: Any) -> bool:
        """Whether the template reproduces botocore's request."""
        if not isinstance(prepared.body, bytes) or prepared.stream_output:
            return False
        if (prepared.method, prepared.url) != (self.method, self.url):
            return False
        sent = {name: _bytes(value) for name, value in prepared.headers.items()}
        trace = sent[_TRACE].decode() if self.traced else None
        ours = self.headers(prepared.body, credentials, sent[_DATE].decode(), sent[_INVOCATION].decode(), trace)
        return [(name, _bytes(value)) for name, value in ours.items()] == list(sent.items())

    def headers(
        self, body: bytes, credentials: Any, timestamp: str, invocation: str, trace: str | None
    ) -> dict[str, bytes | str]:
        """Return the headers of a first attempt, in order."""
        access_key, secret_key, token = credentials[:3]
        signature = self._keys.authorization(
            self._canon, access_key=access_key, secret_key=secret_key, token=token, timestamp=timestamp, body=body
        )
        changing = {
            _DATE: timestamp.encode(),
            _TOKEN: b"" if token is None else token.encode(),
            _AUTHORIZATION: signature.encode(),
            _INVOCATION: invocation.encode(),
            _LENGTH: str(len(body)),
            _TRACE: b"" if trace is None else trace.encode(),
        }
        return {name: changing[name] if value is None else value for name, value in self._names}


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _about_to_be_sent(client: Any, model: Any, arguments: dict[str, Any], body: bytes | None) -> dict[str, Any]:
    given = {**dict.fromkeys(model.idempotent_members, _NO_TOKEN), **arguments}  # so that botocore generates none
    try:
        shallow(client, _halfway(class_of(client)), _body=body)._make_api_call(model.name, given)
    except _Caught as caught:
        return caught.request
    raise ValueError("botocore has sent the request by another way")


def _canon(prepared: Any) -> Canon | None:
    """Return the canonical form of a request, from the headers named in its signature."""
    found = _SIGNATURE.fullmatch(_bytes(prepared.headers.get(_AUTHORIZATION, b"")).decode())
    if found is None:
        return None
    region, name, signed = found.groups()
    values = {name.lower(): " ".join(_bytes(value).decode().split()) for name, value in prepared.headers.items()}
    values["host"] = _host(prepared.url)
    names = signed.split(";")
    changing = {_DATE.lower(), _TOKEN.lower()}
    lines = [f"{name}:{_HERE if name in changing else values.get(name, '')}\n" for name in names]
    if _TOKEN.lower() not in names:
        lines.insert(names.index(_DATE.lower()) + 1 if _DATE.lower() in names else 0, _HERE)
    text = f"{prepared.method}\n{urlsplit(str(prepared.url)).path or '/'}\n\n{''.join(lines)}\n{signed}\n"
    pieces = text.split(_HERE)
    if len(pieces) != 3:
        return None
    return Canon(pieces[0], pieces[1], pieces[2], signed, region, name)


def _host(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, _PORTS.get(parts.scheme)) else f"{host}:{parts.port}"
