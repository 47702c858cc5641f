"""Every error that this library raises.

::

    SageMakerError
    |-- ApiError (botocore ClientError)          the service answered with an error
    |   |-- ResourceNotFoundError                a resource is not there
    |   |-- ResourceInUseError                   busy, or used by something else
    |   |   `-- ResourceAlreadyExistsError       its name is taken
    |   |-- ResourceLimitExceededError
    |   |-- ConflictError                        its state does not allow the call
    |   |-- ThrottlingError                      retry later
    |   |-- AccessDeniedError
    |   |-- ExpiredCredentialsError
    |   |-- ValidationError                      the service refused the request
    |   |-- ModelError                           the model behind an endpoint failed
    |   |-- ModelStreamError                     it failed while its answer came in
    |   |-- ModelNotReadyError                   it is still loading
    |   `-- ServiceError                         the service failed (5xx)
    |-- InvalidRequestError                      found before anything was sent; also a
    |                                            ValueError and a ParamValidationError
    |-- TransportError (botocore BotoCoreError)  no answer: refused, timed out, cut off
    |   `-- CallTimeoutError (TimeoutError)      not within the `timeout` of the call
    |-- CredentialsError (BotoCoreError)         nothing to sign with
    |-- ConfigurationError (BotoCoreError)       no region, unknown profile, bad endpoint
    |-- ConversionError (ValueError)             a mapping that does not fit its class
    |-- PaginationError                          a page token that came twice
    |-- ResourceDiffersError                     is there, with other settings
    `-- WaitError
        |-- WaitFailedError                      the resource failed
        |-- WaitStoppedError                     somebody stopped it, or its time limit
        |-- WaitTimeoutError (TimeoutError)      it was not done in time
        `-- WaitReportError                      of many, not all succeeded

`InvalidRequestWarning` is what `validation="standard"` warns with.
All of them pickle. Their texts show no secrets: what grants access, environment variables, hyper-parameters and
passwords of URLs stand as `***`. Characters that control a terminal are escaped in them.
`sagemaker_typed.changes`, which needs none of this, has errors of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

import attrs

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.joined import importable, joined, ours
from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.printable import safe
from sagemaker_typed._core.service import Wording

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    from sagemaker_typed._core.log_line import LogLine

    D = TypeVarWithDefault("D", default=Any)
    """The description that a wait ends with; Any where an `except` clause does not say it."""

    # botocore carries no types, and a base of unknown type would make every attribute of these errors Any.
    class ClientError(Exception):
        response: dict[str, Any]
        operation_name: str

    class BotoCoreError(Exception):
        kwargs: dict[str, Any]

    class ParamValidationError(BotoCoreError): ...

else:
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    D = TypeVar("D")

__all__ = [
    "AccessDeniedError",
    "ApiError",
    "CallTimeoutError",
    "ConfigurationError",
    "ConflictError",
    "ConversionError",
    "CredentialsError",
    "Difference",
    "ExpiredCredentialsError",
    "InvalidRequestError",
    "InvalidRequestWarning",
    "ModelError",
    "ModelNotReadyError",
    "ModelStreamError",
    "PaginationError",
    "Problem",
    "ReportRow",
    "ResourceAlreadyExistsError",
    "ResourceDiffersError",
    "ResourceInUseError",
    "ResourceLimitExceededError",
    "ResourceNotFoundError",
    "Rollback",
    "SageMakerError",
    "ServiceError",
    "ThrottlingError",
    "TransportError",
    "ValidationError",
    "WaitError",
    "WaitFailedError",
    "WaitReportError",
    "WaitStoppedError",
    "WaitTimeoutError",
    "Wording",
]
__dir__ = offered(__name__)


R = TypeVar("R")


class SageMakerError(Exception):
    """The root of the tree."""

    retryable: bool = False
    """Whether the same call may succeed later."""
    reason: str | None = None
    """Why a resource failed or stopped, in the service's words; None where no resource did, or nobody said why."""
    report: WaitReport[Any] | None = None
    """What had become of each resource, where the error left a wait on many; None for every other error."""

    excerpt: str | None = None
    """The beginning of an answer that could not be read: one line of at most 200 characters, control characters escaped.

    None for all other errors. Of a piece of JSON it shows the names of members without their values, which may be secret.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(*([safe(message)] if message else []))

    @property
    def message(self) -> str:
        """What went wrong."""
        return str(self)

    @property
    def code(self) -> str | None:
        """The service's error code; None where no service spoke."""
        return None

    @property
    def operation(self) -> str | None:
        """The operation that was called, `DescribeCompilationJob`; None where it is not known."""
        return None

    @property
    def request_id(self) -> str | None:
        """The id to give to AWS support; None where no answer came."""
        return None

    @property
    def http_status_code(self) -> int | None:
        """The HTTP status of the answer; None where none came."""
        return None


# --- the service answered ---------------------------------------------------------------------------------------------


class ApiError(SageMakerError, ClientError):
    """The service answered with an error. Also a botocore `ClientError`: `response` and `operation_name` are as there."""

    def __init__(self, error_response: Mapping[str, Any], operation_name: str) -> None:
        base: Any = ClientError
        base.__init__(self, dict(error_response), operation_name)
        self.args: tuple[Any, ...] = tuple(safe(text) for text in self.args)

    @property
    def code(self) -> str:
        """The service's error code, `ValidationException`."""
        return str(self._error.get("Code", "Unknown"))

    @property
    def message(self) -> str:
        """The service's message."""
        return str(self._error.get("Message", ""))

    @property
    def operation(self) -> str:
        """The operation that was called, `DescribeCompilationJob`."""
        return self.operation_name

    @property
    def request_id(self) -> str | None:
        """The id to give to AWS support."""
        return self._metadata.get("RequestId")

    @property
    def http_status_code(self) -> int | None:
        """The HTTP status of the answer."""
        return self._metadata.get("HTTPStatusCode")

    @property
    def _error(self) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self.response.get("Error", {}))

    @property
    def _metadata(self) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self.response.get("ResponseMetadata", {}))

    def __reduce__(self) -> tuple[Any, ...]:
        return ours(type(self)), (self.response, self.operation_name), self.__dict__

    def __copy__(self) -> ApiError:
        copied = type(self)(self.response, self.operation_name)
        copied.__dict__.update(self.__dict__)
        return copied


class ResourceNotFoundError(ApiError):
    """A resource that the call needs is not there: the one that it names first, or another one.

    `kind` tells them apart: an `UpdateEndpoint` may miss the endpoint or the endpoint configuration. The service does
    not always say which; `kind`, `name` and `arn` are then None. An error that ends a wait also has what the wait knew.
    """

    kind: str | None = None
    """What is missing, as a noun: "endpoint", "endpoint configuration", "model package group"."""
    name: str | None = None
    """Its name."""
    arn: str | None = None
    status: str | None = None
    """Its last status in the wait, if it was there before."""
    elapsed: float = 0.0
    """Seconds waited."""
    polls: int = 0
    last_response: Any = None
    """Its last description."""


class ResourceInUseError(ApiError):
    """The resource is busy, or something else uses it.

    `retryable` is True where the message says that the state passes by itself: an endpoint that is being updated, a
    notebook instance that is starting. Wait until the resource has settled, and send the same call again. A loop that
    does so ends: once the state is settled, the service accepts the call or answers with another error.
    `retryable` is False where another call must come first, such as one that deletes the apps of a user profile.
    """

    kind: str | None = None
    """What is busy, as a noun: "endpoint", "notebook instance"; None where the message does not say."""
    name: str | None = None
    """Its name, where the message says it."""
    arn: str | None = None
    status: str | None = None
    """Its status, where the message says it: `Pending`."""


class ResourceAlreadyExistsError(ResourceInUseError):
    """A resource of this name is there already. `kind`, `name` and `arn` say which, where the message does."""


class ResourceLimitExceededError(ApiError):
    """A quota of the account is used up."""


class ConflictError(ApiError):
    """The state of a resource does not allow the call, or another change came first.

    Waiting does not help, so `retryable` is False: a job that has ended cannot be stopped, and a notebook instance that is
    `InService` must be stopped before it is deleted. For a stop that came too late, `status` says how the job ended.
    """

    kind: str | None = None
    """What is in the wrong state, as a noun: "training job"; None where the message does not say."""
    name: str | None = None
    """Its name, where the message says it."""
    arn: str | None = None
    status: str | None = None
    """Its status, where the message says it: `Completed`."""


class ThrottlingError(ApiError):
    """Too many calls; the same call may succeed later."""

    retryable: bool = True


class AccessDeniedError(ApiError):
    """The caller may not do this."""


class ExpiredCredentialsError(AccessDeniedError):
    """The caller's credentials are no longer valid."""


class ValidationError(ApiError):
    """The service refused the request as malformed."""


class ModelError(ApiError):
    """The model behind an endpoint answered with an error, or not in time. SageMaker itself is well."""

    @property
    def original_status_code(self) -> int | None:
        """The HTTP status that the model's container answered with."""
        return cast("int | None", self.response.get("OriginalStatusCode"))

    @property
    def original_message(self) -> str | None:
        """The text that the container answered with."""
        return cast("str | None", self.response.get("OriginalMessage"))

    @property
    def log_stream_arn(self) -> str | None:
        """The log stream of CloudWatch Logs in which the container says more."""
        return cast("str | None", self.response.get("LogStreamArn"))


class ModelStreamError(ApiError):
    """The model behind an endpoint failed while its answer came in. The parts before the error are sound."""

    @property
    def error_code(self) -> str | None:
        """What went wrong: `ModelInvocationTimeExceeded`, or `StreamBroken`."""
        return cast("str | None", self.response.get("ErrorCode"))


class ModelNotReadyError(ApiError):
    """The model behind an endpoint is still loading, or its capacity is; the same call may succeed later."""

    retryable: bool = True


class ServiceError(ApiError):
    """The service failed (HTTP 5xx); the same call may succeed later."""

    retryable: bool = True


# --- no answer --------------------------------------------------------------------------------------------------------


class _BotoCoreSide(SageMakerError, BotoCoreError):
    """Also a botocore `BotoCoreError`, so that existing `except` clauses go on working."""

    def __init__(self, message: str, operation: str | None = None) -> None:
        Exception.__init__(self, safe(message))
        self._operation = operation
        self.kwargs: dict[str, Any] = {}

    @property
    def operation(self) -> str | None:
        """The operation that was called; None where no client could be made."""
        return self._operation

    def __reduce__(self) -> tuple[Any, ...]:
        cls = type(self)
        return _rejoined, (ours(cls), importable(cls), str(self), self._operation), self.__getstate__()

    def __getstate__(self) -> dict[str, Any]:
        # What was sent and received on the way may hold sockets and locks; the response of a `ClientError` is a dict.
        kept = dict(self.__dict__)
        kept.pop("request", None)
        if type(kept.get("response")) is not dict:
            kept.pop("response", None)
        plain = (str, int, float, bool, type(None))
        return {**kept, "kwargs": {name: value for name, value in self.kwargs.items() if isinstance(value, plain)}}


def _rejoined(
    cls: type[_BotoCoreSide], theirs: tuple[type[Exception], ...], message: str, operation: str | None
) -> Any:
    return joined(cls, *theirs)(message, operation)


class TransportError(_BotoCoreSide):
    """No answer came: the connection was refused, timed out, or was cut off. The service may have acted all the same.

    Also raised for a broken answer: half a body, a proxy's page, an answer without any of its members. `request_id`,
    `http_status_code` and `excerpt` then tell what came. Where boto3 raises a `ClientError` for it, this
    error is one too.
    """

    retryable: bool = True
    _request_id: str | None = None
    _http_status_code: int | None = None

    def came(self, request_id: str | None, http_status_code: int, excerpt: str | None) -> None:
        """Note what came in the place of an answer."""
        self._request_id, self._http_status_code = request_id, http_status_code
        self.excerpt: str | None = excerpt

    @property
    def request_id(self) -> str | None:
        """The id to give to AWS support; None where none came."""
        return self._request_id

    @property
    def http_status_code(self) -> int | None:
        """The HTTP status of what came; None where nothing came."""
        return self._http_status_code


class CallTimeoutError(TransportError, TimeoutError):
    """The call was not answered within its `timeout`, all attempts included. The service may have acted all the same.

    `__cause__` is the error of the last attempt.
    """


class CredentialsError(_BotoCoreSide):
    """There are no credentials to sign with, or they could not be had."""


class ConfigurationError(_BotoCoreSide):
    """No client could be made: no region, an unknown profile, a bad endpoint."""


# --- found here -------------------------------------------------------------------------------------------------------


class Problem(NamedTuple):
    """One thing that is wrong with a request."""

    path: str
    """Where, in this library's names: `input_config.framework`, `tags[2].key`."""
    rule: str
    """Which rule does not hold: required, type, min, max, pattern, enum, union, timezone, finite, unknown.

    Or a rule between fields: at_most_one, exactly_one, requires, excludes, order, time_order, product, unique, count,
    suffix, json.
    """
    detail: str
    """What was found and what is allowed; a sensitive value is never shown."""

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}" if self.path else self.detail


_LISTED = 50  # problems that the text of an error lists


class InvalidRequestError(SageMakerError, ParamValidationError, ValueError):
    """The request does not hold up. Nothing was sent."""

    def __init__(self, problems: Sequence[Problem], request: str = "") -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.request = request
        lines = [str(problem) for problem in self.problems[:_LISTED]]
        count = len(self.problems)
        if count > _LISTED:
            lines.append(f"... and {count - _LISTED} more, in the `problems` of this error")
        head = f"{request}: " if request else ""
        text = head + lines[0] if count == 1 else "\n  ".join([f"{head}{count} problems", *lines])
        text = safe(text)
        Exception.__init__(self, text)
        self.kwargs: dict[str, Any] = {"report": text}  # where botocore's error has it

    @property
    def operation(self) -> str | None:
        """The operation that was about to be called; None where it is not known."""
        return self.request or None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems, self.request), self.__dict__


class InvalidRequestWarning(UserWarning):
    """A request that the service may refuse: an unknown enum value, a bound that the service may have loosened, or a rule
    between fields that does not hold."""


class ConversionError(SageMakerError, ValueError):
    """A mapping or an answer that does not fit the class it should become.

    The message says where. For an answer, `retryable` is True: it may have been garbled on its way.
    """

    def __init__(
        self,
        message: str,
        operation: str | None = None,
        request_id: str | None = None,
        http_status_code: int | None = None,
    ) -> None:
        super().__init__(message)
        self._operation = operation
        self._request_id = request_id
        self._http_status_code = http_status_code
        self.retryable: bool = operation is not None

    @property
    def operation(self) -> str | None:
        """The operation that was answered; None for a mapping of the caller's own."""
        return self._operation

    @property
    def request_id(self) -> str | None:
        """The id to give to AWS support; None for a mapping of the caller's own."""
        return self._request_id

    @property
    def http_status_code(self) -> int | None:
        """The HTTP status of the answer; None for a mapping of the caller's own."""
        return self._http_status_code


class PaginationError(SageMakerError):
    """The service gave the same page token twice; going on would never end."""


class Difference(NamedTuple):
    """One setting of a resource that is not what a request says."""

    path: str
    """Which, in this library's names: `input_config.framework`."""
    requested: str
    """What the request says, as a message shows it: bounded, and `***` for a secret; "nothing" where it says nothing."""
    found: str
    """What the description says."""

    def __str__(self) -> str:
        return f"{self.path}: {self.requested} was requested, and there is {self.found}"


class ResourceDiffersError(SageMakerError):
    """A resource of the requested name is there, and its settings are not those of the request.

    The message has a line for each setting. `differences` has them too, and `response` the description that was compared.
    """

    def __init__(self, kind: str, name: str, differences: Sequence[Difference], response: Any = None) -> None:
        self.kind = kind
        """What is there, as a noun: "training job"."""
        self.name = name
        self.differences: tuple[Difference, ...] = tuple(differences)
        self.response = response
        lines = [str(difference) for difference in self.differences[:_LISTED]]
        if len(self.differences) > _LISTED:
            lines.append(f"... and {len(self.differences) - _LISTED} more, in the `differences` of this error")
        super().__init__("\n  ".join([f"{kind} {name!r} is there already, with other settings:", *lines]))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.kind, self.name, self.differences, self.response), self.__dict__


# --- waiting ----------------------------------------------------------------------------------------------------------


class WaitError(SageMakerError, Generic[D]):
    """A wait ended without reaching its state.

    Carries what is known: the resource's name and ARN, its last status and reason, how long was waited, in seconds, how
    many polls it took, where its logs are, the last lines of them where the wait was called with `log_tail`, and the last
    typed response.
    """

    def __init__(
        self,
        message: str,
        *,
        name: str,
        status: str | None = None,
        reason: str | None = None,
        arn: str | None = None,
        elapsed: float = 0.0,
        polls: int = 0,
        log_group: str | None = None,
        response: D | None = None,
    ) -> None:
        super().__init__(message)
        self.name = name
        self.status = status
        self.reason: str | None = reason
        self.arn = arn
        self.elapsed = elapsed
        self.polls = polls
        self.log_group = log_group
        self.response: D | None = response
        """The last description; None where there was none."""
        self.log_tail: tuple[LogLine, ...] = ()
        """The last lines of the log, where the wait was called with `log_tail`."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_wait_error, (type(self), str(self), dict(self.__dict__))


def _rebuild_wait_error(cls: type[WaitError[Any]], message: str, state: dict[str, Any]) -> WaitError[Any]:
    error = cls(message, name=state["name"])
    error.__dict__.update(state)
    return error


class Rollback(NamedTuple):
    """What was rolled back of an update."""

    wanted: str
    """The configuration that the update was to lead to."""
    current: str | None
    """The configuration that serves now."""
    complete: bool = True
    """Whether the rollback succeeded; if not, old and new instances serve side by side."""


class WaitFailedError(WaitError[D]):
    """The resource failed, or reached a state from which the target cannot be reached any more.

    `reason` is the service's own, or names the parts that failed: `step 'Train' failed: ...` for a pipeline execution.
    """

    rolled_back: Rollback | None = None
    """What was rolled back, where an update of an endpoint was; None for every other failure."""


class WaitStoppedError(WaitError[D]):
    """Somebody stopped the resource, or its time limit did: then `reason` begins with `MaxRuntimeExceeded` or its like."""


_SHOWN_NAMES = 5
"""Names that a report's summary gives before it only counts."""
_SHOWN_ROWS, _SHOWN_IN_HTML = 20, 200
"""Rows of a report's table in a terminal, and in a notebook."""


class ReportRow(NamedTuple, Generic[R]):
    """What became of one name of a report."""

    name: str
    outcome: str
    """succeeded, failed, stopped, pending or missing."""
    status: str | None
    """The last status that was seen."""
    reason: str | None
    """Why it did not succeed: the service's reason, or the message of the error."""
    seconds: float | None
    """From the beginning of its wait to the end. In a run, a wait begins when the resource was created."""
    response: R | None
    """Its last description."""


@attrs.define(kw_only=True)
class WaitReport(Generic[R]):
    """How a wait on many ended. Each name is in exactly one of the five."""

    succeeded: dict[str, R] = attrs.field(factory=dict[str, R])
    """Name -> its last description."""
    failed: dict[str, SageMakerError] = attrs.field(factory=dict[str, SageMakerError])
    stopped: dict[str, WaitStoppedError[R]] = attrs.field(factory=dict[str, "WaitStoppedError[R]"])
    pending: dict[str, WaitError[R]] = attrs.field(factory=dict[str, "WaitError[R]"])
    """Not ended when the wait was: `WaitTimeoutError` where time was the reason."""
    missing: dict[str, ResourceNotFoundError] = attrs.field(factory=dict[str, ResourceNotFoundError])
    """There is no such resource."""
    elapsed: float = 0.0
    """Seconds."""
    list_calls: int = 0
    describe_calls: int = 0
    create_calls: int = 0
    """Requests that were sent to create or start something, refused ones included; 0 for a wait."""
    statuses: dict[str, str] = attrs.field(factory=dict[str, str], repr=False)
    """Name -> its last status, of those that have been seen."""
    seconds: dict[str, float] = attrs.field(factory=dict[str, float], repr=False)
    """Name -> seconds from the beginning of its wait to the end."""
    _order: list[str] = attrs.field(factory=list[str], repr=False, eq=False)

    @property
    def ok(self) -> bool:
        """Whether all succeeded."""
        return not self.problems

    @property
    def problems(self) -> dict[str, SageMakerError]:
        """Name -> error, of all that did not succeed."""
        return {**self.failed, **self.stopped, **self.pending, **self.missing}

    @property
    def counts(self) -> dict[str, int]:
        """How many are in each of the five."""
        return {
            "succeeded": len(self.succeeded),
            "failed": len(self.failed),
            "stopped": len(self.stopped),
            "pending": len(self.pending),
            "missing": len(self.missing),
        }

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __contains__(self, name: object) -> bool:
        return any(name in place for place in self._places())

    def _places(self) -> tuple[dict[str, Any], ...]:
        return self.succeeded, self.failed, self.stopped, self.pending, self.missing

    def rows(self) -> list[ReportRow[R]]:
        """Return a row for each name, in the order in which the names were given."""
        found = {
            name: self._row(name, outcome, ended)
            for outcome, place in zip(self.counts, self._places(), strict=True)
            for name, ended in place.items()
        }
        order = dict.fromkeys([*(name for name in self._order if name in found), *found])
        return [found[name] for name in order]

    def _row(self, name: str, outcome: str, ended: Any) -> ReportRow[R]:
        status, seconds = self.statuses.get(name), self.seconds.get(name)
        if outcome == "succeeded":
            return ReportRow(name, outcome, status, None, seconds, ended)
        reason = getattr(ended, "reason", None) or " ".join(str(ended).split())
        status = status or getattr(ended, "status", None)
        seconds = getattr(ended, "elapsed", None) if seconds is None else seconds
        response: R | None = getattr(ended, "response", None)
        described = isinstance(ended, (WaitError, ResourceDiffersError))  # that of an `ApiError` is boto3's dict
        return ReportRow(name, outcome, status, reason, seconds, response if described else None)

    def to_pandas(self) -> Any:
        """Return the rows as a `pandas.DataFrame`. Raises `ModuleNotFoundError` where there is no pandas."""
        from importlib import import_module

        try:
            pandas: Any = import_module("pandas")  # which may bring no types, or none that match
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError("to_pandas() needs pandas: pip install pandas", name="pandas") from error
        return pandas.DataFrame([row._asdict() for row in self.rows()], columns=list(ReportRow._fields))

    def _table(self, most: int) -> tuple[list[str], list[list[object]], int]:
        """The head and the cells of the table, those that did not succeed first, and how many rows are left out."""
        rows = sorted(self.rows(), key=lambda row: row.outcome == "succeeded")
        cells: list[list[object]] = [
            [row.name, row.outcome, row.status, row.seconds, row.reason] for row in rows[:most]
        ]
        return ["name", "outcome", "status", "seconds", "reason"], cells, len(rows) - len(cells)

    def __str__(self) -> str:
        from sagemaker_typed._core.tables import text_table

        head, cells, more = self._table(_SHOWN_ROWS)
        lines = [self._counted()]
        if cells:
            lines += text_table(head, cells)
        if more:
            lines.append(f"and {more} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from sagemaker_typed._core.tables import html_table

        head, cells, more = self._table(_SHOWN_IN_HTML)
        return f"<p>{self._counted()}</p>{html_table(head, cells)}" + (f"<p>and {more} more</p>" if more else "")

    def _counted(self) -> str:
        counts = ", ".join(f"{number} {what}" for what, number in self.counts.items() if number)
        calls = f"{self.list_calls} List and {self.describe_calls} Describe calls"
        if self.create_calls:
            calls = f"{self.create_calls} submissions, {calls}"
        return f"{counts or 'nothing to wait for'} (after {duration(self.elapsed)}, {calls})"

    @property
    def summary(self) -> str:
        """How many are in each of the five, and the first few that did not succeed, in a few lines."""
        lines = [self._counted()]
        problems = self.problems
        lines += [f"  {name}: {' '.join(str(error).split())}" for name, error in list(problems.items())[:_SHOWN_NAMES]]
        if len(problems) > _SHOWN_NAMES:
            lines.append(f"  and {len(problems) - _SHOWN_NAMES} more")
        return "\n".join(lines)

    def sort(self, names: Iterable[str]) -> None:
        """Put what is in each of the five into the order of all names."""
        self._order = list(names)
        order = {name: position for position, name in enumerate(self._order)}
        for place in self._places():
            if len(place) > 1:
                items = sorted(place.items(), key=lambda item: order[item[0]])
                place.clear()
                place.update(items)

    def take(self, other: WaitReport[R]) -> None:
        """Add what another report has."""
        self.succeeded.update(other.succeeded)
        self.failed.update(other.failed)
        self.stopped.update(other.stopped)
        self.pending.update(other.pending)
        self.missing.update(other.missing)
        self.statuses.update(other.statuses)
        self.seconds.update(other.seconds)
        self._order = [*self._order, *other._order]
        self.elapsed = max(self.elapsed, other.elapsed)
        self.list_calls += other.list_calls
        self.describe_calls += other.describe_calls
        self.create_calls += other.create_calls

    def raise_for_failures(self) -> None:
        """Raise `WaitReportError` unless all succeeded."""
        if not self.ok:
            raise WaitReportError(self.summary, report=self)


class WaitReportError(WaitError[Any]):
    """Of a wait on many, not all succeeded. `report` has each."""

    report: WaitReport[Any]

    def __init__(self, message: str, *, report: WaitReport[Any], name: str = "") -> None:
        super().__init__(message, name=name)
        self.report = report  # pyright: ignore[reportIncompatibleVariableOverride]  # never None here

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_report_error, (type(self), str(self), dict(self.__dict__))


def _rebuild_report_error(cls: type[WaitReportError], message: str, state: dict[str, Any]) -> WaitReportError:
    error = cls(message, report=state["report"])
    error.__dict__.update(state)
    return error


class WaitTimeoutError(WaitError[D], TimeoutError):
    """The deadline passed first. The resource goes on."""

    retryable: bool = True
