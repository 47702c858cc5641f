"""The WSGI application that authorizes, counts, checks and routes each request, and injects faults."""

from __future__ import annotations

import json
import logging
import re
import threading
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import parse_qs

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._faults import Fault, Ledger
from sagemaker_typed.testing._model import ServiceTables, known_regions, service_tables
from sagemaker_typed.testing._resource import Call, Operations, World
from sagemaker_typed.testing._server import Bounds, InParts, LostConnection
from sagemaker_typed.testing._siblings import (
    PEERS,
    REFUSED,
    SERVICES,
    RestRequest,
    Siblings,
    cbor_reply,
    find_operation,
    read_message,
)
from sagemaker_typed.testing._siblings.identity import is_temporary, who_calls
from sagemaker_typed.testing._siblings.logs import LogStore
from sagemaker_typed.testing._validation import check_request

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["Gateway", "MotoLike"]

_JSON = "application/x-amz-json-1.1"
_CREDENTIAL = re.compile(
    r"AWS4-[A-Z0-9-]+ .*?Credential=[^/,\s]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
)
_PRESIGNED = re.compile(r"(^|&)(X-Amz-Signature|Signature)=")
_KEY = re.compile(r"Credential=(?P<key>[^/,\s]+)/")
_LOOPBACK = re.compile(r"(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\]", re.IGNORECASE)
_MISSING = re.compile(r"could not find|does not exist|not found", re.IGNORECASE)

logger = logging.getLogger(__name__)


class MotoLike(LogStore, Protocol):
    """The fallback for operations without a kind of ours, and the server of S3, CloudWatch Logs and STS."""

    @property
    def intact(self) -> bool: ...
    def sagemaker(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]: ...
    def s3(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]: ...
    def logs(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]: ...
    def sts(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]: ...


@dataclass
class Gateway:
    """The WSGI application. One lock protects our own state; S3 requests do not take it."""

    world: World
    ledger: Ledger
    lock: threading.RLock
    moto: MotoLike
    desks: Sequence[Operations]
    siblings: Siblings
    region: str
    """Where nobody asks whether there is such a region."""
    strict: bool
    """Refuse an operation without behaviour, where one that is not answers with a sample."""
    check_patterns: bool
    """Refuse what breaks a regular expression of the service model."""
    reset: Callable[[], None]
    most_unpacked: int = Bounds.DEFAULT_BYTES
    """Bytes of a body that came compressed."""
    closing: threading.Event = field(default_factory=threading.Event)
    """Set when the server stops: nothing waits any longer."""

    def __post_init__(self) -> None:
        self._model: ServiceTables = self.world.model
        self._handlers = {name: handler for desk in self.desks for name, handler in desk.operations().items()}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return self._route(environ, start_response)
        except LostConnection:
            raise
        except AnsweredError as error:
            return self._refuse(environ, start_response, error)
        except Exception as error:
            logger.exception("LocalSageMaker could not answer")
            failure = AnsweredError("InternalFailure", f"LocalSageMaker broke: {type(error).__name__}: {error}", 501)
            return self._refuse(environ, start_response, failure)

    def _route(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/moto-api/reset":
            _refuse_strangers(environ)
            self.reset()  # moto's server has this route; tests written for moto use it
            return _send(start_response, 200, "application/json", '{"status": "ok"}')
        service, region = _signed_for(environ)
        if not self.moto.intact:
            raise AnsweredError(
                "InternalFailure",
                "a mock_aws() block of moto began or ended in this process, and that wipes all of moto's state: "
                "S3 content is gone. Keep mock_aws() and a running LocalSageMaker apart, or call reset()",
                501,
            )
        if service == "s3":
            with self.lock:
                self.world.settle()
            return self.moto.s3(environ, start_response)
        if service in ("logs", "sts"):
            return self._neighbour(service, environ, start_response, region)
        if service in PEERS:
            return self._peer(service, environ, start_response, region)
        if service != "sagemaker":
            raise AnsweredError("NotImplemented", f"LocalSageMaker has {', '.join(SERVICES)}, and no {service}", 501)
        if "HTTP_X_AMZ_TARGET" not in environ:
            return self._sibling(environ, start_response, region)
        return self._sagemaker(environ, start_response, region)

    def _sagemaker(self, environ: WSGIEnvironment, start_response: StartResponse, region: str) -> Iterable[bytes]:
        operation = _operation(environ)
        if operation not in self._model.operations:
            raise AnsweredError("UnknownOperationException", f"SageMaker has no operation {operation!r}")
        fault = self._arrived(operation, region)
        parameters = _parameters(environ)
        try:
            check_request(self._model, operation, parameters, patterns=self.check_patterns)
        except RecursionError:
            raise AnsweredError("SerializationException", "The body is nested too deeply") from None
        try:
            with self.lock:
                self.world.settle()
                answer = self._answer(Call(operation, region, parameters, self.world.timeline.now()), environ)
        finally:
            _lose(fault)  # even if the answer is an error
        return _send(start_response, answer.status, _JSON, answer.body)

    def _sibling(self, environ: WSGIEnvironment, start_response: StartResponse, region: str) -> Iterable[bytes]:
        """Answer a REST service. Method and path identify the service and the operation."""
        request = _rest_request(environ)
        operation = find_operation(request)
        if operation is None:
            where = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
            raise AnsweredError("NotImplemented", f"LocalSageMaker has {', '.join(SERVICES)}, and no {where}", 501)
        fault = self._arrived(operation.name, region)
        handler, locked = self.siblings.handler(operation.name)
        if handler is None:
            raise AnsweredError("NotImplemented", f"LocalSageMaker has no behaviour for {operation.name}", 501)
        try:
            try:
                parameters = operation.parameters(request, patterns=self.check_patterns)
                with self.lock if locked else nullcontext():
                    if locked:
                        self.world.settle()
                    members = handler(Call(operation.name, region, parameters, self.world.timeline.now()))
            except AnsweredError as error:
                raise operation.error(error) from error
            except RecursionError:
                raise AnsweredError("SerializationException", "The body is nested too deeply") from None
        finally:
            _lose(fault)
        answer = operation.encode(members or {})
        start_response(_status_line(answer.status), [*answer.headers, ("x-amzn-RequestId", str(uuid.uuid4()))])
        return [answer.body] if isinstance(answer.body, bytes) else InParts(answer.body)

    def _neighbour(
        self, service: str, environ: WSGIEnvironment, start_response: StartResponse, region: str
    ) -> Iterable[bytes]:
        """Answer CloudWatch Logs and STS through moto, except for the log lines and the caller identity."""
        operation = _operation(environ) if service == "logs" else _action(environ)
        fault = self._arrived(operation, region)
        if operation == "GetCallerIdentity":
            key = _KEY.search(environ.get("HTTP_AUTHORIZATION", ""))
            if key is None or not is_temporary(key["key"]):
                _lose(fault)
                body = who_calls(self.world.account_id, region, str(uuid.uuid4()))
                return _send(start_response, 200, "text/xml", body)
        with self.lock:
            self.world.settle()
            if service == "logs":
                self.siblings.logs.deliver(self.moto)
            chunks = list((self.moto.logs if service == "logs" else self.moto.sts)(environ, start_response))
        _lose(fault)
        return chunks

    def _peer(
        self, service: str, environ: WSGIEnvironment, start_response: StartResponse, region: str
    ) -> Iterable[bytes]:
        """Answer CloudWatch and the Resource Groups Tagging API."""
        model = service_tables(PEERS[service])
        target, path = environ.get("HTTP_X_AMZ_TARGET", ""), environ["PATH_INFO"]
        message = read_message(model, target, path, self._unpacked(environ))
        fault = self._arrived(message.operation, region)
        handler = self.siblings.peers[service].get(message.operation)
        if handler is None:
            raise AnsweredError("NotImplemented", f"LocalSageMaker has no behaviour for {message.operation}", 501)
        try:
            check_request(model, message.operation, message.parameters, patterns=self.check_patterns)
            with self.lock:
                self.world.settle()
                members = handler(Call(message.operation, region, message.parameters, self.world.timeline.now()))
        except AnsweredError as error:
            if error.code != "ValidationException":
                raise
            raise AnsweredError(REFUSED[service], error.message) from error
        finally:
            _lose(fault)
        request_id = str(uuid.uuid4())
        reply = message.answer(model, members or {}, request_id)
        headers = [("Content-Type", reply.content_type), ("x-amzn-RequestId", request_id), *reply.headers]
        start_response(_status_line(200), headers)
        return [reply.body]

    def _unpacked(self, environ: WSGIEnvironment) -> bytes:
        """Return the uncompressed body. botocore compresses large requests of services that support it."""
        body = _body(environ)
        if environ.get("HTTP_CONTENT_ENCODING", "") != "gzip":
            return body
        reader = zlib.decompressobj(wbits=31)
        try:
            content = reader.decompress(body, self.most_unpacked)
        except zlib.error as error:
            raise AnsweredError("SerializationException", f"The body is not gzip: {error}") from None
        if reader.unconsumed_tail:
            raise AnsweredError("RequestEntityTooLarge", f"A request may have {self.most_unpacked} bytes", 413)
        return content

    def _arrived(self, operation: str, region: str) -> Fault | None:
        """Count a call and apply its fault. Return the fault if it takes effect after the work."""
        with self.lock:
            fault = self.ledger.count(operation, self.world.timeline.now())
        self._suffer(fault)
        if region != self.region and region not in known_regions():
            raise AnsweredError("InvalidSignatureException", f"There is no SageMaker in the region {region!r}", 403)
        return fault

    def _suffer(self, fault: Fault | None) -> None:
        if fault is None:
            return
        if fault.kind == "error":
            raise AnsweredError(fault.code, fault.message, fault.status)
        if fault.kind == "drop":
            raise LostConnection
        if fault.kind == "delay":
            self.closing.wait(fault.seconds)

    def _answer(self, call: Call, environ: WSGIEnvironment) -> _DirectAnswer:
        handler = self._handlers.get(call.operation)
        if handler is None:
            return self._ask_moto(call, environ)
        members = handler(call)
        return _DirectAnswer(200, "" if members is None else json.dumps(members))

    def _ask_moto(self, call: Call, environ: WSGIEnvironment) -> _DirectAnswer:
        answer = _DirectAnswer()
        try:
            chunks = self.moto.sagemaker(environ, answer.start)
            answer.body = b"".join(chunks).decode()
        except NotImplementedError:
            if self.strict:
                raise AnsweredError(
                    "NotImplemented",
                    f"LocalSageMaker has no behaviour for {call.operation}. "
                    "LocalSageMaker(strict=False) answers with a sample",
                    501,
                ) from None
            return self._sample(call)
        except Exception as error:
            if not self.strict:
                logger.warning("moto failed at %s; the answer is a sample", call.operation, exc_info=True)
                return self._sample(call)
            # 501 rather than 500: boto3 would retry a 500 several times before it raised.
            raise AnsweredError(
                "InternalFailure", f"moto failed at {call.operation}: {type(error).__name__}: {error}", 501
            ) from error
        if answer.status >= 400:
            raise self._translated(call.operation, answer)
        members = self._model.cleaned_output(call.operation, answer.body)
        self._note_tags(call, members)
        return _DirectAnswer(200, "" if members is None else json.dumps(members))

    def _sample(self, call: Call) -> _DirectAnswer:
        from sagemaker_typed.testing._samples import sample_answer

        members = sample_answer(
            self._model,
            call.operation,
            call.parameters,
            region=call.region,
            account_id=self.world.account_id,
            now=self.world.epoch(call.now),
        )
        self._note_tags(call, members)
        return _DirectAnswer(200, "" if members is None else json.dumps(members))

    def _note_tags(self, call: Call, members: Mapping[str, Any] | None) -> None:
        """Keep the tags of resources that moto or a sample created: moto loses some, and samples have none."""
        arns = [value for name, value in (members or {}).items() if name.endswith("Arn")]
        if call.operation.startswith("Create") and arns:
            self.world.other_tags[arns[0]] = {tag["Key"]: tag["Value"] for tag in call.parameters.get("Tags", ())}

    def _translated(self, operation: str, answer: _DirectAnswer) -> AnsweredError:
        """Return moto's error with the code that the operation declares for it."""
        try:
            parsed = json.loads(answer.body)
            code, message = str(parsed["__type"]), str(parsed.get("message") or parsed.get("Message") or "")
        except (ValueError, KeyError, TypeError, AttributeError):
            return AnsweredError("InternalFailure", f"moto failed at {operation}: {answer.body[:500]}", 501)
        code = code.rpartition("#")[2].replace("InvalidToken", "ValidationException")
        if code in {"ValidationException", "ResourceNotFound"} and _MISSING.search(message):
            return self.world.not_found(operation, message)
        return AnsweredError(code, message, answer.status if answer.status < 500 else 501)

    def _refuse(self, environ: WSGIEnvironment, start_response: StartResponse, error: AnsweredError) -> Iterable[bytes]:
        """Answer an error in the protocol of the request; the client could not read it otherwise."""
        signature = _CREDENTIAL.match(environ.get("HTTP_AUTHORIZATION", ""))
        service = signature["service"] if signature else "s3"
        if "HTTP_X_AMZ_TARGET" in environ:
            member = self._model.error_message_member(error.code)
            body = json.dumps({"__type": error.code, member: error.message})
            return _send(start_response, error.status, _JSON, body)
        if "HTTP_SMITHY_PROTOCOL" in environ:
            reply = cbor_reply({"__type": error.code, "message": error.message})
            start_response(_status_line(error.status), [("Content-Type", reply.content_type), *reply.headers])
            return [reply.body]
        if service == "sagemaker":  # a REST service
            body = json.dumps({"Message": error.message, **error.members})
            return _send(start_response, error.status, "application/json", body, ("x-amzn-ErrorType", error.code))
        code, message = escape(error.code, quote=False), escape(error.message, quote=False)
        body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if service != "s3":
            body = f"<ErrorResponse>{body}</ErrorResponse>"
        return _send(start_response, error.status, "application/xml", body)


@dataclass
class _DirectAnswer:
    """An answer of a handler or of moto. moto fills in the status itself."""

    status: int = 200
    body: str = ""

    def start(self, status: str, headers: Iterable[tuple[str, str]], exc_info: OptExcInfo | None = None, /) -> Any:
        del headers, exc_info
        self.status = int(status.partition(" ")[0])
        return _written


def _written(data: bytes, /) -> None:
    raise RuntimeError(f"moto wrote past its answer: {data!r}")


def _signed_for(environ: WSGIEnvironment) -> tuple[str, str]:
    """Return the service and region of the signature. A signature is required but not verified."""
    match = _CREDENTIAL.match(environ.get("HTTP_AUTHORIZATION", ""))
    if match:
        return match["service"], match["region"]
    if _PRESIGNED.search(environ["QUERY_STRING"]):
        return "s3", ""
    if "HTTP_X_AMZ_TARGET" in environ:
        raise AnsweredError("MissingAuthenticationTokenException", "The request is not signed", 403)
    raise AnsweredError("AccessDenied", "The request is not signed", 403)


def _operation(environ: WSGIEnvironment) -> str:
    return str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]


def _action(environ: WSGIEnvironment) -> str:
    """Return the operation of a request in the query protocol."""
    actions = parse_qs(_body(environ).decode("latin-1")).get("Action")
    if actions is None:
        raise AnsweredError("MissingAction", "The request names no Action")
    return actions[0]


def _rest_request(environ: WSGIEnvironment) -> RestRequest:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    }
    return RestRequest(environ["REQUEST_METHOD"], environ["REQUEST_URI"], headers, _body(environ))


def _refuse_strangers(environ: WSGIEnvironment) -> None:
    """Refuse control requests from browsers: control routes take no signature, so a web page could call them.

    A page of another origin sends its Origin. A page whose host name was rebound to 127.0.0.1 sends that Host.
    """
    for header in ("HTTP_ORIGIN", "HTTP_HOST"):
        value = environ.get(header)
        host = None if value is None else value.rpartition("//")[2]
        if host is not None and not _LOOPBACK.fullmatch(re.sub(r":\d+$", "", host)):
            raise AnsweredError("AccessDenied", f"This route answers only programs of this machine, not {value}", 403)


def _lose(fault: Fault | None) -> None:
    if fault is not None and fault.kind == "lose":
        raise LostConnection


def _parameters(environ: WSGIEnvironment) -> Mapping[str, Any]:
    try:
        parameters: object = json.loads(_body(environ) or b"{}")
    except (ValueError, RecursionError) as error:
        raise AnsweredError("SerializationException", f"The body is not JSON: {error}") from None
    if not isinstance(parameters, dict):
        raise AnsweredError("SerializationException", "The body is not a JSON object")
    # botocore treats a null as a missing member.
    return {name: value for name, value in cast("dict[str, Any]", parameters).items() if value is not None}


def _body(environ: WSGIEnvironment) -> bytes:
    content = bytes(environ["wsgi.input"].read())
    # moto may read the body as well.
    environ["wsgi.input"].seek(0)
    return content


def _send(
    start_response: StartResponse, status: int, content_type: str, body: str, *more: tuple[str, str]
) -> Iterable[bytes]:
    headers = [("Content-Type", content_type), ("x-amzn-RequestId", str(uuid.uuid4())), *more]
    start_response(_status_line(status), headers)
    return [body.encode()]


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Status"
