"""Each option of a wait on many, a run and a runner reaches the machine that acts on it."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from sagemaker_typed import AsyncSageMaker, SageMaker, aio
from sagemaker_typed._waiting import options


class Passed(Exception):
    pass


@pytest.mark.parametrize("cls", [SageMaker, AsyncSageMaker])
@pytest.mark.parametrize(
    ("method", "taken", "first"),
    [
        ("wait_all", "WaitOptions", [[("compilation_jobs", "resnet")]]),
        ("run_all", "RunOptions", [[]]),
        ("runner", "RunOptions", []),
    ],
)
def test_each_option_is_passed_on(
    monkeypatch: pytest.MonkeyPatch, cls: Any, method: str, taken: str, first: list[Any]
) -> None:
    def keep(**given: Any) -> None:
        raise Passed(given)

    for module in (options, aio):
        monkeypatch.setattr(module, taken, keep, raising=module is options)
    called = getattr(cls(region="us-west-2"), method)
    parameters = inspect.signature(called).parameters.values()
    given = {each.name: object() for each in parameters if each.kind is each.KEYWORD_ONLY}

    async def main() -> None:
        made = called(*first, **given)
        if inspect.isawaitable(made):
            await made

    with pytest.raises(Passed) as caught:
        asyncio.run(main())
    assert caught.value.args == (given,)
    assert len(given) > 6
