"""`sm.endpoints.invoke` and the other calls of endpoints, with requests and answers as plain Python values."""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from contextlib import aclosing, closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack, cast, overload

import attrs

from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._data.texts import EventReader, LineReader, ServerSentEvent, charset_of
from sagemaker_typed.structure import ResponseMetadata

if TYPE_CHECKING:
    from types import TracebackType

    from sagemaker_typed._data.ordered import Outcome
    from sagemaker_typed._data.outputs import EndpointOutput
    from sagemaker_typed.errors import SageMakerError
    from sagemaker_typed.services.runtime import (
        InvokeEndpointAsyncInput,
        InvokeEndpointAsyncOutput,
        InvokeEndpointInput,
        InvokeEndpointOutput,
        InvokeEndpointWithResponseStreamInput,
        InvokeEndpointWithResponseStreamOutput,
        PayloadPart,
    )
    from sagemaker_typed.streams import EventStream, Payload

__all__ = [
    "AsyncEndpointStream",
    "AsyncInvoking",
    "EndpointAnswer",
    "EndpointStream",
    "InvokeOptions",
    "Invoking",
]

_JSON = "application/json"
_STREAMED = "InvokeEndpointWithResponseStream"
_DONE = re.compile(r"data: ?\[DONE\]\s*")
"""The last line of a language model's answer, behind which some servers put no end of line."""
_TIMEOUT = 3600.0
"""Seconds that an invocation of an asynchronous endpoint may take."""


class InvokeOptions(TypedDict, total=False):
    """The arguments that `invoke_all` takes from `invoke`. `timeout` bounds each call."""

    content_type: str | None
    accept: str | None
    target_variant: str | None
    target_model: str | None
    target_container_hostname: str | None
    inference_component_name: str | None
    inference_id: str | None
    custom_attributes: str | None
    enable_explanations: str | None
    session_id: str | None
    timeout: float | timedelta | None


def _checked_options(options: InvokeOptions) -> InvokeOptions:
    """Raise `TypeError` at once, not at the first answer, for an argument that `invoke` does not take."""
    for name in options:
        if name not in InvokeOptions.__annotations__:
            raise TypeError(f"invoke_all() got an unexpected keyword argument {name!r}")
    return options


def _given(
    outcome: Outcome[Any, EndpointAnswer], return_exceptions: bool, number: int
) -> EndpointAnswer | SageMakerError:
    """Return the answer, or the error in its place. Raises the error if not asked for it, or if every call would meet it."""
    from sagemaker_typed._waiting.many import meets_every_call
    from sagemaker_typed.errors import SageMakerError

    error = outcome.error
    if isinstance(error, SageMakerError):
        error.add_note(f"this was body number {number} of invoke_all, counted from 0")
        if return_exceptions and not meets_every_call(error):
            return error
    return outcome.result


# --- what is sent -----------------------------------------------------------------------------------------------------


def payload_of(body: Any, content_type: str | None) -> tuple[Any, str | None]:
    """Return the body as boto3 takes it, and its MIME type. A JSON value becomes its text, as `application/json`.

    Raises `InvalidRequestError` for a value that JSON cannot represent.
    """
    if isinstance(body, io.TextIOBase):
        raise _no_body("is a file of text: open it in binary mode")
    if isinstance(body, (bytes, bytearray, str)) or hasattr(body, "read"):
        return body, content_type
    if isinstance(body, memoryview):
        return bytes(cast("Any", body)), content_type
    if body is not None and not (is_mapping(body) or is_list(body) or isinstance(body, (bool, int, float))):
        raise _no_body(f"expected bytes, a text, a file or a JSON value, not {type(body).__name__}")
    try:
        return json.dumps(body), _JSON if content_type is None else content_type
    except (TypeError, ValueError, RecursionError) as error:
        raise _no_body(f"cannot be written as JSON: {error}") from None


def _no_body(text: str) -> Exception:
    from sagemaker_typed.errors import InvalidRequestError, Problem  # imports botocore

    return InvalidRequestError([Problem("body", "type", text)], "InvokeEndpoint")


def _request(name: str, body: Any, content_type: str | None, options: dict[str, Any]) -> InvokeEndpointInput:
    from sagemaker_typed.services.runtime import InvokeEndpointInput

    payload, kind = payload_of(body, content_type)
    return InvokeEndpointInput(endpoint_name=name, body=payload, content_type=kind, **options)


def _stream_request(
    name: str, body: Any, content_type: str | None, options: dict[str, Any]
) -> InvokeEndpointWithResponseStreamInput:
    from sagemaker_typed.services.runtime import InvokeEndpointWithResponseStreamInput

    payload, kind = payload_of(body, content_type)
    return InvokeEndpointWithResponseStreamInput(endpoint_name=name, body=payload, content_type=kind, **options)


def _async_request(name: str, options: dict[str, Any]) -> InvokeEndpointAsyncInput:
    from sagemaker_typed.services.runtime import InvokeEndpointAsyncInput

    return InvokeEndpointAsyncInput(endpoint_name=name, **options)


# --- what is answered -------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class EndpointAnswer:
    """The complete answer of an endpoint."""

    body: bytes = attrs.field(repr=False)
    """The bytes of the model's answer."""
    content_type: str | None
    """The MIME type of the body."""
    invoked_variant: str | None
    """The production variant that answered."""
    custom_attributes: str | None = attrs.field(repr=False)
    new_session_id: str | None
    """The id of the session that this call began, for a stateful model."""
    closed_session_id: str | None
    response_metadata: ResponseMetadata = attrs.field(repr=False)  # its headers have the custom attributes

    @property
    def text(self) -> str:
        """The body as text, in the charset of its type (default: UTF-8)."""
        return self.body.decode(charset_of(self.content_type))

    def json(self) -> Any:
        """Return the body parsed as JSON. Raises `ValueError` if the body is not JSON."""
        return json.loads(self.body)


def _invocation(response: InvokeEndpointOutput, body: bytes) -> EndpointAnswer:
    return EndpointAnswer(
        body=body,
        content_type=response.content_type,
        invoked_variant=response.invoked_production_variant,
        custom_attributes=response.custom_attributes,
        new_session_id=response.new_session_id,
        closed_session_id=response.closed_session_id,
        response_metadata=response.response_metadata,
    )


class _Head:
    """The facts of a streamed answer that precede its parts."""

    def __init__(self, response: InvokeEndpointWithResponseStreamOutput) -> None:
        self._events: EventStream[PayloadPart] = response.body
        self.content_type: str | None = response.content_type
        """The MIME type of all parts together."""
        self.invoked_variant: str | None = response.invoked_production_variant
        """The production variant that answers."""
        self.custom_attributes: str | None = response.custom_attributes
        self.response_metadata: ResponseMetadata = response.response_metadata

    @property
    def closed(self) -> bool:
        """Whether the connection is closed."""
        return self._events.closed

    def _reader(self) -> LineReader:
        return LineReader(charset_of(self.content_type))

    def __repr__(self) -> str:
        closed = ", closed" if self.closed else ""
        return f"<{type(self).__name__} of {self.content_type}{closed}>"


def _last_event(lines: LineReader, reader: EventReader) -> ServerSentEvent | None:
    """The event at the end of an answer, where only the blank line behind it is missing.

    Raises `TransportError` where its last line is cut, as the event would be lost without a word.
    """
    for rest in lines.end():
        if _DONE.fullmatch(rest):
            reader.feed(rest)
            break
        if rest.startswith(":") or not rest.strip():
            break
        from sagemaker_typed.errors import TransportError  # which imports botocore

        raise TransportError(f"{_STREAMED}: the answer ends in the middle of an event: {quoted(rest)}", _STREAMED)
    return reader.feed("")


class EndpointStream(_Head):
    """The answer of an endpoint as it arrives. Iterate over its parts, lines or server-sent events.

    Leaving an iteration early closes the connection; so does the end of a `with` block.
    """

    def __iter__(self) -> Iterator[bytes]:
        for part in self._events:
            if part.bytes:
                yield part.bytes

    def read(self) -> bytes:
        """Read the rest of the answer."""
        return b"".join(self)

    def lines(self) -> Iterator[str]:
        """Iterate over the lines of text as they arrive, without line ends."""
        reader = self._reader()
        for part in self:
            yield from reader.feed(part)
        yield from reader.end()

    def events(self) -> Iterator[ServerSentEvent]:
        """Iterate over the server-sent events as they arrive.

        Raises `TransportError` where the answer ends in the middle of a line: an event has been cut.
        """
        lines, reader = self._reader(), EventReader()
        for part in self:
            for line in lines.feed(part):
                event = reader.feed(line)
                if event is not None:
                    yield event
        event = _last_event(lines, reader)
        if event is not None:
            yield event

    def close(self) -> None:
        """Close the connection."""
        self._events.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncEndpointStream(_Head):
    """The answer of an endpoint as it arrives, for `async for`. Otherwise the same as `EndpointStream`."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._events:
            if part.bytes:
                yield part.bytes

    async def read(self) -> bytes:
        """Read the rest of the answer."""
        return b"".join([part async for part in self])

    async def lines(self) -> AsyncIterator[str]:
        """Iterate over the lines of text as they arrive, without line ends."""
        reader = self._reader()
        async for part in self:
            for line in reader.feed(part):
                yield line
        for line in reader.end():
            yield line

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """Iterate over the server-sent events as they arrive.

        Raises `TransportError` where the answer ends in the middle of a line: an event has been cut.
        """
        lines, reader = self._reader(), EventReader()
        async for part in self:
            for line in lines.feed(part):
                event = reader.feed(line)
                if event is not None:
                    yield event
        event = _last_event(lines, reader)
        if event is not None:
            yield event

    async def close(self) -> None:
        """Close the connection."""
        await self._events.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


# --- the methods ------------------------------------------------------------------------------------------------------


class Invoking:
    """The methods of `sm.endpoints` besides its operations: the calls of the endpoints."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    def invoke(
        self,
        endpoint_name: str,
        body: Any,
        *,
        content_type: str | None = None,
        accept: str | None = None,
        target_variant: str | None = None,
        target_model: str | None = None,
        target_container_hostname: str | None = None,
        inference_component_name: str | None = None,
        inference_id: str | None = None,
        custom_attributes: str | None = None,
        enable_explanations: str | None = None,
        session_id: str | None = None,
        timeout: float | timedelta | None = None,
    ) -> EndpointAnswer:
        """Send a request to an endpoint and return the complete answer.

        Args:
            body: Bytes, a text or a file, sent unchanged; or a JSON value such as a dict, sent as its text with the type
                `application/json`.
            content_type: The MIME type of the body.
            accept: The wanted MIME type of the answer.
            target_variant: The production variant that answers.
            target_model: The model of a multi-model endpoint that answers.
            target_container_hostname: The container of a multi-container endpoint that answers.
            inference_component_name: The inference component that answers.
            inference_id: An id for this call. Data capture records it.
            timeout: Seconds, or a `timedelta`, for the whole call.

        Raises `ModelError` if the model fails, `ModelNotReadyError` while it loads, `ResourceNotFoundError` for an unknown
        endpoint, and any error that every call may raise.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
        """
        options = {
            "accept": accept,
            "target_variant": target_variant,
            "target_model": target_model,
            "target_container_hostname": target_container_hostname,
            "inference_component_name": inference_component_name,
            "inference_id": inference_id,
            "custom_attributes": custom_attributes,
            "enable_explanations": enable_explanations,
            "session_id": session_id,
        }
        response = self._sender.send(_request(endpoint_name, body, content_type, options), timeout=timeout)
        with response.body as stream:
            return _invocation(response, stream.read())

    def invoke_stream(
        self,
        endpoint_name: str,
        body: Any,
        *,
        content_type: str | None = None,
        accept: str | None = None,
        target_variant: str | None = None,
        target_container_hostname: str | None = None,
        inference_component_name: str | None = None,
        inference_id: str | None = None,
        custom_attributes: str | None = None,
        session_id: str | None = None,
        timeout: float | timedelta | None = None,
    ) -> EndpointStream:
        """Send a request to an endpoint and return the answer as a stream, once it begins.

        The arguments are those of `invoke`. `timeout` bounds the time until the answer begins, then each wait for a part.

        Raises `ModelError` if the model fails, and `ModelStreamError` if it fails while parts arrive; `ResourceNotFoundError`
        for an unknown endpoint; `TransportError` for a stream that stalls or breaks.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointWithResponseStream.html
        """
        options = {
            "accept": accept,
            "target_variant": target_variant,
            "target_container_hostname": target_container_hostname,
            "inference_component_name": inference_component_name,
            "inference_id": inference_id,
            "custom_attributes": custom_attributes,
            "session_id": session_id,
        }
        request = _stream_request(endpoint_name, body, content_type, options)
        return EndpointStream(self._sender.send(request, timeout=timeout))

    def invoke_async(
        self,
        endpoint_name: str,
        *,
        input_location: str | None = None,
        body: Payload | None = None,
        content_type: str | None = None,
        accept: str | None = None,
        inference_id: str | None = None,
        custom_attributes: str | None = None,
        s3_output_path_extension: str | None = None,
        filename: str | None = None,
        request_ttl_seconds: int | None = None,
        invocation_timeout_seconds: int | None = None,
        timeout: float | timedelta | None = None,
    ) -> InvokeEndpointAsyncOutput:
        """Have an asynchronous endpoint read its input from Amazon S3, and return where its answer will be.

        The result's `output_location` is the S3 address of the answer, and `failure_location` that of an error.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
        """
        options = {
            "input_location": input_location,
            "body": body,
            "content_type": content_type,
            "accept": accept,
            "inference_id": inference_id,
            "custom_attributes": custom_attributes,
            "s3_output_path_extension": s3_output_path_extension,
            "filename": filename,
            "request_ttl_seconds": request_ttl_seconds,
            "invocation_timeout_seconds": invocation_timeout_seconds,
        }
        response: InvokeEndpointAsyncOutput = self._sender.send(_async_request(endpoint_name, options), timeout=timeout)
        return response

    @overload
    def invoke_all(
        self,
        endpoint_name: str,
        bodies: Iterable[Any],
        *,
        max_concurrency: int = 8,
        return_exceptions: Literal[False] = False,
        **options: Unpack[InvokeOptions],
    ) -> Iterator[EndpointAnswer]: ...
    @overload
    def invoke_all(
        self,
        endpoint_name: str,
        bodies: Iterable[Any],
        *,
        max_concurrency: int = 8,
        return_exceptions: Literal[True],
        **options: Unpack[InvokeOptions],
    ) -> Iterator[EndpointAnswer | SageMakerError]: ...
    def invoke_all(
        self,
        endpoint_name: str,
        bodies: Iterable[Any],
        *,
        max_concurrency: int = 8,
        return_exceptions: bool = False,
        **options: Unpack[InvokeOptions],
    ) -> Iterator[EndpointAnswer | SageMakerError]:
        """Send many requests to an endpoint, several at a time, and iterate over the answers in the order of the bodies.

        `bodies` may be a generator of any length. Bodies are taken as calls become free, at most twice `max_concurrency`
        ahead of the answers. Nothing is sent before the first answer is asked for. After an iteration is left early, no more
        calls begin.

        Args:
            bodies: Bodies as `invoke` takes them.
            max_concurrency: The most calls under way at a time, each in a thread.
            return_exceptions: Whether a failed invocation yields its error in place of its answer, and the other calls
                continue. Otherwise the error is raised in its turn, after the answers before it.
            options: Arguments of `invoke` for each call; `timeout` applies to each.

        An error that every call would meet, such as expired credentials, is raised in either case. Raises
        `InvalidRequestError` for a `max_concurrency` below 1 and for a single body, and any error of `invoke`.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
        """
        from sagemaker_typed._data.ordered import checked_concurrency, checked_items

        most = checked_concurrency(max_concurrency)
        given = checked_items("bodies", bodies)
        return self._answers(endpoint_name, given, most, return_exceptions, _checked_options(options))

    def _answers(
        self, endpoint_name: str, bodies: Iterable[Any], most: int, return_exceptions: bool, options: InvokeOptions
    ) -> Generator[EndpointAnswer | SageMakerError, None, None]:
        from sagemaker_typed._data.ordered import outcomes

        def ask(body: Any) -> EndpointAnswer:
            return self.invoke(endpoint_name, body, **options)

        with closing(outcomes(ask, bodies, most)) as found:
            for number, outcome in enumerate(found):
                yield _given(outcome, return_exceptions, number)

    def wait_for_output(
        self,
        answer: InvokeEndpointAsyncOutput | str,
        *,
        failure_location: str | None = None,
        timeout: float | timedelta = _TIMEOUT,
        poll: float | timedelta | None = None,
    ) -> EndpointOutput:
        """Wait until the answer of an asynchronous endpoint is in Amazon S3, and return it complete.

        S3 is read with boto3, on the session that signs for this client. This needs the permission `s3:GetObject`, and also
        `s3:ListBucket`: without that, S3 does not say that an object is not there yet.

        Args:
            answer: Result of `invoke_async`, or its `output_location`, such as "s3://bucket/out/1.out".
            failure_location: Where the error is written if the model fails. A result of `invoke_async` includes it.
            timeout: Seconds, or a `timedelta`. With 0, each place is read once.
            poll: Seconds between two polls, or a `timedelta`; by default 1, growing to 15.

        Raises `WaitFailedError` if the invocation failed, with the endpoint's text as its `reason`; `WaitTimeoutError` if
        neither answer nor error is there in time; `AccessDeniedError`; `ResourceNotFoundError` for a missing bucket; and any
        error that every call may raise.

        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-check-predictions.html
        """
        from sagemaker_typed._data.outputs import output_of

        found: EndpointOutput = self._sender._run(output_of(answer, failure_location, timeout, poll))
        return found


class AsyncInvoking:
    """`Invoking` of the asynchronous client."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    async def invoke(
        self,
        endpoint_name: str,
        body: Any,
        *,
        content_type: str | None = None,
        accept: str | None = None,
        target_variant: str | None = None,
        target_model: str | None = None,
        target_container_hostname: str | None = None,
        inference_component_name: str | None = None,
        inference_id: str | None = None,
        custom_attributes: str | None = None,
        enable_explanations: str | None = None,
        session_id: str | None = None,
        timeout: float | timedelta | None = None,
    ) -> EndpointAnswer:
        """Send a request and return the complete answer. See `SageMaker.endpoints.invoke` for the arguments."""
        options = {
            "accept": accept,
            "target_variant": target_variant,
            "target_model": target_model,
            "target_container_hostname": target_container_hostname,
            "inference_component_name": inference_component_name,
            "inference_id": inference_id,
            "custom_attributes": custom_attributes,
            "enable_explanations": enable_explanations,
            "session_id": session_id,
        }
        response = await self._sender.send(_request(endpoint_name, body, content_type, options), timeout=timeout)
        async with response.body as stream:
            return _invocation(response, await stream.aread())

    async def invoke_stream(
        self,
        endpoint_name: str,
        body: Any,
        *,
        content_type: str | None = None,
        accept: str | None = None,
        target_variant: str | None = None,
        target_container_hostname: str | None = None,
        inference_component_name: str | None = None,
        inference_id: str | None = None,
        custom_attributes: str | None = None,
        session_id: str | None = None,
        timeout: float | timedelta | None = None,
    ) -> AsyncEndpointStream:
        """Send a request to an endpoint and return the answer as a stream, once it begins.

        `async for part in await sm.endpoints.invoke_stream(...)`. See `SageMaker.endpoints.invoke_stream` for the arguments.
        """
        options = {
            "accept": accept,
            "target_variant": target_variant,
            "target_container_hostname": target_container_hostname,
            "inference_component_name": inference_component_name,
            "inference_id": inference_id,
            "custom_attributes": custom_attributes,
            "session_id": session_id,
        }
        request = _stream_request(endpoint_name, body, content_type, options)
        return AsyncEndpointStream(await self._sender.send(request, timeout=timeout))

    async def invoke_async(
        self,
        endpoint_name: str,
        *,
        input_location: str | None = None,
        body: Payload | None = None,
        content_type: str | None = None,
        accept: str | None = None,
        inference_id: str | None = None,
        custom_attributes: str | None = None,
        s3_output_path_extension: str | None = None,
        filename: str | None = None,
        request_ttl_seconds: int | None = None,
        invocation_timeout_seconds: int | None = None,
        timeout: float | timedelta | None = None,
    ) -> InvokeEndpointAsyncOutput:
        """Have an asynchronous endpoint read its input from Amazon S3, and return where its answer will be."""
        options = {
            "input_location": input_location,
            "body": body,
            "content_type": content_type,
            "accept": accept,
            "inference_id": inference_id,
            "custom_attributes": custom_attributes,
            "s3_output_path_extension": s3_output_path_extension,
            "filename": filename,
            "request_ttl_seconds": request_ttl_seconds,
            "invocation_timeout_seconds": invocation_timeout_seconds,
        }
        request = _async_request(endpoint_name, options)
        response: InvokeEndpointAsyncOutput = await self._sender.send(request, timeout=timeout)
        return response

    @overload
    def invoke_all(
        self,
        endpoint_name: str,
        bodies: Iterable[Any] | AsyncIterable[Any],
        *,
        max_concurrency: int = 8,
        return_exceptions: Literal[False] = False,
        **options: Unpack[InvokeOptions],
    ) -> AsyncIterator[EndpointAnswer]: ...
    @overload
    def invoke_all(
        self,
        endpoint_name: str,
        bodies: Iterable[Any] | AsyncIterable[Any],
        *,
        max_concurrency: int = 8,
        return_exceptions: Literal[True],
        **options: Unpack[InvokeOptions],
    ) -> AsyncIterator[EndpointAnswer | SageMakerError]: ...
    def invoke_all(
        self,
        endpoint_name: str,
        bodies: Iterable[Any] | AsyncIterable[Any],
        *,
        max_concurrency: int = 8,
        return_exceptions: bool = False,
        **options: Unpack[InvokeOptions],
    ) -> AsyncIterator[EndpointAnswer | SageMakerError]:
        """Send many requests to an endpoint, several at a time, and iterate with `async for` in the order of the bodies.

        `bodies` may be asynchronous as well. Leaving the iteration early cancels the calls under way. See
        `SageMaker.endpoints.invoke_all` for the arguments.
        """
        from sagemaker_typed._data.ordered import checked_concurrency, checked_items

        most = checked_concurrency(max_concurrency)
        given = checked_items("bodies", bodies, asynchronous=True)
        return self._answers(endpoint_name, given, most, return_exceptions, _checked_options(options))

    async def _answers(
        self,
        endpoint_name: str,
        bodies: Iterable[Any] | AsyncIterable[Any],
        most: int,
        return_exceptions: bool,
        options: InvokeOptions,
    ) -> AsyncGenerator[EndpointAnswer | SageMakerError, None]:
        from sagemaker_typed._data.ordered import aoutcomes

        async def ask(body: Any) -> EndpointAnswer:
            return await self.invoke(endpoint_name, body, **options)

        number = 0
        async with aclosing(aoutcomes(ask, bodies, most)) as found:
            async for outcome in found:
                yield _given(outcome, return_exceptions, number)
                number += 1

    async def wait_for_output(
        self,
        answer: InvokeEndpointAsyncOutput | str,
        *,
        failure_location: str | None = None,
        timeout: float | timedelta = _TIMEOUT,
        poll: float | timedelta | None = None,
    ) -> EndpointOutput:
        """Wait until the answer of an asynchronous endpoint is in Amazon S3, and return it complete.

        See `SageMaker.endpoints.wait_for_output` for the arguments.
        """
        from sagemaker_typed._data.outputs import output_of

        found: EndpointOutput = await self._sender._run(output_of(answer, failure_location, timeout, poll))
        return found
