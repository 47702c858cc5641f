"""The generated facts of one wait: `Waiter`, `Batch` and `Waitable`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

import attrs

from sagemaker_typed._core.late_hints import late
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._core.tuples import NamedTuple
from sagemaker_typed.errors import ConversionError, InvalidRequestError, Problem
from sagemaker_typed.structure import Structure, members_of, operation_of

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
    "required_wire",
    "status_in",
]

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Batch(NamedTuple):
    """How to poll many resources of one kind."""

    describe: type[Request[Any]]
    name: str
    """The field of the requests that holds the identifier."""
    list: type[Request[Any]] | None = None
    """The list request; None where its items lack the name or the status."""
    item_name: str = ""
    item_status: str = ""
    list_scope: tuple[str, ...] = ()
    """Fields that the list request requires. With any, one sweep cannot show all resources."""
    list_sort: str | None = None
    """The SortBy value for the creation time."""
    stop: type[Request[Any]] | None = None


class Explanation(NamedTuple):
    """The list that says which part of a failed resource failed, such as the steps of a pipeline execution."""

    when: tuple[str, ...]
    """The statuses of the resource for which the list is requested."""
    list: type[Request[Any]]
    scope: str
    """The field of the list request that takes the identifier of the resource."""
    noun: str
    """What an item is called: step."""
    items: str
    """The field of the page that holds the items."""
    name: str
    """The fields of an item that hold its name, its status and its failure reason."""
    status: str
    reason: str
    failed: tuple[str, ...]
    """The statuses of an item that mean failure."""

    def request(self, name: str) -> Request[Any]:
        """Return the request for one page of items, latest first: items before a failure did not fail."""
        known = {field.name for field in attrs.fields(self.list)}
        wanted: dict[str, Any] = {
            self.scope: name,
            "sort_order": "Descending",
            "max_results": operation_of(self.list).page_size,
        }
        make = cast("Callable[..., Request[Any]]", self.list)
        return make(**{field: value for field, value in wanted.items() if field in known})

    def text(self, page: Any, otherwise: str | None) -> str | None:
        """Return what failed and why; `otherwise` is the reason for an item without one."""
        items = [item for item in getattr(page, self.items) or () if item is not None]
        failed = [item for item in items if getattr(item, self.status) in self.failed]
        texts: list[str] = []
        for item in reversed(failed):
            reason = getattr(item, self.reason) or otherwise
            text = f"{self.noun} {getattr(item, self.name)!r} failed"
            texts.append(f"{text}: {reason}" if reason else text)
        return "; ".join(texts) or otherwise


class LogStreams(NamedTuple):
    """The streams of a log group that belong to a resource."""

    names: str
    """`{field}` is a field of the Describe request, `{one|other}` whichever of the two is set, `#` a number."""
    goes_on: bool = False
    """Whether the log ends only with the resource itself."""


class Waiter(NamedTuple, Generic[R]):
    """The facts of one `wait_until_<state>`; generated from `overlay/waiters.toml`."""

    group: str
    """The attribute of `SageMaker`: compilation_jobs."""
    noun: str
    target: str
    """The state in words: in service."""
    status: str | None
    """The field of the description that holds the status; None where a description has no status."""
    outcomes: Mapping[str, str]
    """Status -> pending, success, failure or stopped."""
    timeout: float
    """Seconds."""
    poll: tuple[float, float]
    """The highest first delay and the highest delay at all, in seconds."""
    reason: str | None = None
    secondary: str | None = None
    """The field with a finer status, such as `MaxRuntimeExceeded` for a job stopped by its time limit."""
    transitions: str | None = None
    """The field with the history of the finer status, with a message for each state."""
    explanation: Explanation | None = None
    """The list that explains a failure; None where the description says everything."""
    arn: str | None = None
    log_group: str | None = None
    """The log group of the resource. `{name}` stands for its name, `{id}` for the end of its ARN."""
    logs: LogStreams | None = None
    stop: str | None = None
    """The call that stops the resource, as a user writes it."""
    gone: bool = False
    """Whether the wait is for the resource to be gone."""
    compare: str | None = None
    """The field that must also have the expected value before the target is reached."""
    batch: Batch | None = None
    """How to poll many; None where one name does not identify the resource."""

    def log_group_of(self, name: str, arn: str | None) -> str | None:
        """Return the log group of a resource; None without a log group, or if it needs an unknown ARN."""
        if self.log_group is None or ("{id}" in self.log_group and not arn):
            return None
        return self.log_group.replace("{name}", name).replace("{id}", (arn or "").rpartition("/")[2])

    def status_of(self, response: object) -> str:
        """Return the status of a description, or "" if it has none. Raises `ConversionError` for a mock."""
        return "" if self.status is None else status_in(response, self.status)

    def outcome(self, status: str | None) -> str | None:
        """Return the outcome of a status; None if this version does not know it. A missing status is pending."""
        return self.outcomes.get(status) if self.status is not None and status else "pending"


def status_in(found: object, field: str) -> str:
    """Return the status in a description or in an item of a list, or "" if it has none.

    Raises `ConversionError` for a status that is not a text. Only a mock has one, and it would be polled forever.
    """
    status = getattr(found, field)
    if status is None:
        return ""
    if not isinstance(status, str):
        kind = type(status).__name__
        raise ConversionError(
            f"{field} is a {kind}, not a text: a stub must return a response whose {field} is a text or an enum member"
        )
    return str(status)


def required_wire(found: object, field: str) -> str | None:
    """Return the wire name of a field that each answer of the service must have; None for any other field."""
    return _required_wire(cast("Any", type(found)), field) if isinstance(found, Structure) else None


@cache
def _required_wire(cls: Any, field: str) -> str | None:
    return next((member.wire for member in members_of(cls) if member.field == field and member.required), None)


class Waitable(NamedTuple):
    """The waits of one group."""

    noun: str
    """The noun for one resource."""
    states: Mapping[str, tuple[str, ...]]
    """State -> the required arguments of its `wait_until_<state>`, identifier first. The main state comes first."""
    arn_type: str | None
    """The resource part of an ARN up to the name: "compilation-job". `*` stands for a name in the middle. None: no ARN."""
    many: tuple[str, ...]
    """The states that `wait_all` takes, main state first; empty for a group without `wait_all`."""


class Finder(NamedTuple):
    """How to find a resource that only the answer to its creation identifies. Classes are given by name, not imported."""

    list: str
    """The request class of the list."""
    scope: tuple[str, ...]
    """The fields of the request that the list also takes."""
    item_name: str
    item_identifier: str


class Run(NamedTuple):
    """A request that creates or starts a resource, and the wait that follows; generated. Classes are given by name."""

    group: str
    state: str
    """The state that the request leads to: `wait_until_<state>` waits for it."""
    describe: str
    """The request class of the description."""
    fields: tuple[str, ...]
    """The fields of the request that the description also takes."""
    name: tuple[str, ...]
    """The fields of the request that name the resource. The ones that are set make up its name."""
    answer: str | None = None
    """The field of the answer that identifies the resource, where no field of the request does."""
    into: str | None = None
    """The field of the Describe request that takes the identifier."""
    tail: bool = False
    """Whether the identifier is the number at the end of the ARN in the answer."""
    stop: str | None = None
    """The request class that stops the resource."""
    starts: bool = False
    """Whether the request starts a resource that exists already."""
    find: Finder | None = None


class Runnable(Protocol[R_co]):
    """A request that creates or starts a resource which can be waited for; `R_co` is the class of its description.

    For type checkers only: `run_all` and runners accept only these requests.
    """

    def __until__(self) -> R_co: ...


def chosen(waiters: Mapping[str, Waiter[R]], until: str, expected: object = None) -> Waiter[R]:
    """Return the waiter for the state that a caller named.

    Raises `InvalidRequestError` for an unknown state. The expected value of the compared field is required with the state that
    compares, and an error with any other.
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


late(Batch, Explanation)
