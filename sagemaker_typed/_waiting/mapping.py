"""Concurrent calls of any function, at the pace that waits share."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextvars import copy_context
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import attrs

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._waiting.many import carry, meets_every_call
from sagemaker_typed.errors import InvalidRequestError, Problem, ThrottlingError

if TYPE_CHECKING:
    from sagemaker_typed._waiting.pacing import Clock, Pacing

__all__ = ["MapReport", "amap_all", "map_all"]

T = TypeVar("T")
V = TypeVar("V")
_HEARS = 0.5
"""Seconds until a waiting thread notices Ctrl-C on systems where Ctrl-C does not wake it."""
_SHOWN, _SHOWN_IN_HTML = 20, 200


@attrs.define(kw_only=True)
class MapReport(Generic[T, V]):
    """The outcome of each item of `sm.map`, in the order of the items. Each item is in exactly one of the three fields."""

    succeeded: dict[T, V] = attrs.field(factory=dict[Any, Any])
    """Item -> what the function returned."""
    failed: dict[T, Exception] = attrs.field(factory=dict[Any, Any])
    """Item -> what it raised."""
    skipped: list[T] = attrs.field(factory=list[Any])
    """Items that were not called, or not waited for, because another one failed or the user pressed Ctrl-C."""
    elapsed: float = 0.0
    """Seconds."""

    @property
    def ok(self) -> bool:
        """Whether all calls succeeded."""
        return not self.failed and not self.skipped

    def __len__(self) -> int:
        return len(self.succeeded) + len(self.failed) + len(self.skipped)

    def raise_for_failures(self) -> None:
        """Raise the error of the first item that failed, if any."""
        for error in self.failed.values():
            raise error

    def _rows(self) -> list[list[object]]:
        failed = [(item, "failed", f"{type(error).__name__}: {error}") for item, error in self.failed.items()]
        others = [
            *((item, "skipped", "") for item in self.skipped),
            *((item, "succeeded", "") for item in self.succeeded),
        ]
        return [[quoted(item), outcome, told] for item, outcome, told in [*failed, *others]]

    def _counted(self) -> str:
        counts = {"succeeded": len(self.succeeded), "failed": len(self.failed), "skipped": len(self.skipped)}
        told = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
        return f"{told or 'nothing to do'} (after {duration(self.elapsed)})"

    def __str__(self) -> str:
        from sagemaker_typed._core.tables import text_table

        rows = self._rows()
        lines = [self._counted(), *(text_table(["item", "outcome", "error"], rows[:_SHOWN]) if rows else [])]
        return "\n".join([*lines, *([f"and {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else [])])

    def _repr_html_(self) -> str:
        """The HTML that a notebook shows."""
        from sagemaker_typed._core.tables import html_table

        rows = self._rows()
        more = f"<p>and {len(rows) - _SHOWN_IN_HTML} more</p>" if len(rows) > _SHOWN_IN_HTML else ""
        return f"<p>{self._counted()}</p>{html_table(['item', 'outcome', 'error'], rows[:_SHOWN_IN_HTML])}{more}"


class _Mapping(Generic[T, V]):
    """The items of one `map` and their outcomes so far."""

    def __init__(
        self, items: Iterable[T], clock: Clock, pacing: Pacing, *, max_concurrency: int, fail_fast: bool
    ) -> None:
        self.items = _checked(items)
        if type(max_concurrency) is not int or max_concurrency < 1:
            told = f"a number of at least 1, not {quoted(max_concurrency)}"
            raise InvalidRequestError([Problem("max_concurrency", "min", told)])
        self.hands = min(max_concurrency, len(self.items))
        self._clock, self._pacing, self._fail_fast = clock, pacing, fail_fast
        self._started = clock.now()
        self._left = deque(self.items)
        self._lock = Lock()
        self._succeeded: dict[T, V] = {}
        self._failed: dict[T, Exception] = {}

    def next(self) -> tuple[T, float] | None:
        """Return an item and the seconds until its turn; None if no items are left."""
        with self._lock:
            if not self._left:
                return None
            return self._left.popleft(), self._pacing.describe.take(self._clock.now())

    def begin(self) -> float | None:
        """Return the start time of a call that begins now; None if no more calls may begin."""
        return None if self._ends else self._clock.now()

    @property
    def _ends(self) -> bool:
        return self._fail_fast and bool(self._failed)

    def give_up(self) -> None:
        """Begin no more calls."""
        self._left.clear()

    def answered(self, item: T, result: V) -> None:
        self._pacing.describe.succeeded()
        self._succeeded[item] = result

    def raised(self, item: T, error: Exception, begun: float) -> None:
        if isinstance(error, ThrottlingError):
            self._pacing.describe.throttled(begun, self._clock.now())
        self._failed[item] = error
        if self._ends or meets_every_call(error):
            self.give_up()

    def report(self) -> MapReport[T, V]:
        succeeded, failed = dict(self._succeeded), dict(self._failed)
        return MapReport(
            succeeded={item: succeeded[item] for item in self.items if item in succeeded},
            failed={item: failed[item] for item in self.items if item in failed},
            skipped=[item for item in self.items if item not in succeeded and item not in failed],
            elapsed=self._clock.now() - self._started,
        )


def _checked(items: Iterable[T]) -> list[T]:
    if isinstance(items, (str, bytes)):
        raise InvalidRequestError([Problem("items", "type", f"several items, not one text: write [{quoted(items)}]")])
    found = list(items)
    problems = [
        Problem(f"items[{index}]", "type", f"a hashable value, not {quoted(item)}")
        for index, item in enumerate(found)
        if not _hashes(item)
    ]
    if problems:
        raise InvalidRequestError(problems)
    return list(dict.fromkeys(found))


def _hashes(item: object) -> bool:
    try:
        hash(item)
    except TypeError:
        return False
    return True


def map_all(
    fn: Callable[[T], V],
    items: Iterable[T],
    clock: Clock,
    pacing: Pacing,
    *,
    max_concurrency: int,
    fail_fast: bool,
) -> MapReport[T, V]:
    """Call `fn` with each item, in threads."""
    mapping: _Mapping[T, V] = _Mapping(items, clock, pacing, max_concurrency=max_concurrency, fail_fast=fail_fast)
    caught: list[BaseException] = []
    threads = [
        # A tracer finds the caller's span in the context.
        Thread(
            target=copy_context().run, args=(_work, fn, mapping, clock, caught), name="sagemaker_typed-map", daemon=True
        )
        for _ in range(mapping.hands)
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(_HEARS)
        for error in caught:
            raise error
    except BaseException as error:
        mapping.give_up()
        carry(error, cast("Any", mapping.report()))
        raise
    return mapping.report()


def _work(fn: Callable[[T], V], mapping: _Mapping[T, V], clock: Clock, caught: list[BaseException]) -> None:
    """Call `fn` until no items are left."""
    try:
        while (turn := mapping.next()) is not None:
            item, seconds = turn
            if seconds > 0:
                clock.sleep(seconds)
            begun = mapping.begin()
            if begun is None:
                return
            try:
                result = fn(item)
            except Exception as error:
                mapping.raised(item, error, begun)
            else:
                mapping.answered(item, result)
    except BaseException as error:  # such as SystemExit, which the caller raises
        mapping.give_up()
        caught.append(error)


async def amap_all(
    fn: Callable[[T], Awaitable[V]],
    items: Iterable[T],
    clock: Clock,
    pacing: Pacing,
    sleep: Callable[[float], Awaitable[object]],
    *,
    max_concurrency: int,
    fail_fast: bool,
) -> MapReport[T, V]:
    """Await `fn` with each item, in tasks."""
    mapping: _Mapping[T, V] = _Mapping(items, clock, pacing, max_concurrency=max_concurrency, fail_fast=fail_fast)

    async def work() -> None:
        while (turn := mapping.next()) is not None:
            item, seconds = turn
            if seconds > 0:
                await sleep(seconds)
            begun = mapping.begin()
            if begun is None:
                return
            try:
                result = await fn(item)
            except Exception as error:
                mapping.raised(item, error, begun)
            else:
                mapping.answered(item, result)

    tasks = [asyncio.create_task(work()) for _ in range(mapping.hands)]
    try:
        if tasks:
            await asyncio.gather(*tasks)
    except BaseException as error:
        mapping.give_up()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        carry(error, cast("Any", mapping.report()))
        raise
    return mapping.report()
