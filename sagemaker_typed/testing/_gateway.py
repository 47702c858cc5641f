"""The front desk: who may come in, what is counted, what is made to fail, what is checked, and who answers."""

from __future__ import annotations

import json
import logging
import re
import threading
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, cast

from sagemaker_typed.testing._errors import ServiceError
from sagemaker_typed.testing._model import Model
from sagemaker_typed.testing._resource import Call, Resource
from sagemaker_typed.testing._states import Timeline
from sagemaker_typed.testing._validation import check_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["Backend", "Fault", "Gateway", "Ledger"]

_JSON = "application/x-amz-json-1.1"
_CREDENTIAL = re.compile(
    r"AWS4-[A-Z0-9-]+ .*?Credential=[^/,\s]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
)
_PRESIGNED = re.compile(r"(^|&)(X-Amz-Signature|Signature)=")

logger = logging.getLogger(__name__)


class Backend(Protocol):
    """What answers the operations that no `Resource` does, and S3."""

    @property
    def intact(self) -> bool: ...
    def has_region(self, region: str) -> bool: ...
    def sagemaker(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]: ...
    def s3(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that `fail_next` has put in the way."""

    code: str
    message: str
    status: int


class Ledger:
    """What was called, and what shall fail. Outlives the server."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def clear(self) -> None:
        self.calls.clear()
        self.faults.clear()


class Gateway:
    """The WSGI application. One lock covers our own state; S3 traffic runs beside it."""

    def __init__(
        self,
        *,
        model: Model,
        timeline: Timeline,
        ledger: Ledger,
        lock: threading.RLock,
        backend: Backend,
        resources: Sequence[Resource[Any]],
    ) -> None:
        self._model = model
        self._timeline = timeline
        self._ledger = ledger
        self._lock = lock
        self._backend = backend
        self._resources = resources
        self._handlers = {name: handler for resource in resources for name, handler in resource.operations().items()}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return self._route(environ, start_response)
        except ServiceError as error:
            return self._refuse(environ, start_response, error)
        except Exception as error:
            logger.exception("LocalSageMaker could not answer")
            failure = ServiceError("InternalFailure", f"LocalSageMaker broke: {type(error).__name__}: {error}", 501)
            return self._refuse(environ, start_response, failure)

    def _route(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        service, region = _signed_for(environ)
        if not self._backend.intact:
            raise ServiceError(
                "InternalFailure",
                "a mock_aws() block of moto began or ended in this process, and that wipes all of moto's state: "
                "jobs and S3 content are gone. Keep mock_aws() and a running LocalSageMaker apart, or call reset()",
                501,
            )
        if service == "s3":
            with self._lock:
                self._settle()
            return self._backend.s3(environ, start_response)
        if service != "sagemaker":
            raise ServiceError("NotImplemented", f"LocalSageMaker has SageMaker and S3, and no {service}", 501)
        with self._lock:
            return self._sagemaker(environ, start_response, region)

    def _sagemaker(self, environ: WSGIEnvironment, start_response: StartResponse, region: str) -> Iterable[bytes]:
        operation = _operation(environ)
        if operation not in self._model.operations:
            raise ServiceError("UnknownOperationException", f"SageMaker has no operation {operation!r}")
        self._ledger.calls[operation] += 1
        faults = self._ledger.faults[operation]
        if faults:
            fault = faults.popleft()
            raise ServiceError(fault.code, fault.message, fault.status)
        if not self._backend.has_region(region):
            raise ServiceError("InvalidSignatureException", f"There is no SageMaker in the region {region!r}", 403)
        parameters = _parameters(environ)
        check_request(self._model, operation, parameters)
        self._settle()
        handler = self._handlers.get(operation)
        if handler is None:
            try:
                return self._backend.sagemaker(environ, start_response)
            except NotImplementedError:
                raise ServiceError(
                    "NotImplemented", f"LocalSageMaker does not have {operation}: moto does not implement it", 501
                ) from None
            except Exception as error:
                logger.debug("moto failed at %s", operation, exc_info=True)
                # 501 and not 500: boto3 would send a 500 again and again before it raised.
                raise ServiceError(
                    "InternalFailure", f"moto failed at {operation}: {type(error).__name__}: {error}", 501
                ) from error
        answer = handler(Call(region=region, parameters=parameters, now=self._timeline.now()))
        return _send(start_response, 200, _JSON, "" if answer is None else json.dumps(answer))

    def _settle(self) -> None:
        now = self._timeline.now()
        for resource in self._resources:
            resource.settle(now)

    def _refuse(self, environ: WSGIEnvironment, start_response: StartResponse, error: ServiceError) -> Iterable[bytes]:
        """In the protocol that was spoken, or the client could not tell what is wrong."""
        signature = _CREDENTIAL.match(environ.get("HTTP_AUTHORIZATION", ""))
        service = signature["service"] if signature else "s3"
        if "HTTP_X_AMZ_TARGET" in environ or service == "sagemaker":
            member = self._model.error_message_member(error.code)
            body = json.dumps({"__type": error.code, member: error.message})
            return _send(start_response, error.status, _JSON, body)
        code, message = escape(error.code, quote=False), escape(error.message, quote=False)
        body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if service != "s3":
            body = f"<ErrorResponse>{body}</ErrorResponse>"
        return _send(start_response, error.status, "application/xml", body)


def _signed_for(environ: WSGIEnvironment) -> tuple[str, str]:
    """Service and region of the signature. That there is one is checked; whether it is right is not."""
    match = _CREDENTIAL.match(environ.get("HTTP_AUTHORIZATION", ""))
    if match:
        return match["service"], match["region"]
    if _PRESIGNED.search(environ["QUERY_STRING"]):
        return "s3", ""
    if "HTTP_X_AMZ_TARGET" in environ:
        raise ServiceError("MissingAuthenticationTokenException", "The request is not signed", 403)
    raise ServiceError("AccessDenied", "The request is not signed", 403)


def _operation(environ: WSGIEnvironment) -> str:
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target is None:
        # SageMaker Runtime, Metrics, Feature Store Runtime ... sign as "sagemaker" too, and speak REST.
        where = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        raise ServiceError("NotImplemented", f"LocalSageMaker has the SageMaker API only, and no {where}", 501)
    return str(target).rpartition(".")[2]


def _parameters(environ: WSGIEnvironment) -> Mapping[str, Any]:
    body = environ["wsgi.input"].read()
    # moto may want to read it as well.
    environ["wsgi.input"].seek(0)
    try:
        parameters: object = json.loads(body or b"{}")
    except ValueError as error:
        raise ServiceError("SerializationException", f"The body is not JSON: {error}") from None
    if not isinstance(parameters, dict):
        raise ServiceError("SerializationException", "The body is not a JSON object")
    # To botocore, a null is a member that is not there.
    return {name: value for name, value in cast("dict[str, Any]", parameters).items() if value is not None}


def _send(start_response: StartResponse, status: int, content_type: str, body: str) -> Iterable[bytes]:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Status"
    headers = [("Content-Type", content_type), ("x-amzn-RequestId", str(uuid.uuid4()))]
    start_response(f"{status} {phrase}", headers)
    return [body.encode()]
