"""Invocations of endpoints: the choice of the variant, the test's answer function, and the form of the answer."""

from __future__ import annotations

import datetime
import json
import logging
import posixpath
import threading
import traceback
import uuid
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, TypeAlias, cast

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._artifacts import bucket_and_key
from sagemaker_typed.testing._kinds.endpoints import SERVING, Endpoint, Endpoints, Models
from sagemaker_typed.testing._resource import Call, Handler, Record, World
from sagemaker_typed.testing._siblings.cloudwatch import CloudWatch
from sagemaker_typed.testing._siblings.logs import LogBook

__all__ = ["AnswerBook", "ContainerError", "Invocation", "InvocationAnswer", "InvocationResult", "Runtime"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One invocation of an endpoint: the argument of a function given to `LocalSageMaker.answer`."""

    endpoint_name: str
    variant: str
    """The production variant that was chosen, by TargetVariant or by the weights."""
    body: bytes
    content_type: str
    accept: str
    """ "*/*" if the caller does not set it."""
    operation: str = "InvokeEndpoint"
    """InvokeEndpoint, InvokeEndpointAsync or InvokeEndpointWithResponseStream."""
    region: str = ""
    custom_attributes: str | None = None
    inference_id: str | None = None
    inference_component_name: str | None = None
    target_variant: str | None = None
    """As the caller asked for it."""
    target_model: str | None = None
    target_container_hostname: str | None = None
    session_id: str | None = None
    enable_explanations: str | None = None
    input_location: str | None = None
    """Where the body of an asynchronous invocation came from."""

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode()

    def json(self) -> Any:
        """Return the body parsed as JSON. Raises ValueError if the body is not JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class InvocationAnswer:
    """An answer with a content type or custom attributes besides the body."""

    body: bytes | str | Mapping[str, Any] | Sequence[Any] | Iterator[bytes | str]
    content_type: str | None = None
    """The default follows from the body: application/json for a mapping or a list."""
    custom_attributes: str | None = None


class ContainerError(Exception):
    """A refusal by the model, raised by a function given to `LocalSageMaker.answer`. The caller gets a ModelError.

    `status` is the HTTP status of the container, `message` the text of its answer.
    """

    def __init__(self, message: str = "", status: int = 500) -> None:
        if not 400 <= status <= 599:
            raise ValueError(f"the status of a ContainerError must be between 400 and 599: {status}")
        super().__init__(message)
        self.message = message
        self.status = status


InvocationResult: TypeAlias = (
    bytes | str | Mapping[str, Any] | Sequence[Any] | Iterator[bytes | str] | InvocationAnswer | None
)
AnswerFunction: TypeAlias = Callable[[Invocation], InvocationResult]


class AnswerBook:
    """The answer functions of tests, by kind and name pattern. The latest that matches wins."""

    KINDS = ("endpoint", "inference_component")

    def __init__(self) -> None:
        self._entries: list[tuple[str, str, AnswerFunction]] = []

    def add(self, kind: str, pattern: str, function: AnswerFunction) -> None:
        self._entries.append((kind, pattern, function))

    def find(self, names: Mapping[str, str | None]) -> AnswerFunction:
        """Return the function for the invoked resource. `names` has its name for each kind."""
        for kind, pattern, function in reversed(self._entries):
            name = names.get(kind)
            if name is not None and fnmatchcase(name, pattern):
                return function
        return _echo

    def clear(self) -> None:
        self._entries.clear()


def _echo(invocation: Invocation) -> InvocationAnswer:
    return InvocationAnswer(invocation.body, invocation.content_type)


@dataclass(frozen=True, slots=True)
class _Reply:
    """The answer of the container."""

    parts: Iterator[bytes]
    content_type: str
    custom_attributes: str | None

    def whole(self) -> bytes:
        return b"".join(self.parts)


@dataclass(frozen=True, slots=True)
class _Aim:
    endpoint: Endpoint
    invocation: Invocation
    function: AnswerFunction


class Runtime:
    """The handlers of invocations. They do not hold the lock while a test's function runs, which may call the server."""

    def __init__(
        self, world: World, lock: threading.RLock, answers: AnswerBook, logs: LogBook, watch: CloudWatch
    ) -> None:
        self._world = world
        self._lock = lock
        self._answers = answers
        self._logs = logs
        self._watch = watch
        self._credits: weakref.WeakKeyDictionary[Record, dict[str, float]] = weakref.WeakKeyDictionary()

    def operations(self) -> Mapping[str, Handler]:
        return {
            "InvokeEndpoint": self._invoke,
            "InvokeEndpointAsync": self._invoke_later,
            "InvokeEndpointWithResponseStream": self._invoke_stream,
        }

    # --- the three operations ----------------------------------------------------------------------------------------

    def _invoke(self, call: Call) -> Mapping[str, Any]:
        aim = self._aim(call, call.parameters["Body"])
        try:
            reply = _ask(aim)
            body = reply.whole()
        except Exception as error:
            raise self._model_error(aim, error) from error
        self._served(aim, 200, len(body))
        return {
            "Body": body,
            "ContentType": reply.content_type,
            "InvokedProductionVariant": aim.invocation.variant,
            "CustomAttributes": reply.custom_attributes,
            "NewSessionId": self._new_session(call),
        }

    def _invoke_stream(self, call: Call) -> Mapping[str, Any]:
        aim = self._aim(call, call.parameters["Body"])
        try:
            reply = _ask(aim)
            first = next(reply.parts, b"")
        except Exception as error:
            raise self._model_error(aim, error) from error
        return {
            "Body": self._events(aim, first, reply.parts),
            "ContentType": reply.content_type,
            "InvokedProductionVariant": aim.invocation.variant,
            "CustomAttributes": reply.custom_attributes,
        }

    def _events(self, aim: _Aim, first: bytes, parts: Iterator[bytes]) -> Iterator[Mapping[str, Any]]:
        """Yield the events of a response stream. The HTTP status is already sent, so a failure becomes an event."""
        size = len(first)
        yield {"PayloadPart": first}
        while True:
            try:
                part = next(parts, None)
            except Exception as error:
                yield {"ModelStreamError": {"Message": self._message(aim, error), "ErrorCode": "StreamBroken"}}
                return
            if part is None:
                break
            size += len(part)
            yield {"PayloadPart": part}
        self._served(aim, 200, size)

    def _invoke_later(self, call: Call) -> Mapping[str, Any]:
        """Run the function at once. Its answer is in S3 before the caller gets the response."""
        given = call.parameters
        body, location = given.get("Body", b""), given.get("InputLocation")  # older service models have no Body
        if bool(body) == (location is not None):
            raise AnsweredError("ValidationException", "Give either InputLocation or a body.")
        aim = self._aim(call, body)
        config = cast("Mapping[str, Any]", aim.endpoint.serving.config["AsyncInferenceConfig"])
        inference_id = aim.invocation.inference_id or str(uuid.uuid4())
        name = str(uuid.uuid4())
        places: Mapping[str, str] = config["OutputConfig"]
        output, failure = places.get("S3OutputPath"), places.get("S3FailurePath")
        folder = str(given.get("S3OutputPathExtension", ""))
        target = None if output is None else posixpath.join(output, folder, given.get("Filename", f"{name}.out"))
        reason = None if failure is None else posixpath.join(failure, folder, f"{name}-error.out")
        try:
            if location is not None:
                aim = self._with_input(aim, location)
            answer = _ask(aim).whole()
        except Exception as error:
            self._leave(aim, reason, self._message(aim, error).encode())
        else:
            self._served(aim, 200, len(answer))
            self._leave(aim, target, answer)
        return {"InferenceId": inference_id, "OutputLocation": target, "FailureLocation": reason}

    def _with_input(self, aim: _Aim, location: str) -> _Aim:
        with self._lock:
            content = self._world.objects.get_object(aim.endpoint.region, *bucket_and_key(location))
        if content is None:
            raise ContainerError(f"There is no object at the input location {location}", 404)
        invocation = replace(aim.invocation, body=content, input_location=location)
        return _Aim(aim.endpoint, invocation, aim.function)

    def _leave(self, aim: _Aim, uri: str | None, content: bytes) -> None:
        if uri is not None:
            with self._lock:
                self._world.leave(aim.endpoint.region, *bucket_and_key(uri), content)

    # --- whom to ask -------------------------------------------------------------------------------------------------

    def _aim(self, call: Call, body: bytes) -> _Aim:
        given = call.parameters
        with self._lock:
            self._world.settle()
            endpoint = self._serving(call)
            component = self._component(call, endpoint)
            variant = self._variant(endpoint, given.get("TargetVariant"), component)
            self._check_target_model(call, endpoint, variant)
            names = {"endpoint": endpoint.name, "inference_component": given.get("InferenceComponentName")}
            function = self._answers.find(names)
        invocation = Invocation(
            endpoint_name=endpoint.name,
            variant=variant,
            body=body,
            content_type=given.get("ContentType", "application/octet-stream"),
            accept=given.get("Accept", "*/*"),
            operation=call.operation,
            region=call.region,
            custom_attributes=given.get("CustomAttributes"),
            inference_id=given.get("InferenceId"),
            inference_component_name=given.get("InferenceComponentName"),
            target_variant=given.get("TargetVariant"),
            target_model=given.get("TargetModel"),
            target_container_hostname=given.get("TargetContainerHostname"),
            session_id=given.get("SessionId"),
            enable_explanations=given.get("EnableExplanations"),
        )
        return _Aim(endpoint, invocation, function)

    def _serving(self, call: Call) -> Endpoint:
        name = call.parameters["EndpointName"]
        endpoint = self._world[Endpoints].get(call.region, name)
        if endpoint is None or endpoint.status not in SERVING:
            raise AnsweredError(
                "ValidationException", f"Endpoint {name} of account {self._world.account_id} not found."
            )
        waits = "AsyncInferenceConfig" in endpoint.serving.config
        if waits != (call.operation == "InvokeEndpointAsync"):
            kind = "asynchronous" if waits else "no asynchronous"
            raise AnsweredError(
                "ValidationException",
                f"Endpoint {name} of account {self._world.account_id} is an endpoint with {kind} inference: "
                f"{call.operation} cannot invoke it.",
            )
        return endpoint

    def _component(self, call: Call, endpoint: Endpoint) -> Record | None:
        name = call.parameters.get("InferenceComponentName")
        if name is None:
            if not any("ModelName" in variant.settings for variant in endpoint.serving.variants):
                raise AnsweredError(
                    "ValidationException",
                    "Inference Component Name header is required for endpoints to which you plan to deploy inference "
                    "components. Please include Inference Component Name header or consider using SageMaker models.",
                )
            return None
        kinds = [kind for kind in self._world.resources if kind.kind == "inference_component"]
        record = next((found for kind in kinds if (found := kind.get(call.region, name)) is not None), None)
        if record is None or record.status != "InService" or record.document.get("EndpointName") != endpoint.name:
            raise AnsweredError(
                "ValidationException", f"Inference component {name} is not in service on endpoint {endpoint.name}."
            )
        return cast("Record", record)

    def _variant(self, endpoint: Endpoint, wanted: str | None, component: Record | None) -> str:
        weights = {variant.name: float(variant.current.get("Weight", 1.0)) for variant in endpoint.serving.variants}
        if wanted is None and component is not None:
            wanted = component.document.get("VariantName")
        if wanted is not None:
            if wanted not in weights:
                raise AnsweredError(
                    "ValidationException", f"Endpoint {endpoint.name} has no production variant {wanted}."
                )
            return wanted
        return _next_by_weight(self._credits.setdefault(endpoint, {}), weights)

    def _check_target_model(self, call: Call, endpoint: Endpoint, variant: str) -> None:
        settings = next(found.settings for found in endpoint.serving.variants if found.name == variant)
        model = self._world[Models].get(call.region, str(settings.get("ModelName", "")))
        if model is None:
            return  # deleted since, or an endpoint of inference components
        containers = [model.document.get("PrimaryContainer"), *model.document.get("Containers", ())]
        container: Mapping[str, Any] = next((found for found in containers if found), cast("Mapping[str, Any]", {}))
        many, target = container.get("Mode") == "MultiModel", call.parameters.get("TargetModel")
        if call.operation == "InvokeEndpoint" and many != (target is not None):
            lacks = "needs the header TargetModel" if many else "hosts one model, and takes no TargetModel"
            raise AnsweredError("ValidationException", f"Endpoint {endpoint.name} {lacks}.")
        if target is not None and "ModelDataUrl" in container:
            bucket, key = bucket_and_key(posixpath.join(str(container["ModelDataUrl"]), str(target).lstrip("/")))
            if self._world.lacks_object(call.region, bucket, key):
                raise AnsweredError(
                    "ValidationException",
                    f"Failed to download model data(bucket: {bucket}, key: {key}). Please ensure that there is an "
                    "object located at the URL and that the role passed to CreateModel has permissions to download "
                    "the object.",
                )

    def _new_session(self, call: Call) -> str | None:
        if call.parameters.get("SessionId") != "NEW_SESSION":
            return None
        over = datetime.datetime.fromtimestamp(self._world.epoch(call.now) + 3600, datetime.UTC)
        return f"{uuid.uuid4()}; Expires={over:%Y-%m-%dT%H:%M:%SZ}"

    # --- what went wrong, and what is noted --------------------------------------------------------------------------

    def _model_error(self, aim: _Aim, error: Exception) -> AnsweredError:
        status, message = _status_and_message(error)
        name, region = aim.invocation.endpoint_name, aim.endpoint.region
        stream = f"log-group:/aws/sagemaker/Endpoints/{name}"
        return AnsweredError(
            "ModelError",
            self._message(aim, error),
            424,
            members={
                "OriginalStatusCode": status,
                "OriginalMessage": message,
                "LogStreamArn": self._world.arn(region, stream).replace(":sagemaker:", ":logs:", 1),
            },
        )

    def _message(self, aim: _Aim, error: Exception) -> str:
        """Return the service's error message, and write the error to the endpoint's log."""
        status, message = _status_and_message(error)
        name, region = aim.invocation.endpoint_name, aim.endpoint.region
        if not isinstance(error, ContainerError):
            logger.warning("the function that answers for the endpoint %s failed", name, exc_info=error)
            for line in traceback.format_exception(error):
                self._note(aim, line.rstrip("\n"))
        self._served(aim, status, len(message))
        whose = "client" if status < 500 else "server"
        return (
            f'Received {whose} error ({status}) from primary with message "{message}". See '
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group="
            f"/aws/sagemaker/Endpoints/{name} in account {self._world.account_id} for more information."
        )

    def _served(self, aim: _Aim, status: int, size: int) -> None:
        """Record the container's answer in the endpoint's log and metrics."""
        self._note(aim, f'"POST /invocations HTTP/1.1" {status} {size}')
        variant = next((each for each in aim.endpoint.serving.variants if each.name == aim.invocation.variant), None)
        instances = 1 if variant is None else int(variant.current.get("InstanceCount", 1))
        with self._lock:
            now = self._world.timeline.now()
            self._watch.invoked(aim.endpoint, aim.invocation.variant, instances, status, now)

    def _note(self, aim: _Aim, line: str) -> None:
        with self._lock:
            self._logs.note(aim.endpoint, [line], self._world.timeline.now(), variant=aim.invocation.variant)


def _ask(aim: _Aim) -> _Reply:
    answer = aim.function(aim.invocation)
    if not isinstance(answer, InvocationAnswer):
        answer = InvocationAnswer(b"" if answer is None else answer)
    attributes = answer.custom_attributes
    if attributes is not None and not (attributes.isascii() and attributes.isprintable()):
        raise ValueError(f"custom_attributes is sent as a header and must be printable ASCII: {attributes!r}")
    parts, usual = _parts(answer.body)
    accept = aim.invocation.accept
    wanted = accept if "*" not in accept and "," not in accept else usual
    return _Reply(parts, answer.content_type or wanted, attributes)


def _parts(body: object) -> tuple[Iterator[bytes], str]:
    """Return the parts of a body and its default content type."""
    if isinstance(body, bytes | bytearray):
        return iter((bytes(body),)), "application/octet-stream"
    if isinstance(body, str):
        return iter((body.encode(),)), "text/plain"
    if isinstance(body, Iterator):
        return map(_part, cast("Iterator[object]", body)), "application/octet-stream"
    if isinstance(body, Mapping | Sequence):
        return iter((json.dumps(body).encode(),)), "application/json"
    raise TypeError(f"an answer must be bytes, text, JSON, an iterator of parts or an InvocationAnswer: {body!r}")


def _part(part: object) -> bytes:
    return _parts(part)[0].__next__()


def _status_and_message(error: Exception) -> tuple[int, str]:
    if isinstance(error, ContainerError):
        return error.status, error.message
    return 500, f"{type(error).__name__}: {error}"


def _next_by_weight(credits: dict[str, float], weights: Mapping[str, float]) -> str:
    """Choose a variant in turn, so that shares are exact: with weights 3 and 1, every fourth call goes to the second."""
    total = sum(weights.values())
    if not total:
        weights, total = dict.fromkeys(weights, 1.0), float(len(weights))
    for name in credits.keys() - weights.keys():
        del credits[name]
    for name, weight in weights.items():
        credits[name] = credits.get(name, 0.0) + weight
    chosen = max(weights, key=lambda name: credits[name])
    credits[chosen] -= total
    return chosen
