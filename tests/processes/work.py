"""What workers do with the `SageMaker` object that they are handed; each names its calls, and takes its own answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def ask(sm: Any, who: str, calls: int) -> int:
    for index in range(calls):
        name = f"{who}-{index}"
        found = sm.compilation_jobs.describe(name).compilation_job_name
        assert found == name, f"{name} got the answer of {found}"
    return calls


def described(sm: Any, name: str) -> Any:
    """The typed answer, which goes back to the process that asked for it."""
    return sm.compilation_jobs.describe(name)


def describe_each(sm: Any, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """For a partition."""
    for name in names:
        job = sm.compilation_jobs.describe(name)
        yield name, job.compilation_job_name


def count(items: Iterable[Any]) -> int:
    return sum(1 for _ in items)


def fail(sm: Any) -> None:
    """Raises `ResourceNotFoundError`."""
    sm.endpoints.describe("missing")
