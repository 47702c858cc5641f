"""Human loops, metrics, many invocations and asynchronous answers by their short forms, on both clients."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._data.invoking import EndpointAnswer
from sagemaker_typed.services.metrics import RawMetricData
from sagemaker_typed.testing import ContainerError, Invocation, LocalSageMaker
from sagemaker_typed.waiting import Clock
from tests.local.support import HandClock
from tests.local.test_human_loops import flow
from tests.local.test_invocations import endpoint, waiting
from tests.local.test_metrics_service import BEGIN, component

__all__ = ["component", "endpoint", "flow", "waiting"]  # fixtures


@pytest.fixture
def client(local: LocalSageMaker, clock: HandClock) -> Iterator[SageMaker]:
    """Time passes where it sleeps."""
    with local.client() as sagemaker:
        sagemaker.clock = Clock(now=clock, sleep=clock.forward)
        yield sagemaker


@pytest.fixture
def settled() -> Iterator[None]:
    """Ends a test that leaves calls under way: the next one counts the calls of the same service."""
    yield
    for thread in threading.enumerate():
        if thread.name == "sagemaker_typed-caller":
            thread.join(30)
            assert not thread.is_alive()


def on_a_loop(local: LocalSageMaker, clock: HandClock, test: Callable[[Any], Any]) -> Any:
    async def run() -> Any:
        async with local.async_client() as sm:
            sm.clock = Clock(now=clock, sleep=clock.forward)
            return await test(sm)

    return asyncio.run(run())


# --- human loops ------------------------------------------------------------------------------------------------------


def test_a_review_from_content_to_result(client: SageMaker, local: LocalSageMaker, s3: Any, flow: str) -> None:
    loop = client.flow_definitions.start_human_loop("review", {"text": "fine?"})
    assert loop.name.startswith("review-")
    assert loop.flow_definition_arn == flow
    shown = local.boto3_client("sagemaker-a2i-runtime").describe_human_loop(HumanLoopName=loop.name)
    assert shown["HumanLoopArn"] == loop.arn
    done = client.flow_definitions.wait_for_human_loop(loop, timeout=600)
    assert done.human_loop_status == "Completed"
    assert done.human_loop_output is not None
    bucket, _, key = done.human_loop_output.output_s3_uri.removeprefix("s3://").partition("/")
    assert json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])["inputContent"] == {"text": "fine?"}


def test_an_arn_costs_no_description(client: SageMaker, local: LocalSageMaker, flow: str) -> None:
    before = local.calls["DescribeFlowDefinition"]
    loop = client.flow_definitions.start_human_loop(
        flow, '{"n": 1}', name="mine", content_classifiers=["FreeOfAdultContent"]
    )
    assert (loop.name, local.calls["DescribeFlowDefinition"]) == ("mine", before)
    with pytest.raises(errors.ApiError):
        client.flow_definitions.start_human_loop(flow, {"n": 1}, name="mine")
    with pytest.raises(errors.ResourceNotFoundError):
        client.flow_definitions.start_human_loop("absent", {"n": 1})
    with pytest.raises(errors.InvalidRequestError, match="content"):
        client.flow_definitions.start_human_loop(flow, object())


def test_a_review_that_fails_or_is_stopped(client: SageMaker, local: LocalSageMaker, flow: str) -> None:
    local.script("human_loop", "bad", [("Failed", "nobody came")])
    with pytest.raises(errors.WaitFailedError, match="nobody came"):
        client.flow_definitions.run_human_loop(flow, {"n": 1}, name="bad", timeout=600)
    local.script("human_loop", "off", ["Stopped"])
    with pytest.raises(errors.WaitStoppedError):
        client.flow_definitions.run_human_loop(flow, {"n": 1}, name="off", timeout=600)
    local.script("human_loop", "slow", ["InProgress"], manual=True)
    with pytest.raises(errors.WaitTimeoutError):
        client.flow_definitions.run_human_loop(flow, {"n": 1}, name="slow", timeout=60)


def test_a_review_on_a_loop(local: LocalSageMaker, clock: HandClock, flow: str) -> None:
    async def run(sm: Any) -> None:
        done = await sm.flow_definitions.run_human_loop("review", {"n": 1}, timeout=600)
        assert done.human_loop_status == "Completed"

    on_a_loop(local, clock, run)


# --- metrics ----------------------------------------------------------------------------------------------------------


def losses(count: int) -> Iterator[RawMetricData]:
    for step in range(count):
        moment = BEGIN + timedelta(seconds=step)
        yield RawMetricData(metric_name="loss", timestamp=moment, step=step, value=1.0 / (step + 1))


def test_metrics_go_in_batches_of_the_services_size(
    client: SageMaker, local: LocalSageMaker, sm: Any, component: str
) -> None:
    before = local.calls["BatchPutMetrics"]
    report = client.trial_components.put_metrics("run-1", losses(25))
    assert (report.written, report.failed, report.ok) == (25, [], True)
    assert local.calls["BatchPutMetrics"] - before == 3  # ten each, by AWS's documentation
    (shown,) = sm.describe_trial_component(TrialComponentName="run-1")["Metrics"]
    assert (shown["Count"], shown["Last"]) == (25, pytest.approx(1 / 25))


def test_no_metric_is_lost(client: SageMaker, local: LocalSageMaker, component: str) -> None:
    local.fail_next("BatchPutMetrics", "AccessDeniedException")
    report = client.trial_components.put_metrics("run-1", losses(25))
    assert (report.written, [each.number for each in report.failed]) == (15, list(range(10)))
    assert "15 written, 10 failed" in str(report)
    with pytest.raises(errors.AccessDeniedError):
        report.raise_for_failures()
    with pytest.raises(errors.InvalidRequestError, match="metrics"):
        client.trial_components.put_metrics("run-1", "loss")  # type: ignore[arg-type]


def test_metrics_on_a_loop(local: LocalSageMaker, clock: HandClock, component: str) -> None:
    async def run(sm: Any) -> Any:
        return await sm.trial_components.put_metrics("run-1", losses(11))

    assert on_a_loop(local, clock, run).written == 11


# --- many invocations -------------------------------------------------------------------------------------------------


def test_many_answers_come_in_order(client: SageMaker, local: LocalSageMaker, endpoint: str) -> None:
    """However long each takes: here the first is answered when three others are."""
    others = threading.Barrier(3)
    three = threading.Event()

    def answer(invocation: Invocation) -> Any:
        number = invocation.json()
        if number == 0:
            assert three.wait(30)
        elif number <= 3 and others.wait(30) == 0:
            three.set()
        return {"square": number * number}

    local.answer("endpoint", endpoint, answer)
    found = list(client.endpoints.invoke_all(endpoint, range(50), max_concurrency=4, timeout=60))
    assert [each.json()["square"] for each in found] == [n * n for n in range(50)]


@pytest.mark.usefixtures("settled")
def test_bodies_are_taken_as_there_is_room(client: SageMaker, local: LocalSageMaker, endpoint: str) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def answer(invocation: Invocation) -> bytes:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        try:
            return invocation.body
        finally:
            with lock:
                now[0] -= 1

    local.answer("endpoint", endpoint, answer)
    taken: list[int] = []

    def bodies() -> Iterator[str]:
        for number in range(10_000):
            taken.append(number)
            yield str(number)

    before = local.calls["InvokeEndpoint"]
    answers = client.endpoints.invoke_all(endpoint, bodies(), max_concurrency=3, content_type="text/plain")
    assert (taken, local.calls["InvokeEndpoint"]) == ([], before)  # nothing before it is asked for
    for number, each in enumerate(answers):
        assert each.text == str(number)
        assert len(taken) <= number + 1 + 6
        if number == 20:
            break
    answers.close()  # type: ignore[attr-defined]
    assert local.calls["InvokeEndpoint"] - before <= 21 + 6
    assert most[0] <= 3


def refuse(invocation: Invocation) -> Any:
    if invocation.json() % 5 == 3:
        raise ContainerError("no", 400)
    return invocation.body


@pytest.mark.usefixtures("settled")
def test_one_that_fails_is_raised_in_its_turn(client: SageMaker, local: LocalSageMaker, endpoint: str) -> None:
    local.answer("endpoint", endpoint, refuse)
    answers = client.endpoints.invoke_all(endpoint, range(20), max_concurrency=2)
    assert [next(answers).json() for _ in range(3)] == [0, 1, 2]
    with pytest.raises(errors.ModelError) as found:
        next(answers)
    assert any("number 3" in note for note in found.value.__notes__)


@pytest.mark.usefixtures("settled")
def test_one_that_fails_may_stand_in_its_place(client: SageMaker, local: LocalSageMaker, endpoint: str) -> None:
    local.answer("endpoint", endpoint, refuse)
    bodies: list[Any] = [*range(9), object()]
    found = list(client.endpoints.invoke_all(endpoint, bodies, return_exceptions=True))
    assert [each.json() if isinstance(each, EndpointAnswer) else type(each).__name__ for each in found[:3]] == [0, 1, 2]
    assert [n for n, each in enumerate(found) if isinstance(each, errors.ModelError)] == [3, 8]
    assert isinstance(found[9], errors.InvalidRequestError)
    local.fail_next("InvokeEndpoint", "ExpiredTokenException")
    with pytest.raises(errors.ExpiredCredentialsError):
        list(client.endpoints.invoke_all(endpoint, range(9), max_concurrency=1, return_exceptions=True))


def test_what_many_cannot_be_asked(client: SageMaker, endpoint: str) -> None:
    for number in (0, 1.5, True):
        with pytest.raises(errors.InvalidRequestError, match="max_concurrency"):
            client.endpoints.invoke_all(endpoint, [1], max_concurrency=number)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="contentType"):
        client.endpoints.invoke_all(endpoint, [1], contentType="text/csv")  # type: ignore[call-overload]


@pytest.mark.usefixtures("settled")
def test_bodies_that_break_off(client: SageMaker, local: LocalSageMaker, endpoint: str) -> None:
    local.answer("endpoint", endpoint, lambda invocation: invocation.body)

    def bodies() -> Iterator[int]:
        yield from range(5)
        raise OSError("cut off")

    answers = client.endpoints.invoke_all(endpoint, bodies())
    assert [next(answers).json() for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(OSError, match="cut off"):
        next(answers)


def test_many_invocations_on_a_loop(local: LocalSageMaker, clock: HandClock, endpoint: str) -> None:
    local.answer("endpoint", endpoint, refuse)

    async def bodies() -> AsyncIterator[int]:
        for number in range(30):
            await asyncio.sleep(0)
            yield number

    async def four() -> AsyncIterator[int]:
        """No call is cancelled: it may reach the service later, and the next test counts calls."""
        for number in range(4):
            yield number
        await asyncio.Event().wait()

    async def run(sm: Any) -> None:
        found = [each async for each in sm.endpoints.invoke_all(endpoint, bodies(), return_exceptions=True)]
        assert [each.json() for each in found if isinstance(each, EndpointAnswer)] == [
            n for n in range(30) if n % 5 != 3
        ]
        assert sum(isinstance(each, errors.ModelError) for each in found) == 6
        for few in (range(4), four()):
            answers = sm.endpoints.invoke_all(endpoint, few, max_concurrency=2)
            seen = [(await anext(answers)).json() for _ in range(3)]
            assert seen == [0, 1, 2]
            with pytest.raises(errors.ModelError):
                await anext(answers)

    on_a_loop(local, clock, run)


def test_an_answer_is_not_held_up_by_a_body_to_come(local: LocalSageMaker, clock: HandClock, endpoint: str) -> None:
    """Here the second body is the answer to the first."""
    local.answer("endpoint", endpoint, lambda invocation: str(invocation.json() + 1))

    async def run(sm: Any) -> None:
        heard: asyncio.Queue[int] = asyncio.Queue()

        async def bodies() -> AsyncIterator[int]:
            yield 1
            for _ in range(4):
                yield await heard.get()

        async for each in sm.endpoints.invoke_all(endpoint, bodies()):
            heard.put_nowait(each.json())
        assert heard.get_nowait() == 6

    on_a_loop(local, clock, run)


# --- asynchronous answers ---------------------------------------------------------------------------------------------


def test_an_asynchronous_answer_is_waited_for(client: SageMaker, local: LocalSageMaker, waiting: str) -> None:
    local.answer("endpoint", waiting, lambda invocation: {"length": len(invocation.body)})
    asked = client.endpoints.invoke_async(waiting, input_location="s3://models/in/resnet.tar.gz")
    output = client.endpoints.wait_for_output(asked, timeout=60)
    assert output.json() == {"length": len(b"weights")}
    assert output.text == output.body.decode()
    assert output.location == asked.output_location
    assert client.endpoints.wait_for_output(str(asked.output_location), timeout=0).body == output.body


def test_an_asynchronous_failure_is_an_error_with_its_text(
    client: SageMaker, local: LocalSageMaker, waiting: str
) -> None:
    def fail(_: Invocation) -> bytes:
        raise ContainerError("too long", 400)

    local.answer("endpoint", waiting, fail)
    asked = client.endpoints.invoke_async(waiting, input_location="s3://models/in/resnet.tar.gz")
    with pytest.raises(errors.WaitFailedError, match="too long") as found:
        client.endpoints.wait_for_output(asked, timeout=60)
    assert found.value.name == asked.output_location
    assert "too long" in str(found.value.reason)
    with pytest.raises(errors.WaitTimeoutError):
        client.endpoints.wait_for_output(str(asked.output_location), timeout=60)


def test_an_answer_that_comes_late(client: SageMaker, s3: Any, clock: HandClock) -> None:
    """Its wait looks more and more seldom, and at the deadline for the last time."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.forward(seconds)
        if sum(slept) > 20:
            s3.put_object(
                Bucket="models", Key="out/late", Body="ü".encode("latin-1"), ContentType="text/plain; charset=latin-1"
            )

    client.clock = Clock(now=clock, sleep=sleep)
    assert client.endpoints.wait_for_output("s3://models/out/late", timeout=60).text == "ü"
    assert slept == sorted(slept)
    assert slept[0] == 1.0
    slept.clear()
    started = clock()
    client.clock = Clock(now=clock, sleep=clock.forward)
    with pytest.raises(errors.WaitTimeoutError) as found:
        client.endpoints.wait_for_output("s3://models/out/never", failure_location="s3://models/out/err", timeout=60)
    assert clock() - started == 60
    assert found.value.elapsed == 60


def test_where_no_answer_can_be(client: SageMaker, s3: Any) -> None:
    with pytest.raises(errors.ResourceNotFoundError):
        client.endpoints.wait_for_output("s3://no-such-bucket-at-all/out", timeout=60)
    for place in ("out", "https://bucket/key", "s3://bucket", ""):
        with pytest.raises(errors.InvalidRequestError, match="s3://bucket/key"):
            client.endpoints.wait_for_output(place)
    with pytest.raises(errors.InvalidRequestError, match="timeout"):
        client.endpoints.wait_for_output("s3://models/out", timeout=-1)


def test_an_asynchronous_answer_on_a_loop(local: LocalSageMaker, clock: HandClock, waiting: str) -> None:
    async def run(sm: Any) -> bytes:
        asked = await sm.endpoints.invoke_async(waiting, input_location="s3://models/in/resnet.tar.gz")
        body: bytes = (await sm.endpoints.wait_for_output(asked, timeout=60)).body
        return body

    local.answer("endpoint", waiting, lambda invocation: invocation.body.upper())
    assert on_a_loop(local, clock, run) == b"WEIGHTS"


@pytest.mark.parametrize("bodies", ["abc", b"abc", {"a": 1}, io.BytesIO(b"abc"), None, 3])
def test_a_single_body_is_not_many(
    client: SageMaker, local: LocalSageMaker, clock: HandClock, endpoint: str, bodies: Any
) -> None:
    with pytest.raises(errors.InvalidRequestError, match="several are needed"):
        client.endpoints.invoke_all(endpoint, bodies)

    async def ask(sm: Any) -> None:
        with pytest.raises(errors.InvalidRequestError, match="several are needed"):
            sm.endpoints.invoke_all(endpoint, bodies)

    on_a_loop(local, clock, ask)
    assert local.calls["InvokeEndpoint"] == 0


def test_a_file_of_text_is_no_body(client: SageMaker, endpoint: str) -> None:
    with pytest.raises(errors.InvalidRequestError, match="binary mode"):
        client.endpoints.invoke(endpoint, io.StringIO("{}"))
