"""The generated facts of one wait: `Waiter`, `Batch` and `Waitable`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar, cast

import attrs

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import InvalidRequestError, Problem
from sagemaker_typed.structure import operation_of

if TYPE_CHECKING:
    from sagemaker_typed.structure import Request

__all__ = [
    "Batch",
    "Explanation",
    "Finder",
    "LogStreams",
    "Run",
    "Runnable",
    "Waitable",
    "Waiter",
    "chosen",
]

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Batch(NamedTuple):
    """How to look at many resources of one kind."""

    describe: type[Request[Any]]
    name: str
    """The field of the requests that holds the identifier."""
    list: type[Request[Any]] | None = None
    """None where the items of the list do not say both name and status."""
    item_name: str = ""
    item_status: str = ""
    list_scope: tuple[str, ...] = ()
    """What else the list request must be given. With it, one sweep cannot show all of them."""
    list_sort: str | None = None
    """The SortBy that means the time of creation."""
    stop: type[Request[Any]] | None = None


class Explanation(NamedTuple):
    """The list that says which part of a failed resource failed: the steps of a pipeline execution."""

    when: tuple[str, ...]
    """The texts of the resource's status with which the list is asked for."""
    list: type[Request[Any]]
    scope: str
    """The field of the list request that takes the identifier of the resource."""
    noun: str
    """What one item is called: step."""
    items: str
    """The field of the page that holds the items."""
    name: str
    """The fields of an item that hold its name, its status and the reason of its failure."""
    status: str
    reason: str
    failed: tuple[str, ...]
    """The texts of the status that mean that the item failed."""

    def request(self, name: str) -> Request[Any]:
        """Return the request for one page of the items, the latest first: those before a failure did not fail."""
        known = {field.name for field in attrs.fields(self.list)}
        wanted: dict[str, Any] = {
            self.scope: name,
            "sort_order": "Descending",
            "max_results": operation_of(self.list).page_size,
        }
        make = cast("Callable[..., Request[Any]]", self.list)
        return make(**{field: value for field, value in wanted.items() if field in known and value is not None})

    def text(self, page: Any, otherwise: str | None) -> str | None:
        """Return what failed and why; `otherwise` is the reason of an item that gives none."""
        items = [item for item in getattr(page, self.items) or () if item is not None]
        failed = [item for item in items if getattr(item, self.status) in self.failed]
        texts: list[str] = []
        for item in reversed(failed):
            reason = getattr(item, self.reason) or otherwise
            text = f"{self.noun} {getattr(item, self.name)!r} failed"
            texts.append(f"{text}: {reason}" if reason else text)
        return "; ".join(texts) or otherwise


class LogStreams(NamedTuple):
    """Which streams of its log group belong to a resource."""

    names: str
    """`{field}` is a field of the Describe request, `{one|other}` that of the two that is given, `#` a number."""
    goes_on: bool = False
    """Whether the log has no end but that of the resource."""


class Waiter(NamedTuple, Generic[R]):
    """The facts of one `wait_until_<state>`; generated from `overlay/waiters.toml`."""

    group: str
    """The attribute of `SageMaker`: compilation_jobs."""
    noun: str
    target: str
    """The state in words: in service."""
    status: str | None
    """The field of the description that holds the status; None where there is none."""
    outcomes: Mapping[str, str]
    """Each text of the status -> pending, success, failure or stopped."""
    timeout: float
    """Seconds."""
    poll: tuple[float, float]
    """Seconds: the ceiling of the first delay, and of every delay."""
    reason: str | None = None
    secondary: str | None = None
    """The field with a finer status, such as `MaxRuntimeExceeded` for a job that was stopped by its time limit."""
    transitions: str | None = None
    """The field with the history of the finer status, each state with a message."""
    explanation: Explanation | None = None
    """None where the description says all that there is to say."""
    arn: str | None = None
    log_group: str | None = None
    """The log group of the resource; `{name}` stands for its name, `{id}` for what its ARN ends with."""
    logs: LogStreams | None = None
    stop: str | None = None
    """The call that stops the resource, as a user writes it."""
    gone: bool = False
    """Whether the resource is waited for until it is gone."""
    compare: str | None = None
    """The field that must have the expected value as well, for the target to be reached."""
    batch: Batch | None = None
    """None where one name does not identify the resource."""

    def log_group_of(self, name: str, arn: str | None) -> str | None:
        """Return the log group of a resource; None where there is none, or where it takes an ARN that is not known."""
        if self.log_group is None or ("{id}" in self.log_group and not arn):
            return None
        return self.log_group.replace("{name}", name).replace("{id}", (arn or "").rpartition("/")[2])

    def outcome(self, status: str | None) -> str | None:
        """None for a status that this version does not know. A missing status is pending."""
        return self.outcomes.get(status) if self.status is not None and status else "pending"


class Waitable(NamedTuple):
    """The waits of one group."""

    noun: str
    """What one resource is called."""
    states: Mapping[str, tuple[str, ...]]
    """State -> the required arguments of its `wait_until_<state>`, the identifier first. The main state is the first."""
    arn_type: str | None
    """The resource part of an ARN up to the name: "compilation-job". A name in the middle is `*`. None: it has no ARN."""
    many: tuple[str, ...]
    """The states that `wait_all` takes, the main one first; empty for a group without a `wait_all`."""


class Finder(NamedTuple):
    """How a resource is found that only the answer to its creation identifies. The classes are named, and not imported."""

    list: str
    """The request class of the list."""
    scope: tuple[str, ...]
    """The fields of the request that the list takes as well."""
    item_name: str
    item_identifier: str


class Run(NamedTuple):
    """A request that creates or starts a resource, and the wait that follows it; generated. Classes are named only."""

    group: str
    state: str
    """The state that the request leads to: `wait_until_<state>` waits for it."""
    describe: str
    """The request class of the description."""
    fields: tuple[str, ...]
    """The fields of the request that the description takes as well."""
    name: tuple[str, ...]
    """The fields of the request that name the resource; those that are set make its name."""
    answer: str | None = None
    """The field of the answer that identifies the resource, where no field of the request does."""
    into: str | None = None
    """The field of the description's request that takes it."""
    tail: bool = False
    """Whether that is the number at the end of the answer's ARN."""
    stop: str | None = None
    """The request class that stops the resource."""
    starts: bool = False
    """Whether the resource is there before."""
    find: Finder | None = None


class Runnable(Protocol[R_co]):
    """A request that creates or starts a resource which can be waited for; `R_co` is the class of its description.

    For checkers alone: `run_all` and runners take these requests, and no others.
    """

    def __until__(self) -> R_co: ...


def chosen(waiters: Mapping[str, Waiter[R]], until: str, expected: object = None) -> Waiter[R]:
    """Return the waiter for the state that a caller named.

    Raises `InvalidRequestError` for a state that there is not, and unless what is expected of the compared field is given
    with the state that compares, and with no other.
    """
    if until not in waiters:
        raise InvalidRequestError([Problem("until", "enum", f"one of {', '.join(waiters)}, not {quoted(until)}")])
    waiter = waiters[until]
    if (expected is None) == (waiter.compare is None):
        return waiter
    if waiter.compare is not None:
        raise InvalidRequestError([Problem(waiter.compare, "required", f"needed where until is {quoted(until)}")])
    field, state = next((other.compare, state) for state, other in waiters.items() if other.compare is not None)
    raise InvalidRequestError([Problem(field, "unknown", f"only where until is {state!r}, not {quoted(until)}")])
