"""Submits the requests of a run, and looks up their resources before or after. Generators without I/O.

A creation is submitted once. It is sent again only if the service did not accept it (throttling, a quota), or if its
answer was lost and the resource does not exist.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.quoting import shortened
from sagemaker_typed._waiting.creating import ABSENT, LOST, QUEUED, SENT, UNKNOWN, Creation, hopeless, quota_of, taken
from sagemaker_typed._waiting.many import meets_every_call
from sagemaker_typed._waiting.pacing import backoff
from sagemaker_typed._waiting.quotas import Quotas
from sagemaker_typed._waiting.same import differences
from sagemaker_typed._waiting.steps import Steps
from sagemaker_typed._waiting.trouble import MOST_TEXT
from sagemaker_typed.errors import (
    ResourceDiffersError,
    ResourceLimitExceededError,
    ResourceNotFoundError,
    SageMakerError,
    ThrottlingError,
    WaitError,
    WaitReport,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from sagemaker_typed._waiting.calls import Calls
    from sagemaker_typed._waiting.options import RunOptions
    from sagemaker_typed._waiting.pacing import Clock
    from sagemaker_typed._waiting.trouble import Trouble

__all__ = ["MAYBE", "RunNeeds", "Submitter", "unfinished"]

_log = logging.getLogger("sagemaker_typed.waiting")

_SOON, _LATE = 1.0, 30.0
"""Seconds before a submission or a look-up is repeated: after the first failure, and at most."""
_PATIENCE = 3
"""Failed look-ups of a name in a row, after which other creations no longer wait for it."""
MAYBE = "was sent, and no answer came: it may have been created"


def unfinished(creation: Creation, elapsed: float, why: str | None = None) -> WaitError:
    """Return the error for a resource that was not known to run when the run ended, or when its deadline passed.

    Without a reason in `why`, the deadline passed.
    """
    when = f" (after {duration(elapsed)})"
    if creation.may_exist:
        what = MAYBE
    elif why is not None:
        what = why.replace("was not waited for any longer", "was not submitted")
    else:
        what, when = f"was not submitted within {duration(elapsed)}", ""
    text = f"{creation.title} {what.rstrip(',')}"
    if creation.refusal is not None:
        text += f": the last answer was {shortened(str(creation.refusal), MOST_TEXT)}"
    cls = WaitTimeoutError if why is None else WaitError
    error = cls(f"{text}{when}", name=creation.name, elapsed=elapsed)
    error.__cause__ = creation.refusal
    return error


class RunNeeds(NamedTuple):
    """What a submitter needs of the run that it belongs to."""

    begin: Callable[[Creation], bool]
    """Whether a creation is still wanted. After this call it can no longer be cancelled."""
    watch: Callable[[Creation, Any], object]
    """Takes a creation whose resource runs or has finished, and its description if known."""
    close: Callable[[Creation, str, Any], object]
    """Puts a creation into a place of the report."""
    running: Callable[[], int]
    """Returns how many resources run."""


class Submitter:
    """The creations of a run whose resources are not known to run yet."""

    def __init__(self, clock: Clock, calls: Calls, trouble: Trouble, options: RunOptions, needs: RunNeeds) -> None:
        self._clock, self._calls, self._trouble, self._options = clock, calls, trouble, options
        self._begin, self._watch, self._close, self._how_many_run = needs
        self.open: dict[str, Creation] = {}
        self.report: WaitReport[Any] = WaitReport()
        """The outcomes of creations that never ran, and the calls made for them."""
        self.quotas = Quotas()
        self.changed: dict[str, str] = {}

    # --- figures ------------------------------------------------------------------------------------------------------

    @property
    def doubtful(self) -> int:
        """How many may run: a request that was sent may have created its resource."""
        return sum(creation.state in (SENT, LOST, ABSENT) for creation in self.open.values())

    def _how_many(self) -> int:
        return self.doubtful + self._how_many_run()

    def shown(self, creation: Creation) -> str:
        """Return the progress text for a creation."""
        if creation.state == QUEUED:
            held = self.quotas.until(quota_of(creation.request)) > self._clock.now()
            return "held by a quota" if held or isinstance(creation.refusal, ResourceLimitExceededError) else "queued"
        return "looked up" if creation.state == UNKNOWN else "being submitted"

    def due(self) -> Iterator[float]:
        """Yield the times at which there is work again."""
        room = self._how_many() < self._options.max_running and not self._waits_for_answers()
        for creation in self.open.values():
            yield creation.deadline
            if creation.state in (UNKNOWN, LOST):
                yield creation.retry_at
            elif room or creation.state == ABSENT:
                yield max(creation.retry_at, self.quotas.until(quota_of(creation.request)))

    # --- looking up ---------------------------------------------------------------------------------------------------

    def searches(self) -> Iterator[Steps[None]]:
        """Yield the parts that look up resources that may exist."""
        for creation in list(self.open.values()):
            if self._calls.late or self._trouble.lost(self._clock.now()):
                return
            if creation.state in (UNKNOWN, LOST) and creation.retry_at <= self._clock.now():
                if creation.state == UNKNOWN and not self._begin(creation):
                    self.withdraw(creation)
                else:
                    yield self._search(creation)

    def withdraw(self, creation: Creation) -> None:
        text = f"{creation.title} was not submitted: its future was cancelled"
        self._close(creation, "pending", WaitError(text, name=creation.name))

    def _search(self, creation: Creation) -> Steps[None]:
        """Find out whether the resource exists, and decide what to do next."""
        if not creation.identified and not (yield from self._listed(creation)):
            return
        if not (yield from self._calls.turn("describe")):
            return
        begun = self._clock.now()
        self.report.describe_calls += 1
        try:
            response = yield self._calls.look(creation.describe_request())
        except SageMakerError as error:
            self._calls.failed("describe", error, begun)
            self._unfound(creation, error)
        else:
            self._calls.succeeded("describe")
            self._trouble.over()
            self._found(creation, response)

    def _listed(self, creation: Creation) -> Steps[bool]:
        """Search the list for the resource. Returns False if it is missing or the list cannot be read."""
        find, token = creation.run.find, None
        if find is None:
            self._missing(creation)
            return False
        while True:
            if not (yield from self._calls.turn("list")):
                return False
            begun = self._clock.now()
            self.report.list_calls += 1
            try:
                page = yield self._calls.look(creation.list_request(find, token))
            except SageMakerError as error:
                self._calls.failed("list", error, begun)
                self._unfound(creation, error)
                return False
            self._calls.succeeded("list")
            self._trouble.over()
            token = page.next_token or None
            if creation.listed(find, page):
                return True
            if token is None:
                self._missing(creation)
                return False

    def _found(self, creation: Creation, response: Any) -> None:
        creation.failures = 0
        if creation.run.starts:
            if creation.under_way(response):
                self._watch(creation, response)
            else:
                self._missing(creation)
            return
        if self._options.exist_ok is not True:
            differs = differences(creation.request, response)
            if differs:
                error = ResourceDiffersError(creation.waiter.noun, creation.name, differs, response)
                error.__cause__ = creation.taken
                self._close(creation, "failed", error)
                return
        _log.info("%s exists already", creation.title)
        self._watch(creation, response)

    def _unfound(self, creation: Creation, error: SageMakerError) -> None:
        """Take the error of a look-up."""
        if meets_every_call(error):
            raise error
        if isinstance(error, ResourceNotFoundError):
            self._trouble.over()
            self._missing(creation)
        elif error.retryable:
            self._again(creation, error)
        else:
            self._trouble.over()
            if creation.lost:
                error.add_note(f"{creation.title} {MAYBE}")
            self._close(creation, "failed", error)

    def _missing(self, creation: Creation) -> None:
        """Record that the resource does not exist."""
        looks_again = creation.failures < _PATIENCE
        if creation.taken is not None:
            # The resource may not show yet, or its name belongs to something that cannot be described.
            if looks_again:
                creation.retry_at = self._clock.now() + self._backoff(creation)
            else:
                self._close(creation, "failed", creation.taken)
        elif creation.lost:
            # The service may still be creating it. Where names are unique, a second submission is refused as taken.
            if creation.run.answer is None or creation.repeatable or not looks_again:
                creation.state = ABSENT
            creation.retry_at = self._clock.now() + self._backoff(creation)
        else:
            creation.state, creation.failures = QUEUED, 0

    def _again(self, creation: Creation, error: SageMakerError) -> None:
        """Schedule another try after an error that may heal."""
        self._trouble.met(error)
        creation.refusal = error
        creation.retry_at = self._clock.now() + self._backoff(creation)

    def _backoff(self, creation: Creation) -> float:
        creation.failures += 1
        return self._clock.uniform(_SOON, max(_SOON, backoff(_SOON, _LATE, creation.failures)))

    # --- submitting ---------------------------------------------------------------------------------------------------

    def submissions(self) -> Iterator[Steps[None]]:
        """Yield the parts that submit requests while slots are free."""
        for creation in list(self.open.values()):
            now = self._clock.now()
            if self._calls.late or self._trouble.lost(now) or self._waits_for_answers():
                return
            if creation.state not in (QUEUED, ABSENT) or creation.retry_at > now:
                continue
            again = creation.state == ABSENT
            if not again and self._how_many() >= self._options.max_running:
                continue
            if not self.quotas.admits(quota_of(creation.request), now):
                continue
            if not again and not self._begin(creation):
                self.withdraw(creation)
                continue
            yield self._submit(creation)

    def _waits_for_answers(self) -> bool:
        """Whether it is still unknown how many run."""
        return any(each.state == UNKNOWN and each.failures < _PATIENCE for each in self.open.values())

    def _submit(self, creation: Creation) -> Steps[None]:
        quota = quota_of(creation.request)
        if not (yield from self._calls.turn("create")):
            return
        begun = self._clock.now()
        if creation.deadline == math.inf:  # the time to create it in; the wait has its own
            creation.deadline = begun + creation.waiter.timeout
        before, creation.state = creation.state, SENT
        self.report.create_calls += 1
        self.quotas.sent(quota)
        try:
            answer = yield self._calls.look(creation.request)
        except SageMakerError as error:
            self._calls.failed("create", error, begun)
            self.quotas.refused(quota)
            self._refused(creation, error, before)
        else:
            self._calls.succeeded("create")
            self._trouble.over()
            self.quotas.accepted(quota)
            self.changed[creation.name] = "submitted"
            creation.answered(answer)
            self._watch(creation, None)

    def _refused(self, creation: Creation, error: SageMakerError, before: str) -> None:
        """Take the error of a submission."""
        creation.refusal = error
        if meets_every_call(error):
            creation.state = before
            raise error
        if isinstance(error, ResourceLimitExceededError) and not hopeless(error):
            creation.state = before
            self._trouble.over()
            self._hold(creation, error)
        elif isinstance(error, ThrottlingError):
            creation.state = before
            self._again(creation, error)
        elif error.retryable:
            self._lost(creation, error)
        elif creation.lost or (taken(error) and self._options.exist_ok):
            self._trouble.over()
            creation.state, creation.taken = LOST, error
        else:
            self._trouble.over()
            self._close(creation, "failed", error)

    def _lost(self, creation: Creation, error: SageMakerError) -> None:
        """Record that a creation was sent and its answer lost."""
        creation.lost = True
        creation.state = ABSENT if creation.repeatable and not creation.identified else LOST
        self._again(creation, error)
        _log.warning("%s was sent, and its answer was lost; checking whether it exists: %s", creation.title, error)

    def _hold(self, creation: Creation, error: ResourceLimitExceededError) -> None:
        first = self.quotas.exceeded(quota_of(creation.request), self._clock.now())
        self.changed[creation.name] = "held by a quota"
        if first:
            text = shortened(str(error), MOST_TEXT)
            _log.warning("%s waits for the quota, and so do others: %s", creation.title, text)
