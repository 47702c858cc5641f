"""What a long-lived program does with a `SageMaker` object: calls of every kind, errors, broken connections, and waits."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any, cast

from botocore.config import Config

from sagemaker_typed import SageMaker, from_boto3
from sagemaker_typed.errors import ApiError, InvalidRequestError, SageMakerError
from sagemaker_typed.types import DescribeEndpointInput
from sagemaker_typed.waiting import Clock
from tests.contract import model

THREADS = 4
_NEVER = 10**9


class Running:
    """One client that is shared by threads, one with a hook, and the work that is done with them."""

    def __init__(self, url: str) -> None:
        self._settings: dict[str, Any] = {
            "session": model.session(),
            "endpoint_url": url,
            "config": Config(proxies={}, retries={"mode": "standard", "total_max_attempts": 4}),
        }
        self.sm = SageMaker(**self._settings)
        self.sm.clock = _clock()
        self._heard = SageMaker(**self._settings)
        self._heard.boto3_client.meta.events.register("after-call.sagemaker", _listen)
        self._names = count()
        described = [name for name in model.WITH_OUTPUT if name.startswith("Describe") and name not in model.PAGED]
        self._requests = [_request_of(name) for name in described]
        self._each: dict[int, Callable[[int], object]] = {
            1009: self._with_a_timeout,
            1013: self._another_client,
            1019: lambda _: self._describe("broken"),
            1021: lambda _: self._describe("throttled"),
            1031: lambda _: self._describe("cut"),
            31: lambda _: self._fails("missing"),
            37: lambda _: self._fails("denied"),
            41: self._is_refused,
            13: self._pages,
            17: self._create,
            11: lambda number: self._heard.send(self._request(number)),
            19: lambda _: self.sm.boto3_client.describe_endpoint(EndpointName="e"),
        }

    def close(self) -> None:
        self.sm.close()
        self._heard.close()

    def call(self, number: int) -> None:
        """One piece of work. Most are plain calls."""
        for every, work in self._each.items():
            if number % every == 0:
                work(number)
                return
        self.sm.send(self._request(number))

    def wait(self, polls: int) -> None:
        """Wait for a job that ends after so many polls."""
        self.sm.training_jobs.wait_until_completed(f"wait-{polls}-{next(self._names)}", timeout=_NEVER)

    def wait_for_many(self, jobs: int) -> None:
        names = [f"wait-{polls}-{next(self._names)}" for polls in range(1, jobs + 1)]
        self.sm.training_jobs.wait_all(names, timeout=_NEVER)

    # --- the pieces ---------------------------------------------------------------------------------------------------

    def _request(self, number: int) -> Any:
        return self._requests[number % len(self._requests)]

    def _describe(self, kind: str) -> None:
        # What comes of it is the subject of other tests; here it is what it leaves behind.
        with suppress(SageMakerError):
            self.sm.endpoints.describe(f"{kind}-{next(self._names)}")

    def _fails(self, kind: str) -> None:
        try:
            self.sm.endpoints.describe(f"{kind}-{next(self._names)}")
        except ApiError as error:
            pickle.loads(pickle.dumps(error))
        else:
            raise AssertionError(f"a call that is {kind} has an answer")

    def _is_refused(self, _: int) -> None:
        try:
            self.sm.send(DescribeEndpointInput(endpoint_name=cast("str", 7)))
        except InvalidRequestError:
            self.sm.endpoints.describe("e")
        else:
            raise AssertionError("a number is no name")

    def _pages(self, _: int) -> None:
        assert sum(1 for _ in self.sm.training_jobs.list(name_contains="a")) > 10

    def _create(self, number: int) -> None:
        self.sm.endpoints.create(f"e-{number}", endpoint_config_name="c", tags={"number": str(number)})

    def _with_a_timeout(self, number: int) -> None:
        # More timeouts than the views that are kept.
        self.sm.send(self._request(number), timeout=20 + number % 40)

    def _another_client(self, number: int) -> None:
        with SageMaker(**self._settings) as other:
            other.send(self._request(number))


def _listen(**_: Any) -> None:
    """A hook that changes nothing."""


def _clock() -> Clock:
    """Time that passes when somebody sleeps; `FakeTime` keeps a list of its sleeps, and that would grow."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return Clock(now=lambda: now[0], sleep=sleep, uniform=lambda low, high: high)


def _request_of(operation: str) -> Any:
    return from_boto3(model.request_class(operation), model.minimal_request(operation))
