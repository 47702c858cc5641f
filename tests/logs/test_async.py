"""Logs on an event loop: the same readers over the other client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker, SageMaker, errors
from sagemaker_typed import logs as public
from sagemaker_typed.logs import LogLine
from sagemaker_typed.testing import LocalSageMaker
from tests.contract import model
from tests.logs.support import TRAINING, Stage, there, train, write
from tests.support import faults
from tests.support.faults import FaultServer


@asynccontextmanager
async def client(local: LocalSageMaker, stage: Stage) -> AsyncGenerator[AsyncSageMaker, None]:
    made = AsyncSageMaker(session=local.session(), endpoint_url=local.url, endpoint_urls={"logs": local.url})
    async with made as sm:
        sm.clock = stage.clock
        yield sm


def run(local: LocalSageMaker, stage: Stage, main: Callable[[AsyncSageMaker], Awaitable[Any]]) -> Any:
    async def all_of_it() -> Any:
        async with client(local, stage) as sm:
            return await main(sm)

    return asyncio.run(all_of_it())


def test_lines_are_those_of_the_synchronous_client(
    sm: SageMaker, boto: Any, logs: Any, local: LocalSageMaker, stage: Stage
) -> None:
    train(boto, "job", instances=3)

    async def main(asm: AsyncSageMaker) -> list[LogLine]:
        return [line async for line in asm.training_jobs.logs("job", follow=True)]

    found = run(local, stage, main)
    assert [tuple(line) for line in found] == there(logs, TRAINING, "job/")
    assert found == list(sm.training_jobs.logs("job"))
    assert len(found) > 10


def test_leaving_early_leaves_nothing_behind(logs: Any, local: LocalSageMaker, stage: Stage) -> None:
    write(logs, TRAINING, "job/a", *map(str, range(100)))

    async def main(asm: AsyncSageMaker) -> None:
        async for line in asm.training_jobs.logs("job"):
            assert line.message == "0"
            break
        me = asyncio.current_task()
        assert asyncio.all_tasks() == {me}

    before = set(threading.enumerate())  # idle threads of other tests live for half a minute
    run(local, stage, main)
    assert [each for each in set(threading.enumerate()) - before if each.name == "sagemaker_typed"] == []


def test_following_is_cancelled_at_once(boto: Any, local: LocalSageMaker, stage: Stage) -> None:
    local.script("training_job", "job", ["InProgress/Training"])
    local.log("training_job", "job", ["one"])
    train(boto, "job")

    async def main(asm: AsyncSageMaker) -> list[str]:
        seen: list[str] = []
        asleep = asyncio.Event()

        async def sleep(seconds: float) -> None:
            asleep.set()
            await asyncio.Event().wait()

        asm.clock = stage.clock._replace(sleep=sleep)

        async def follow() -> None:
            async for line in asm.training_jobs.logs("job", follow=True):
                seen.append(line.message)

        task = asyncio.create_task(follow())
        await asleep.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return seen

    assert run(local, stage, main) == ["one"]


def test_a_call_that_is_cancelled_is_given_up() -> None:
    async def main(url: str) -> None:
        async with AsyncSageMaker(session=model.session(), endpoint_urls={"logs": url}) as asm:

            async def read() -> None:
                async for _ in asm.training_jobs.logs("job"):
                    pass

            task = asyncio.create_task(read())
            while not server.operations:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(task, 10)

    with FaultServer() as server:
        server.always("DescribeLogStreams", faults.silence())
        asyncio.run(asyncio.wait_for(main(server.url), 20))


def test_a_wait_shows_the_log_and_its_error_the_tail(boto: Any, local: LocalSageMaker, stage: Stage) -> None:
    local.script("training_job", "job", ["InProgress/Training", ("Failed", "AlgorithmError: NaN")])
    local.log("training_job", "job", ["one", "two"])
    train(boto, "job")
    came: list[str] = []

    async def main(asm: AsyncSageMaker) -> None:
        await asm.training_jobs.wait_until_completed("job", logs=lambda line: came.append(line.message), log_tail=1)

    with pytest.raises(errors.WaitFailedError) as caught:
        run(local, stage, main)
    assert came == ["one", "two"]
    assert [line.message for line in caught.value.log_tail] == ["two"]


def test_errors_are_typed(local: LocalSageMaker, stage: Stage) -> None:
    local.fail_next("DescribeLogStreams", "AccessDeniedException")

    async def main(asm: AsyncSageMaker) -> None:
        async for _ in asm.training_jobs.logs("job"):
            pass

    with pytest.raises(errors.AccessDeniedError):
        run(local, stage, main)


def test_any_group_is_read(logs: Any, local: LocalSageMaker, stage: Stage) -> None:
    write(logs, "/mine", "web/1", "one")

    async def main(asm: AsyncSageMaker) -> list[str]:
        return [line.message async for line in public.lines(asm, "/mine")]

    assert run(local, stage, main) == ["one"]


def test_the_other_way_to_iterate_says_so(sm: SageMaker) -> None:
    lines: Any = sm.training_jobs.logs("job")

    async def over() -> None:
        async for _ in lines:
            pass

    with pytest.raises(TypeError, match="iterated by `for`"):
        asyncio.run(over())
    others: Any = AsyncSageMaker().training_jobs.logs("job")
    with pytest.raises(TypeError, match="iterated by `async for`"):
        list(others)
