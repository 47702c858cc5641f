"""The requests of a run: which resource each creates or starts, its name, and its state. Does no I/O."""

from __future__ import annotations

import copy
import math
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import (
    ApiError,
    ConflictError,
    InvalidRequestError,
    Problem,
    ResourceInUseError,
    SageMakerError,
)
from sagemaker_typed.structure import Request, Structure, members_of, operation_of, service_of

if TYPE_CHECKING:
    from sagemaker_typed._waiting.spec import Finder, Run, Waiter

__all__ = ["ABSENT", "LOST", "QUEUED", "SENT", "UNKNOWN", "Creation", "Kinds", "hopeless", "quota_of", "taken"]

UNKNOWN = "unknown"
"""The resource may exist already: look it up before submitting."""
QUEUED = "queued"
SENT = "sent"
"""The request was sent; its answer is still to come."""
LOST = "lost"
"""The request was sent, but got no answer, or the answer that its name is taken."""
ABSENT = "absent"
"""The answer was lost and the resource does not exist: send the request again."""

# "... is 0 Instances, with current utilization of 0 Instances and a request delta of 1 Instances."
_QUOTA = re.compile(r" is (\d+) [\w-]+, with current utilization of \d+ [\w-]+ and a request delta of (\d+) ")


class Creation:
    """One request of a run."""

    def __init__(self, request: Request[Any], run: Run, waiter: Waiter[Any], *, look: bool) -> None:
        """`look` says that the resource may exist already."""
        self.run = run
        self.waiter = waiter
        self.request: Request[Any] = _with_token(request)
        self.own_name: str = _name(request, run)
        self.name: str = self.own_name
        """The name that the report uses."""
        self.state: str = UNKNOWN if look and self.found_by_name else QUEUED
        self.deadline: float = math.inf
        self.bounded: bool = False
        """Whether the caller set the deadline, so that it also counts for the wait."""
        self.retry_at: float = -math.inf
        self.failures: int = 0
        """Look-ups and submissions in a row that have to be repeated."""
        self.refusal: SageMakerError | None = None
        """The last error of a look-up or submission."""
        self.lost: bool = False
        """Whether an answer was lost, so that an existing resource may be this request's."""
        self.taken: SageMakerError | None = None
        """The service's error that a resource of this name exists."""
        self._given = {field: value for field in run.fields if (value := getattr(request, field)) is not None}

    @property
    def title(self) -> str:
        return f"{self.waiter.noun} {self.own_name!r}"

    # --- which resource it is -----------------------------------------------------------------------------------------

    @property
    def identified(self) -> bool:
        """Whether it is known which resource to describe."""
        return self.run.into is None or self.run.into in self._given

    @property
    def found_by_name(self) -> bool:
        """Whether the resource can be looked up before there is an answer."""
        return self.run.find is not None or self.run.answer is None or self.run.into in self._request_fields()

    def _request_fields(self) -> set[str]:
        return {field for field in self.run.fields if getattr(self.request, field) is not None}

    @property
    def repeatable(self) -> bool:
        """Whether the service knows a repeated request by its token."""
        return any(member.token for member in members_of(type(self.request)))

    @staticmethod
    def repeats_alike(request: Request[Any]) -> bool:
        """Whether the caller gave a token, so that a restarted script repeats the request."""
        return any(member.token and getattr(request, member.field) for member in members_of(type(request)))

    def answered(self, answer: Any) -> None:
        """Take the identifier of the resource from the answer to the creation."""
        if self.run.answer is not None and answer is not None and not self.identified:
            self.identify(getattr(answer, self.run.answer))

    def identify(self, identifier: str | None) -> None:
        """Record the identifier of the resource."""
        if self.run.into is not None and identifier:
            self._given[self.run.into] = int(identifier.rpartition("/")[2]) if self.run.tail else identifier

    @property
    def key(self) -> str:
        """The name that a wait on many uses for the resource: its identifier where that is a single text."""
        batch = self.waiter.batch
        key = self._given.get(batch.name) if batch is not None else None
        return self.own_name if key is None else str(key)

    def describe_request(self) -> Request[Any]:
        return self._made(self.run.describe)

    def stop_request(self) -> Request[Any] | None:
        """Return the request that stops the resource; None where it cannot be stopped."""
        return None if self.run.stop is None else self._made(self.run.stop)

    def _made(self, name: str) -> Request[Any]:
        cls: type[Request[Any]] = service_of(type(self.request)).types.find(name)
        fields = {member.field for member in members_of(cls)}
        make = cast("Callable[..., Request[Any]]", cls)
        return make(**{field: value for field, value in self._given.items() if field in fields})

    # --- the list that it is found in ---------------------------------------------------------------------------------

    def list_request(self, find: Finder, next_token: str | None) -> Request[Any]:
        cls: type[Request[Any]] = service_of(type(self.request)).types.find(find.list)
        wanted: dict[str, Any] = {
            "max_results": operation_of(cls).page_size,
            "sort_order": "Descending",
            "next_token": next_token,
            **{field: getattr(self.request, field) for field in find.scope},
        }
        known = {member.field for member in members_of(cls)}
        make = cast("Callable[..., Request[Any]]", cls)
        return make(**{field: value for field, value in wanted.items() if field in known})

    def listed(self, find: Finder, page: Any) -> bool:
        """Take a page of the list. Returns whether it shows the resource."""
        name = getattr(self.request, self.run.name[-1])
        fields = operation_of(service_of(type(self.request)).types.find(find.list)).items
        for item in (item for field in fields for item in getattr(page, field) or () if item is not None):
            if name is not None and getattr(item, find.item_name) == name:
                self.identify(getattr(item, find.item_identifier))
                return True
        return False

    # --- what a description says --------------------------------------------------------------------------------------

    @property
    def may_exist(self) -> bool:
        """Whether the request was sent, and no answer says what became of it."""
        return self.state in (SENT, LOST, ABSENT)

    def under_way(self, response: Any) -> bool:
        """Whether a resource that was to be started has started."""
        return self.waiter.outcome(self.waiter.status_of(response)) in ("pending", "success")


def _with_token(request: Request[Any]) -> Request[Any]:
    """Return a copy of the request that keeps its idempotency token over repeated sends."""
    made = copy.copy(request)
    for member in members_of(type(request)):
        if member.token and getattr(request, member.field) is None:
            setattr(made, member.field, str(uuid.uuid4()))
    return made


def _name(request: Request[Any], run: Run) -> str:
    """Return the name of what the request creates. For resources without a name, the caller's token tells them apart."""
    parts = [str(value) for field in run.name if (value := getattr(request, field)) is not None]
    if run.answer is not None and (run.find is None or getattr(request, run.name[-1]) is None):
        members = members_of(type(request))
        parts += [
            str(getattr(request, member.field)) for member in members if member.token and getattr(request, member.field)
        ]
    return "/".join(parts)


# --- checked ----------------------------------------------------------------------------------------------------------


class Kinds:
    """Makes creations from requests. `runs` and `waiter_of` are the generated facts."""

    def __init__(self, runs: Mapping[str, Run], waiter_of: Callable[[str, str], Waiter[Any]], *, look: bool) -> None:
        self._runs, self._waiter_of, self._look = runs, waiter_of, look

    def creations(self, requests: Any) -> list[Creation]:
        """Return the creations of all requests, in order.

        Raises `InvalidRequestError` for a request that has no wait or no name, and for two requests of one name.
        """
        if not _is_several(requests):
            found = type(requests).__name__
            raise InvalidRequestError([Problem("requests", "type", f"several requests, not a {found}")])
        problems: list[Problem] = []
        made: dict[tuple[str, str], tuple[int, Creation]] = {}
        for index, request in enumerate(requests):
            path = f"requests[{index}]"
            checked = list(self._checked(path, request))
            creation = checked[0]
            if isinstance(creation, Problem):
                problems += cast("list[Problem]", checked)
                continue
            key = creation.run.group, creation.own_name
            if key in made:
                first = made[key][0]
                told = f"requests[{first}] already creates the {creation.title}"
                problems.append(Problem(path, "unique", f"a unique name: {told}"))
            else:
                made[key] = index, creation
        if problems:
            raise InvalidRequestError(problems)
        return [creation for _, creation in made.values()]

    def creation(self, request: Any) -> Creation:
        """Return the creation of one request. Raises `InvalidRequestError` as `creations` does."""
        checked = list(self._checked("request", request))
        if isinstance(checked[0], Problem):
            raise InvalidRequestError(cast("list[Problem]", checked))
        return checked[0]

    def _checked(self, path: str, request: object) -> Iterator[Creation | Problem]:
        if not _is_request(request):
            yield Problem(path, "type", f"a request, not {quoted(request)}")
            return
        operation = operation_of(type(request)).name
        run = self._runs.get(operation)
        if run is None:
            yield Problem(path, "enum", f"a request that creates or starts a resource with a wait, not {operation}")
            return
        creation = Creation(request, run, self._waiter_of(run.group, run.state), look=self._look)
        if not creation.own_name:
            yield Problem(f"{path}.{run.name[-1]}", "required", f"the name of the {creation.waiter.noun}")
        elif self._look and not creation.found_by_name and not creation.repeats_alike(request):
            token = next(member.field for member in members_of(type(request)) if member.token)
            told = f"needed with exist_ok, as no other member tells one {creation.waiter.noun} from the next"
            yield Problem(f"{path}.{token}", "required", told)
        else:
            yield creation


def _is_several(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, Structure))


def _is_request(value: object) -> TypeGuard[Request[Any]]:
    return isinstance(value, Request)


# --- what refusals mean -----------------------------------------------------------------------------------------------


def taken(error: SageMakerError) -> bool:
    """Whether an error of a creation may mean that a resource of this name exists."""
    return isinstance(error, (ResourceInUseError, ConflictError))


def hopeless(error: ApiError) -> bool:
    """Whether the request exceeds the quota even if nothing else uses it."""
    said = _QUOTA.search(error.message)
    return said is not None and int(said[1]) < int(said[2])


def quota_of(request: Request[Any]) -> tuple[str, ...]:
    """Return what a quota may be about: the operation and the instance types of the request."""
    found: set[str] = set()
    waiting: list[Any] = [request]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Structure):
            for member in members_of(type(item)):
                value: object = getattr(item, member.field)
                if member.field == "instance_type" and value is not None:
                    found.add(str(value))
                elif isinstance(value, (Structure, list, tuple)):
                    waiting.append(value)
        elif isinstance(item, (list, tuple)):
            waiting += cast("list[Any]", item)
    return (operation_of(type(request)).name, *sorted(found))
