"""The synchronous runner: takes the steps of a wait one after the other, and sends several requests at once in threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import Context, copy_context
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sagemaker_typed._waiting.steps import Look, Sleep, Together, checked

if TYPE_CHECKING:
    from types import TracebackType

    from sagemaker_typed._waiting.steps import Steps

__all__ = ["run"]

T = TypeVar("T")
_Resume = Callable[[], Any]
_HEARS = 0.5
"""Seconds until a waiting thread notices Ctrl-C on systems where Ctrl-C does not wake it."""


def run(
    steps: Steps[T],
    send: Callable[[Any], Any],
    look: Callable[[Any, float], Any],
    sleep: Callable[[float], object],
    *,
    at_once: int = 1,
) -> T:
    """Take the steps that `steps` yields; return what it returns.

    `look` sends a request once and gives it a number of seconds. At most `at_once` requests of a `Together` are under way at
    the same time, each in a thread. Everything else, including `steps`, runs in the caller's thread.
    Every exception of a step is thrown into `steps`, including `KeyboardInterrupt`.
    """
    return _Runner(send, look, sleep, at_once).run(checked(steps))


class _Runner:
    def __init__(
        self,
        send: Callable[[Any], Any],
        look: Callable[[Any, float], Any],
        sleep: Callable[[float], object],
        at_once: int,
    ) -> None:
        self._send, self._look, self._sleep, self._at_once = send, look, sleep, at_once

    def run(self, steps: Steps[T]) -> T:
        resume: _Resume = partial(next, steps)
        try:
            while True:
                try:
                    resume = partial(steps.send, self._take(resume()))
                except BaseException as error:
                    if getattr(steps, "gi_frame", None) is not None:
                        resume = partial(steps.throw, error)
                    elif isinstance(error, StopIteration):
                        result: T = error.value
                        return result
                    else:
                        raise
        finally:
            del resume  # it may hold an error, whose traceback holds this frame
            steps.close()

    def _take(self, step: Any) -> Any:
        if isinstance(step, Sleep):
            return self._sleep(step.seconds)
        if isinstance(step, Look):
            return self._look(step.request, step.seconds)
        if isinstance(step, Together):
            return self._together(step.parts)
        return self._send(step)

    def _together(self, parts: Iterator[Steps[None]]) -> None:
        if self._at_once < 2:
            for part in parts:
                self.run(part)
            return
        with _Crew(self._look, self._at_once) as crew:
            for part in parts:
                self._advance(crew, part, partial(next, part))
                while crew.full or crew.has_answers:
                    self._advance(crew, *crew.next())
            while crew.busy:
                self._advance(crew, *crew.next())

    def _advance(self, crew: _Crew, part: Steps[None], resume: _Resume) -> None:
        """Take the steps of a part up to its next `Look`, and hand that to the crew."""
        try:
            while True:
                try:
                    step = resume()
                except StopIteration:
                    return
                if isinstance(step, Look):
                    crew.begin(part, step)
                    return
                try:
                    resume = partial(part.send, self._take(step))
                except BaseException as error:
                    resume = partial(part.throw, error)
        finally:
            del resume


class _Job(NamedTuple):
    number: int
    look: Look
    context: Context


class _Crew:
    """Threads that send requests, at most a given number, started as needed.

    The threads end with the `with` block. If an exception leaves the block, requests under way are not waited for: each thread
    ends by itself, within the seconds that its request has, and does not delay the exit of the program.
    """

    def __init__(self, look: Callable[[Any, float], Any], most: int) -> None:
        self._look, self._most = look, most
        self._parts: dict[int, Steps[None]] = {}
        self._threads: list[Thread] = []
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[int, Any, BaseException | None]] = SimpleQueue()
        self._begun = 0

    def __enter__(self) -> _Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _ in self._threads:
            self._jobs.put(None)
        for part in self._parts.values():
            part.close()
        if kind is None:
            for thread in self._threads:
                thread.join()

    @property
    def busy(self) -> bool:
        return bool(self._parts)

    @property
    def full(self) -> bool:
        return len(self._parts) >= self._most

    @property
    def has_answers(self) -> bool:
        return not self._answers.empty()

    def begin(self, part: Steps[None], look: Look) -> None:
        """Send the request of a part in a thread."""
        self._begun += 1
        self._parts[self._begun] = part
        # A tracer finds the caller's span in the context.
        self._jobs.put(_Job(self._begun, look, copy_context()))
        if len(self._threads) < len(self._parts):
            thread = Thread(
                target=_work, args=(self._look, self._jobs, self._answers), name="sagemaker_typed-poll", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def next(self) -> tuple[Steps[None], _Resume]:
        """Wait for an answer. Return the part that asked, and what resumes it."""
        while True:
            try:
                number, answer, error = self._answers.get(timeout=_HEARS)
            except Empty:
                continue
            part = self._parts.pop(number)
            return part, partial(part.send, answer) if error is None else partial(part.throw, error)


def _work(
    look: Callable[[Any, float], Any],
    jobs: SimpleQueue[_Job | None],
    answers: SimpleQueue[tuple[int, Any, BaseException | None]],
) -> None:
    """Send requests until there are no more."""
    while (job := jobs.get()) is not None:
        try:
            answer = job.context.run(look, job.look.request, job.look.seconds)
        except BaseException as error:
            answers.put((job.number, None, error))
        else:
            answers.put((job.number, answer, None))
            del answer
        del job
