"""A SageMaker on loopback that is nothing but its service model.

It refuses what the model refuses and answers everything else with a valid, fully filled response, unless a test has
programmed another answer. It keeps no state: what was created is not listed.

    with ModelServer() as server:
        server.respond("DescribeEndpoint", {"EndpointName": "e", "EndpointStatus": "Failed"})
        server.client().describe_endpoint(EndpointName="e")
        assert server.requests[0].body == {"EndpointName": "e"}
        assert not server.problems
"""

import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypeAlias

from botocore.config import Config
from botocore.loaders import create_loader
from botocore.model import ServiceModel

from tests.support import samples, wire_check
from tests.support.loopback import Loopback, Reply

REGION = "us-west-2"
ACCESS_KEY = "AKIDMODELSERVER"

_SIGNATURE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<access_key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, "
    r"SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}"
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in."""

    operation: str
    body: Any
    """The parsed JSON; None if it was none."""
    raw_body: bytes
    headers: Mapping[str, str]
    """With names in lower case."""

    @property
    def access_key(self) -> str | None:
        """Who signed it."""
        return self._signature("access_key")

    @property
    def region(self) -> str | None:
        """The region that it was signed for."""
        return self._signature("region")

    def _signature(self, part: str) -> str | None:
        found = _SIGNATURE.fullmatch(self.headers.get("authorization", ""))
        return found[part] if found else None


WireBody: TypeAlias = Mapping[str, Any]
_Programmed: TypeAlias = Callable[[Request], Reply | None]


@cache
def installed_model() -> ServiceModel:
    """The SageMaker model of the installed botocore; read once in a process."""
    return ServiceModel(create_loader().load_service_model("sagemaker", "service-2"), "sagemaker")


# Clients are safe among threads, but the session that makes them is not.
_session_lock = Lock()


@cache
def _session() -> Any:
    """One for every server: a session reads the model once, and that takes most of the time to make a client."""
    import boto3  # here, as only `ModelServer.client` needs it

    return boto3.Session(ACCESS_KEY, "not-a-secret", region_name=REGION)


class ModelServer:
    """Runs inside `with`. All else may be called from any thread.

    For each operation, the answers that were given a number of `times` form a queue and go first. Then comes the
    standing answer, which was programmed without `times` and which the next such call replaces. Then the sample.
    """

    def __init__(self, model: ServiceModel | None = None, *, variant: int = 0) -> None:
        self.model = installed_model() if model is None else model
        self.variant = variant
        """Which of the samples the answers are; may be changed at any time."""
        self.requests: list[Request] = []
        """Every request that named an operation, in the order of arrival, refused ones too."""
        self.problems: list[str] = []
        """Why requests were refused, one line for each reason. A test of a correct client ends with none."""
        self._queued: dict[str, deque[_Programmed]] = {}
        self._standing: dict[str, _Programmed] = {}
        self._samples: dict[tuple[str, int], bytes] = {}
        self._replies = 0
        self._lock = Lock()
        self._loopback: Loopback | None = None

    def __enter__(self) -> Self:
        self._loopback = Loopback(self.answer)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._loopback is not None:
            self._loopback.close()
            self._loopback = None

    @property
    def url(self) -> str:
        if self._loopback is None:
            raise RuntimeError("The server runs inside `with` only.")
        return self._loopback.url

    def client(self, **config: Any) -> Any:
        """A boto3 client of this server. `config` goes to botocore's `Config`; without it there are no retries."""
        # No proxies: those of the environment would be asked for 127.0.0.1.
        settings = {"retries": {"total_max_attempts": 1}, "proxies": {}, **config}
        with _session_lock:
            return _session().client("sagemaker", endpoint_url=self.url, config=Config(**settings))

    def sample(self, operation: str) -> Any:
        """What `operation` answers if nothing is programmed, in wire form: a copy, to be altered and programmed."""
        return json.loads(self._sample(operation) or b"{}")

    def respond(
        self,
        operation: str,
        body: WireBody | Callable[[Request], WireBody],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        times: int | None = None,
    ) -> None:
        """Answers with `body`, in wire form and not held against the model. A function makes it from the request."""
        if callable(body):
            make = body
            self._program(operation, lambda request: self._reply(_json(make(request)), status, headers), times)
        else:
            content = _json(body)  # now: what the test does to its mapping later is no concern of the answer
            self._program(operation, lambda _: self._reply(content, status, headers), times)

    def respond_error(
        self,
        operation: str,
        code: str,
        message: str,
        *,
        status: int = 400,
        times: int | None = None,
        request_id: str | None = None,
    ) -> None:
        headers = {} if request_id is None else {"x-amzn-RequestId": request_id}
        self._program(operation, lambda _: self._error(code, message, status, headers), times)

    def drop(self, operation: str, *, times: int | None = 1) -> None:
        """Closes the connection where an answer is due."""
        self._program(operation, lambda _: None, times)

    def clear(self) -> None:
        """Forgets the requests, the problems and the programmed answers."""
        with self._lock:
            self.requests.clear()
            self.problems.clear()
            self._queued.clear()
            self._standing.clear()

    def _program(self, operation: str, answer: _Programmed, times: int | None) -> None:
        if operation not in self.model.operation_names:
            raise ValueError(f"The model has no operation {operation!r}.")
        with self._lock:
            if times is None:
                self._standing[operation] = answer
            else:
                self._queued.setdefault(operation, deque()).extend([answer] * times)

    def answer(self, headers: Mapping[str, str], raw_body: bytes) -> Reply | None:
        prefix, _, operation = headers.get("x-amz-target", "").partition(".")
        if prefix != self.model.metadata["targetPrefix"] or operation not in self.model.operation_names:
            return self._refuse("UnknownOperationException", [f"X-Amz-Target names no operation: {prefix}.{operation}"])
        body, problem = _parse(raw_body)
        problems = [problem] if problem else []
        request = Request(operation, body, raw_body, headers)
        with self._lock:
            self.requests.append(request)
        try:
            problems = problems or self._problems(request)
            if problems:
                return self._refuse("ValidationException", [f"{operation}: {problem}" for problem in problems])
            return self._take(operation)(request)
        except Exception as error:  # in this thread nobody else would hear of it
            return self._refuse("InternalFailure", [f"{operation}: the answer failed: {error!r}"], status=500)

    def _problems(self, request: Request) -> list[str]:
        found = []
        signature = _SIGNATURE.fullmatch(request.headers.get("authorization", ""))
        if signature is None or "x-amz-date" not in request.headers:
            found.append("not signed with AWS4-HMAC-SHA256")
        elif signature["service"] != self.model.signing_name:
            found.append(f"signed for {signature['service']}")
        content_type = f"application/x-amz-json-{self.model.metadata['jsonVersion']}"
        if request.headers.get("content-type") != content_type:
            found.append(f"Content-Type is {request.headers.get('content-type')}, not {content_type}")
        shape = self.model.operation_model(request.operation).input_shape
        if shape is not None:
            found.extend(wire_check.problems(shape, request.body))
        elif request.body != {}:
            found.append("a body where the operation takes none")
        return found

    def _take(self, operation: str) -> _Programmed:
        with self._lock:
            if queue := self._queued.get(operation):
                return queue.popleft()
            return self._standing.get(operation, lambda _: self._reply(self._sample(operation)))

    def _sample(self, operation: str) -> bytes:
        key = operation, self.variant
        if key not in self._samples:  # two threads at once make the same bytes
            shape = self.model.operation_model(operation).output_shape
            filled = None if shape is None else samples.to_wire(shape, samples.fill(shape, variant=self.variant))
            self._samples[key] = b"" if filled is None else _json(filled)
        return self._samples[key]

    def _refuse(self, code: str, problems: list[str], status: int = 400) -> Reply:
        with self._lock:
            self.problems.extend(problems)
        return self._error(code, "; ".join(problems), status)

    def _error(self, code: str, message: str, status: int, headers: Mapping[str, str] | None = None) -> Reply:
        return self._reply(_json({"__type": code, "message": message}), status, headers)

    def _reply(self, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        with self._lock:
            self._replies += 1
            request_id = f"00000000-0000-4000-8000-{self._replies:012d}"
        usual = {
            "x-amzn-requestid": request_id,
            "content-type": f"application/x-amz-json-{self.model.metadata['jsonVersion']}",
        }
        return Reply(body, status, {**usual, **{name.lower(): value for name, value in (headers or {}).items()}})


def _json(body: WireBody) -> bytes:
    return json.dumps(body).encode()


def _parse(raw_body: bytes) -> tuple[Any, str | None]:
    """The body, and if it is not JSON, why."""
    try:
        return json.loads(raw_body), None
    except ValueError as error:
        return None, f"not JSON: {error}"
