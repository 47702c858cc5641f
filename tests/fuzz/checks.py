"""What must hold of a call, whatever the answer."""

from __future__ import annotations

import pickle
import time
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_typed import SageMaker, from_boto3, to_boto3
from sagemaker_typed._core.joined import ours
from sagemaker_typed.errors import ApiError, SageMakerError
from tests.contract import model
from tests.contract.comparison import unlike
from tests.fuzz.inputs import BODILESS, Input
from tests.fuzz.wire import Wire

_SHORT = 4_000
"""Characters that the message of an error of ours may have, however long the body is."""
_CPU_SECONDS = 1.0
_CPU_SECONDS_PER_BYTE = 20e-6
_METADATA = "ResponseMetadata"


class Checks:
    """Sends each input down every road: ours, ours with a hook that hears of it or with a caller's client, and boto3's."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        """How calls ended, by class."""
        self._wire = Wire()

    def __enter__(self) -> Self:
        self._wire.__enter__()
        settings: dict[str, Any] = {
            "session": model.session(),
            "endpoint_url": self._wire.url,
            "config": model.quiet(),
            "validation": "off",
        }
        self._quiet, self._heard = SageMaker(**settings), SageMaker(**settings)
        self._heard.boto3_client.meta.events.register("after-call.sagemaker", _listen)
        self._boto = model.boto3_client(self._wire.url)
        self._borrowed = SageMaker(client=self._boto, validation="off")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for each in (self._quiet, self._heard, self._boto):
            each.close()
        self._wire.__exit__(kind, error, at)

    def check(self, case: Input) -> None:
        """Raises `AssertionError` where something does not hold."""
        self._wire.answer = case.wire()
        request = from_boto3(model.request_class(case.operation), model.minimal_request(case.operation))
        quiet, seconds = _timed(lambda: _outcome(lambda: self._quiet.send(request)))
        self.seen[type(quiet).__name__ if isinstance(quiet, Exception) else "response"] += 1
        limit = _CPU_SECONDS + _CPU_SECONDS_PER_BYTE * len(case.body)
        assert seconds < limit, f"{seconds:.2f} s of CPU for {len(case.body):,} bytes"
        _check_outcome(case, quiet)
        for road, sagemaker in {"with a hook": self._heard, "with a caller's client": self._borrowed}.items():
            other = _outcome(lambda: sagemaker.send(request))  # noqa: B023  # called at once
            _check_outcome(case, other)
            # The class that is also boto3's is another for each client.
            assert ours(type(quiet)) is ours(type(other)), f"{quiet!r:.300}, but {road} {other!r:.300}"
            if not isinstance(quiet, Exception) and sagemaker is self._heard:  # boto3's own parser drops members
                assert repr(quiet) == repr(other)
        # botocore fails at the byte order mark that gateways put before a body, and so has the answer without it.
        self._wire.answer = replace(case, body=case.body.removeprefix(BOM_UTF8)).wire()
        theirs = _outcome(lambda: self._boto3(case.operation))
        _compare(case, quiet, theirs)

    def _boto3(self, operation: str) -> Any:
        method = getattr(self._boto, request_method(operation))
        return method(**model.minimal_request(operation))


def request_method(operation: str) -> str:
    from botocore import xform_name

    name: str = xform_name(operation)
    return name


def _listen(**_: Any) -> None:
    """A hook that changes nothing."""


def _outcome(call: Callable[[], Any]) -> Any:
    """What a call returned or raised."""
    try:
        return call()
    except Exception as error:
        return error


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    before = time.thread_time()
    result = call()
    return result, time.thread_time() - before


def _check_outcome(case: Input, outcome: Any) -> None:
    if isinstance(outcome, Exception):
        _check_error(case, outcome)
        return
    shape = model.MODEL.operation_model(case.operation).output_shape
    assert case.arrives or case.status in BODILESS, "half an answer, taken for one"
    assert case.status < 300, f"a response for status {case.status}"
    if shape is None:
        assert outcome is None
        return
    assert type(outcome) is model.response_class(case.operation)
    assert outcome.response_metadata.http_status_code == case.status
    repr(outcome)


def _check_error(case: Input, error: Exception) -> None:
    assert isinstance(error, SageMakerError), f"{type(error).__name__} is no error of ours: {error!s:.300}"
    assert not case.valid, f"a valid answer was refused: {error!s:.300}"
    assert error.operation == case.operation
    if error.http_status_code is not None or isinstance(error, ApiError):
        assert error.http_status_code == case.status
    text = str(error)
    most = _SHORT + len(case.body) if isinstance(error, ApiError) else _SHORT
    assert len(text) <= most, f"a message of {len(text):,} characters for {len(case.body):,} bytes"
    copy = pickle.loads(pickle.dumps(error))
    # A class that is also boto3's own is made for one client, and stays with it.
    assert isinstance(error, type(copy)) and isinstance(copy, SageMakerError) and str(copy) == text  # noqa: PT018


# --- beside boto3 -----------------------------------------------------------------------------------------------------


def _compare(case: Input, typed: Any, theirs: Any) -> None:
    if isinstance(typed, Exception):
        if isinstance(typed, ApiError) and isinstance(theirs, ClientError) and case.status >= 300:
            assert not _is_code(code := _code(theirs)) or _code(typed) == code
        return
    assert not isinstance(theirs, ClientError | BotoCoreError), f"a response where boto3 raised {theirs!r:.300}"
    if isinstance(theirs, Exception) or typed is None:
        return  # botocore's parser fails where ours reads
    shape = model.output_shape(case.operation)
    plain = {name: item for name, item in to_boto3(typed).items() if name != _METADATA}
    wrong = list(unlike(_known(shape, plain), _known(shape, model.without_metadata(theirs))))
    assert not wrong, "; ".join(wrong)[:600]


def _code(error: Any) -> Any:
    return error.response.get("Error", {}).get("Code")


def _is_code(code: Any) -> bool:
    """Whether it is one of the service's; without any, botocore gives the status, or nothing."""
    return isinstance(code, str) and not code.isdigit() and code != ""


_NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def _known(shape: Any, value: Any) -> Any:
    """A value in the form in which ours and boto3's are equal.

    Ours keeps members that the model does not know, gives each time its zone, and reads the texts for numbers that JSON lacks.
    """
    kind = getattr(shape, "type_name", None)  # None for what is of another kind than its shape, and comes as it is
    if isinstance(value, Mapping):
        members = shape.members if kind == "structure" else dict.fromkeys(value, shape.value if kind == "map" else None)
        return {name: _known(members[name], item) for name, item in value.items() if name in members}
    if isinstance(value, list):
        return [_known(shape.member if kind == "list" else None, item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if kind in ("float", "double") and isinstance(value, str):
        value = _NOT_FINITE.get(value, value)
    return "not a number" if isinstance(value, float) and value != value else value
