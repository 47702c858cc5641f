"""REST by the service models: the operation and members of a request, and the bytes of an answer.

The REST services sign as "sagemaker" too, so only the method and path of a request identify its service.
"""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._model import ServiceTables, Shape, service_tables
from sagemaker_typed.testing._siblings._eventstream import encode_event
from sagemaker_typed.testing._validation import check_request

__all__ = ["RestAnswer", "RestOperation", "RestRequest", "find_operation", "rest_operations"]

_SERVICES = (
    "sagemaker-runtime",
    "sagemaker-featurestore-runtime",
    "sagemaker-a2i-runtime",
    "sagemaker-metrics",
)


@dataclass(frozen=True, slots=True)
class RestRequest:
    """The parts of an HTTP request that determine the operation and its members."""

    method: str
    target: str
    """Path and query as they were sent: an ARN in a path has slashes of its own."""
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes

    @property
    def segments(self) -> Sequence[str]:
        return [unquote(part) for part in urlsplit(self.target).path.strip("/").split("/")]


@dataclass(frozen=True, slots=True)
class RestAnswer:
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes | Iterable[bytes]
    """Parts where the operation answers with a stream of events."""


@dataclass(frozen=True, slots=True)
class RestOperation:
    """One operation of a REST-JSON service."""

    model: ServiceTables
    name: str
    method: str
    path: Sequence[str]
    status: int

    def fits(self, method: str, segments: Sequence[str]) -> bool:
        return (
            method == self.method
            and len(segments) == len(self.path)
            and all(
                bool(part) if _is_label(own) else part == own for part, own in zip(segments, self.path, strict=True)
            )
        )

    # --- a request ---------------------------------------------------------------------------------------------------

    def parameters(self, request: RestRequest, *, patterns: bool) -> dict[str, Any]:
        """Return the members of a request that the model has. A body of bytes is one member."""
        shape = self.model.input_shape(self.name) or {"members": {}}
        payload = shape.get("payload")
        given = {} if payload else _json_members(request.body)
        given.update(self._located(shape, request))
        check = given if payload is None else {**given, payload: ""}
        check_request(self.model, self.name, check, patterns=patterns)
        if payload is not None:
            given[payload] = request.body
            self._check_size(shape, payload, request.body)
        return given

    def _located(self, shape: Shape, request: RestRequest) -> Iterator[tuple[str, Any]]:
        labels = dict(zip(self.path, request.segments, strict=True))
        query = parse_qs(urlsplit(request.target).query, keep_blank_values=True)
        for name, member in shape["members"].items():
            where, key = member.get("location"), member.get("locationName", name)
            about = self.model.shape(member["shape"])
            if where == "uri":
                yield name, labels[f"{{{key}}}"]
            elif where == "header" and key.lower() in request.headers:
                yield name, _from_text(about, request.headers[key.lower()])
            elif where == "querystring" and key in query:
                texts = query[key]
                yield name, texts if about["type"] == "list" else _from_text(about, texts[0])

    def _check_size(self, shape: Shape, payload: str, body: bytes) -> None:
        most = self.model.shape(shape["members"][payload]["shape"]).get("max")
        if most is not None and len(body) > most:
            raise AnsweredError(
                "ValidationException",
                f"1 validation error detected: Value at '{payload[:1].lower()}{payload[1:]}' failed to satisfy "
                f"constraint: Member must have length less than or equal to {most}",
            )

    # --- an answer ---------------------------------------------------------------------------------------------------

    def encode(self, members: Mapping[str, Any]) -> RestAnswer:
        """Encode an answer. Members that the output does not have are left out."""
        output = self.model.document["operations"][self.name].get("output")
        if output is None:
            return RestAnswer(self.status, [], b"")
        shape = self.model.shape(output["shape"])
        payload = shape.get("payload")
        headers: list[tuple[str, str]] = []
        inside: dict[str, Any] = {}
        for name, member in shape["members"].items():
            value = members.get(name)
            if value is None or name == payload:
                continue
            if member.get("location") == "header":
                headers.append((member.get("locationName", name), str(value)))
            else:
                inside[member.get("locationName", name)] = self._to_json(member["shape"], value)
        if payload is None:
            return RestAnswer(
                self.status, [("Content-Type", "application/json"), *headers], json.dumps(inside).encode()
            )
        body = members[payload]
        if self.model.shape(shape["members"][payload]["shape"]).get("eventstream"):
            headers.insert(0, ("Content-Type", "application/vnd.amazon.eventstream"))
            return RestAnswer(self.status, headers, _events(body))
        return RestAnswer(self.status, headers, body)

    def _to_json(self, shape: str, value: Any) -> Any:
        about = self.model.shape(shape)
        if about["type"] == "structure":
            return {
                member.get("locationName", name): self._to_json(member["shape"], value[name])
                for name, member in about["members"].items()
                if value.get(name) is not None
            }
        if about["type"] == "list":
            return [self._to_json(about["member"]["shape"], item) for item in value]
        if about["type"] == "timestamp" and about.get("timestampFormat") == "iso8601":
            moment = datetime.datetime.fromtimestamp(float(value), datetime.UTC)
            return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return value

    def error(self, error: AnsweredError) -> AnsweredError:
        """Return the error with a code that the operation declares and the model's HTTP status for that code."""
        declared = self.model.errors(self.name)
        code = error.code
        if code == "ValidationException" and "ValidationError" in declared:
            code = "ValidationError"
        return AnsweredError(code, error.message, self.status_of(code, error.status), members=error.members)

    def status_of(self, code: str, usual: int) -> int:
        if code not in self.model.errors(self.name):
            return usual
        return int(self.model.shape(code).get("error", {}).get("httpStatusCode", usual))


@functools.cache
def rest_operations() -> Mapping[str, RestOperation]:
    """Return all operations by name. No two of the services share an operation name."""
    return {operation.name: operation for service in _SERVICES for operation in _operations(service_tables(service))}


def find_operation(request: RestRequest) -> RestOperation | None:
    """Return the operation for a method and path."""
    segments = request.segments
    for operation in rest_operations().values():
        if operation.fits(request.method, segments):
            return operation
    return None


def _operations(model: ServiceTables) -> Iterator[RestOperation]:
    for name in model.operations:
        about = model.document["operations"][name]["http"]
        path = str(about["requestUri"]).strip("/").split("/")
        yield RestOperation(model, name, about["method"], path, int(about.get("responseCode", 200)))


def _is_label(segment: str) -> bool:
    return segment.startswith("{")


def _json_members(body: bytes) -> dict[str, Any]:
    try:
        parsed: object = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise AnsweredError("SerializationException", f"The body is not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise AnsweredError("SerializationException", "The body is not a JSON object")
    return {name: value for name, value in cast("dict[str, Any]", parsed).items() if value is not None}


def _from_text(shape: Shape, text: str) -> Any:
    """Convert the text of a header or query to its JSON type. A text that does not convert stays, and is refused later."""
    if shape["type"] in {"integer", "long"} and text.lstrip("-").isdecimal():
        return int(text)
    if shape["type"] == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text


def _events(events: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Encode events. Each is a mapping with one item: its type and its payload."""
    for event in events:
        for kind, payload in event.items():
            yield encode_event(kind, payload)
