"""The runner of a synchronous client: takes requests one by one and returns a future for each. One thread polls for all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from sagemaker_typed._core.forking import mend_after_fork
from sagemaker_typed._core.late_hints import late
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._waiting.many import carry
from sagemaker_typed._waiting.run import run
from sagemaker_typed._waiting.running import Running
from sagemaker_typed.errors import InvalidRequestError, Problem, WaitReport

if TYPE_CHECKING:
    from types import TracebackType

    from sagemaker_typed._waiting.creating import Creation, Kinds
    from sagemaker_typed._waiting.options import RunOptions
    from sagemaker_typed._waiting.spec import Runnable

__all__ = ["RunFuture", "Runner"]

D = TypeVar("D")
_HEARS = 0.5
"""Seconds until a waiting thread notices Ctrl-C on systems where Ctrl-C does not wake it."""


class RunFuture(Future[D], Generic[D]):
    """The outcome of one request of a runner: the last description of its resource, or the error that ended it.

    A `concurrent.futures.Future`: `concurrent.futures.wait`, `as_completed` and `asyncio.wrap_future` accept it. `cancel()`
    withdraws a request that has not been submitted. After the submission it does nothing and returns False.
    """

    def __init__(self, name: str, cancelled: Callable[[str], object]) -> None:
        super().__init__()
        self.name = name
        """The name in `report`: "compilation_jobs/resnet-c5"."""
        self._cancelled = cancelled
        self._begun: bool | None = None

    def cancel(self) -> bool:
        """Withdraw the request if it has not been submitted. Returns whether it was withdrawn."""
        taken_back = super().cancel()
        if taken_back:
            self._cancelled(self.name)
        return taken_back

    def begin(self) -> bool:
        """Mark the request as no longer cancellable. Returns False if it was cancelled."""
        if self._begun is None:  # this call wakes the threads that wait for a cancelled future
            self._begun = self.set_running_or_notify_cancel()
        return self._begun


class Runner:
    """Takes requests that create or start resources, and submits them as slots free up. Made by `SageMaker.runner`.

    A context manager. At the end of the `with` block it waits for everything that was submitted, even if an exception ends the
    block, as the executors of `concurrent.futures` do. `KeyboardInterrupt` and other exits do not wait: requests not yet
    submitted are given up, and running resources continue, or with `stop_on_interrupt` are stopped and waited for. The
    exception carries `report`. Threads may share a runner; forked processes may not.
    """

    def __init__(self, client: Any, kinds: Kinds, options: RunOptions) -> None:
        self._client, self._kinds, self._options = client, kinds, options
        self._lock = Lock()
        self._wake = Event()
        self._thread: Thread | None = None
        self._ended = Event()
        """Set when the thread has finished every future. A join that Ctrl-C interrupts makes `Thread.is_alive` wrong."""
        self._closed = self._interrupted = False
        self._error: BaseException | None = None
        self._futures: dict[str, RunFuture[Any]] = {}
        self._unseen: list[RunFuture[Any]] = []
        self._arrived: list[Creation] = []
        self._cancelled: list[str] = []
        self._running = Running(client, options, begin=self._begin, ended=self._end, arrivals=self._arrive)
        mend_after_fork(self)

    def after_fork(self) -> None:
        """End at once: the thread does not exist in the child."""
        self._lock, self._ended = Lock(), Event()
        self._ended.set()

    def submit(self, request: Runnable[D]) -> RunFuture[D]:
        """Take a request and return a future of its resource's last description.

        The `timeout` of the runner starts now. Raises `InvalidRequestError` for a request that has no wait or whose name was
        submitted before, and `RuntimeError` once the runner has ended.
        """
        creation = self._kinds.creation(request)
        creation.name = f"{creation.run.group}/{creation.own_name}"
        if self._options.timeout is not None:
            creation.deadline = self._client.clock.now() + self._options.timeout
        future: RunFuture[D] = RunFuture(creation.name, self._cancel)
        with self._lock:
            if self._closed:
                raise RuntimeError("nothing can be submitted: the runner has ended") from self._error
            if creation.name in self._futures:
                told = f"a unique name: {quoted(creation.name)} was submitted before"
                raise InvalidRequestError([Problem("request", "unique", told)])
            if self._thread is None:
                thread = Thread(target=self._work, name="sagemaker_typed-runner", daemon=True)
                thread.start()
                self._thread = thread
            self._futures[creation.name] = future
            self._unseen.append(future)
            self._arrived.append(creation)
        self._wake.set()
        return future

    def as_completed(self, timeout: float | None = None) -> Iterator[RunFuture[Any]]:
        """Yield each future when it is done, including those of requests submitted meanwhile.

        Each future is yielded once, to one caller. Raises `TimeoutError` if one is not done after `timeout` seconds.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._lock:
                awaited = list(self._unseen)
            if not awaited:
                return
            left = None if end is None else max(0.0, end - time.monotonic())
            done, _ = wait(awaited, timeout=left, return_when=FIRST_COMPLETED)
            if not done:
                raise TimeoutError(f"{len(awaited)} of {len(self._futures)} futures are not done")
            for future in awaited:
                if future in done and self._take(future):
                    yield future

    def _take(self, future: RunFuture[Any]) -> bool:
        with self._lock:
            if future not in self._unseen:
                return False
            self._unseen.remove(future)
            return True

    @property
    def report(self) -> WaitReport[Any]:
        """The outcomes so far."""
        while True:
            try:
                return self._running.snapshot()
            except RuntimeError:  # the thread added something just now
                continue

    # --- the end ------------------------------------------------------------------------------------------------------

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more requests and, unless `wait` is False, wait until all have finished.

        `cancel_futures` withdraws requests that have not been submitted. Ctrl-C ends the waiting as it ends a `with` block.
        """
        try:
            self._close(cancel=cancel_futures)
            if wait:
                self._join()
        except BaseException as error:
            self._give_up(error)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, Exception):
            self.shutdown()
        else:
            self._give_up(error)

    def _close(self, *, cancel: bool) -> None:
        with self._lock:
            self._closed = True
            futures = list(self._futures.values())
        if cancel:
            for future in futures:
                future.cancel()
        self._wake.set()

    def _join(self) -> None:
        if self._thread is not None:
            while not self._ended.wait(_HEARS):
                pass
            self._thread.join(_HEARS)

    def _give_up(self, error: BaseException) -> None:
        """End the run as Ctrl-C does, and attach the report to the error."""
        self._interrupted = self._closed = True
        self._wake.set()
        try:
            self._join()
        finally:
            carry(error, self.report)

    # --- in the thread ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while self._awaits_more():
                run(
                    self._running.steps(),
                    self._client.send,
                    self._client._look,
                    self._sleep,
                    at_once=self._client.pacing.at_once,
                )
                if self._running.was_cut:
                    break
        except BaseException as error:  # each future raises it
            self._error = error
        finally:
            self._finish()
            self._ended.set()

    def _awaits_more(self) -> bool:
        """Wait for a request. Returns False if none will come."""
        while True:
            with self._lock:
                if self._arrived:
                    return True
                if self._closed:
                    return False
                self._wake.clear()
            self._wake.wait()

    def _finish(self) -> None:
        """Finish every future that is still open."""
        with self._lock:
            self._closed = True
            futures = list(self._futures.values())
        for future in futures:
            if future.begin() and not future.done():
                future.set_exception(self._error or CancelledError("the runner has ended"))

    def _sleep(self, seconds: float) -> None:
        sleep: Callable[[float], object] = self._client.clock.sleep
        self._pass_on_interrupt()
        if sleep is time.sleep:
            self._wake.wait(seconds)
        else:
            sleep(seconds)
        self._pass_on_interrupt()

    def _pass_on_interrupt(self) -> None:
        """Interrupt the run, once. What was submitted before belongs to the run, so that the report has it."""
        interrupted, self._interrupted = self._interrupted, False
        if interrupted:
            self._take_arrivals(self._running)
            raise KeyboardInterrupt

    def _arrive(self, running: Running) -> None:
        self._take_arrivals(running)
        self._pass_on_interrupt()

    def _take_arrivals(self, running: Running) -> None:
        with self._lock:
            self._wake.clear()
            arrived, self._arrived = self._arrived, []
            cancelled, self._cancelled = self._cancelled, []
        for creation in arrived:
            running.add(creation)
        for name in cancelled:
            running.withdraw(name)

    def _cancel(self, name: str) -> None:
        self._cancelled.append(name)
        self._wake.set()

    def _begin(self, creation: Creation) -> bool:
        return self._futures[creation.name].begin()

    def _end(self, name: str, outcome: Any) -> None:
        future = self._futures[name]
        if not future.begin() or future.done():
            return
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


late(Runner)
