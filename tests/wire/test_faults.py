"""What goes wrong goes wrong alike: as many requests, the same pauses between them, and the same error in the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import pytest

from sagemaker_typed import SageMaker
from sagemaker_typed.types import CreateModelInput, DescribeCompilationJobRequest
from tests.support import faults
from tests.support.faults import Fault, FaultServer
from tests.wire.roads import made, stand_still, start_again, taken

CALLS: dict[str, Callable[[SageMaker], Any]] = {
    "DescribeCompilationJob": lambda sm: sm.compilation_jobs.describe("n"),
    "ListModels": lambda sm: sm.models.list().first(),
    "CreateModel": lambda sm: sm.send(CreateModelInput(model_name="n")),
    "StopCompilationJob": lambda sm: sm.compilation_jobs.stop("n"),
}
ANSWERS: dict[str, dict[str, Any]] = {
    "DescribeCompilationJob": {"CompilationJobName": "n", "CompilationJobStatus": "INPROGRESS"},
    "ListModels": {"Models": [{"ModelName": "n"}]},
    "CreateModel": {"ModelArn": "arn:aws:sagemaker:us-west-2:123456789012:model/n"},
    "StopCompilationJob": {},
}
_VARIES = re.compile(r"0x[0-9a-f]+|ttl=\w+|in \d+ ms")


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return stand_still(monkeypatch)


def seen(
    sm: SageMaker,
    operation: str,
    server: FaultServer,
    script: tuple[Fault, ...],
    pauses: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, Any]:
    """All that a caller and a service can see of a call."""
    server.clear()
    server.always(operation, faults.answer(ANSWERS[operation]))
    server.script(operation, *script)
    pauses.clear()
    start_again(monkeypatch)
    answer: Any = None
    error: Exception | None = None
    try:
        answer = CALLS[operation](sm)
    except Exception as raised:
        error = raised
    return {
        "answer": repr(answer),
        "metadata": _still(vars_of(getattr(answer, "response_metadata", None))),
        "error": type(error),
        "bases": [base.__name__ for base in type(error).__mro__],
        "text": _still(str(error)),
        "notes": getattr(error, "__notes__", None),
        "attributes": _still({name: repr(value) for name, value in vars_of(error).items() if name != "__notes__"}),
        "cause": (type(error.__cause__), _still(str(error.__cause__))) if error is not None else None,
        "context": type(error.__cause__.__context__) if error is not None and error.__cause__ is not None else None,
        "pauses": list(pauses),
        "requests": [(each.operation, each.body, _without_ttl(each.headers)) for each in server.heard],
    }


def vars_of(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    return (
        dict(vars(value))
        if hasattr(value, "__dict__")
        else {n: getattr(value, n) for n in value.__slots__ if n[0] != "_"}
    )


def _still(value: Any) -> str:
    return re.sub(r"'date': '[^']*'", "", _VARIES.sub("*", str(value)))


def _without_ttl(headers: Any) -> list[tuple[str, str]]:
    return [(name, _VARIES.sub("*", value)) for name, value in headers.items()]


@cache  # a client takes a hundred times as long to make as a call; both of a pair spend their quota alike
def client(url: str, short: bool, attempts: int) -> SageMaker:
    return made(url, short=short, attempts=attempts)


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_met_alike(
    fault: Fault,
    attempts: int,
    operation: str,
    server: FaultServer,
    pauses: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    roads = [client(server.url, short, attempts) for short in (True, False)]
    before = taken(roads[0])
    for script in [(), (fault,), (fault, fault), (fault,) * 4, (faults.throttled(), fault, faults.server_error())]:
        short, long = (seen(sm, operation, server, script, pauses, monkeypatch) for sm in roads)
        assert short == long
    assert taken(roads[0]) == before + 5
    assert taken(roads[1]) == 0


# Calls with a time, with a number of retries, and polls. The time is far longer than any of them takes.
BOUNDED: dict[str, Callable[[SageMaker], SageMaker | _Polls]] = {
    "timeout": lambda sm: sm.with_options(timeout=500),
    "retries": lambda sm: sm.with_options(retries=1),
    "more retries": lambda sm: sm.with_options(retries=6),
    "both": lambda sm: sm.with_options(timeout=500, retries=0),
    "poll": lambda sm: _Polls(sm),
    "poll without an end": lambda sm: _Polls(sm, float("inf")),
}


class _Polls:
    """Sends what `send` is given as polls."""

    def __init__(self, sm: SageMaker, seconds: float = 500) -> None:
        self._connection = sm._connection
        self.send = partial(sm._look, seconds=seconds)


@pytest.mark.parametrize("how", BOUNDED)
@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_a_bounded_call_meets_a_fault_alike(
    fault: Fault, how: str, server: FaultServer, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = DescribeCompilationJobRequest(compilation_job_name="n")
    monkeypatch.setitem(CALLS, "DescribeCompilationJob", lambda sm: sm.send(request))
    roads: Any = [BOUNDED[how](client(server.url, short, 3)) for short in (True, False)]
    before = taken(roads[0])
    for script in [(), (fault,), (fault,) * 4, (faults.throttled(), fault, faults.server_error())]:
        short, long = (seen(sm, "DescribeCompilationJob", server, script, pauses, monkeypatch) for sm in roads)
        assert short == long
    assert taken(roads[0]) == before + 4
    assert taken(roads[1]) == 0


def test_the_quota_of_retries_is_spent_and_given_back_alike(
    server: FaultServer, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore's standard mode has so much to spend on retries, and good answers fill it up again."""
    roads = [made(server.url, short=short, attempts=4) for short in (True, False)]
    script = (faults.server_error(),) * 4
    rounds = []
    for number in range(60):
        short, long = (
            seen(sm, "DescribeCompilationJob", server, script if number % 4 else (), pauses, monkeypatch)
            for sm in roads
        )
        assert short == long
        rounds.append(len(short["requests"]) if number % 4 else 4)
    assert min(rounds) < 4, "the quota has not run out"


def test_nobody_listens(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer() as server:
        server.always(None, faults.answer({"CompilationJobName": "n"}))
        roads = [made(server.url, short=short, attempts=3) for short in (True, False)]
        for sm in roads:
            seen(sm, "DescribeCompilationJob", server, (), pauses, monkeypatch)
        server.refuse()
        for _ in range(2):  # the first finds the connection that was kept
            short, long = (seen(sm, "DescribeCompilationJob", server, (), pauses, monkeypatch) for sm in roads)
            assert short == long
        assert len(short["pauses"]) == 2
