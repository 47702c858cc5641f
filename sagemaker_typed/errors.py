"""Every error that this library raises.

::

    SageMakerError
    |-- ApiError (botocore ClientError)          the service answered with an error
    |   |-- ResourceNotFoundError                a resource does not exist
    |   |-- ResourceInUseError                   a resource is busy or used by another
    |   |   `-- ResourceAlreadyExistsError       the name is taken
    |   |-- ResourceLimitExceededError
    |   |-- ConflictError                        a resource's state does not allow the call
    |   |-- ThrottlingError                      retry later
    |   |-- AccessDeniedError
    |   |-- ExpiredCredentialsError
    |   |-- ValidationError                      the service refused the request
    |   |-- ModelError                           the model behind an endpoint failed
    |   |-- ModelStreamError                     the model failed during a streamed response
    |   |-- ModelNotReadyError                   the model is still loading
    |   `-- ServiceError                         the service failed (5xx)
    |-- InvalidRequestError                      found before anything was sent; also a
    |                                            ValueError and a ParamValidationError
    |-- TransportError (botocore BotoCoreError)  no answer: refused, timed out, cut off
    |   `-- CallTimeoutError (TimeoutError)      not within the `timeout` of the call
    |-- CredentialsError (BotoCoreError)         nothing to sign with
    |-- ConfigurationError (BotoCoreError)       no region, unknown profile, bad endpoint
    |-- ConversionError (ValueError)             a mapping that does not fit its class
    |-- PaginationError                          the service repeated a page token
    |-- ResourceDiffersError                     the resource exists with other settings
    `-- WaitError
        |-- WaitFailedError                      the resource failed
        |-- WaitStoppedError                     a user or a time limit stopped the resource
        |-- WaitTimeoutError (TimeoutError)      the wait ran out of time
        `-- WaitReportError                      not all of several resources succeeded

`InvalidRequestWarning` is the category of the warnings of `validation="standard"`.
All errors can be pickled. Their messages show no secrets: credentials, environment variables, hyperparameters and
passwords in URLs appear as `***`. Terminal control characters in messages are escaped.
`sagemaker_typed.changes` does not use these classes; it defines its own errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import attrs

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.joined import importable, joined, ours
from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.printable import safe
from sagemaker_typed._core.service import Wording
from sagemaker_typed._core.tuples import NamedTuple

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    from sagemaker_typed._core.log_line import LogLine

    D = TypeVarWithDefault("D", default=Any)
    """The description that a wait ends with; Any if an `except` clause does not name it."""

    # botocore has no type annotations, and a base class of unknown type would make every attribute Any.
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
if not TYPE_CHECKING:
    __dir__ = offered(__name__)


R = TypeVar("R")


class SageMakerError(Exception):
    """The base class of all errors of this library."""

    retryable: bool = False
    """Whether the same call may succeed later."""
    reason: str | None = None
    """Why a resource failed or stopped, in the service's words; None if no resource did, or no reason was given."""
    report: WaitReport[Any] | None = None
    """The report at the time of the error, if the error ended a wait on many resources; None for every other error."""

    excerpt: str | None = None
    """The beginning of a response that could not be read: one line of at most 200 characters, control characters escaped.

    None for all other errors. For JSON, it shows the names of the members without their values, which may be secret.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(*([safe(message)] if message else []))

    @property
    def message(self) -> str:
        """What went wrong."""
        return str(self)

    @property
    def code(self) -> str | None:
        """The service's error code; None if the error did not come from the service."""
        return None

    @property
    def operation(self) -> str | None:
        """The operation that was called, such as `DescribeCompilationJob`; None if it is not known."""
        return None

    @property
    def request_id(self) -> str | None:
        """The id to give to AWS support; None if no response came."""
        return None

    @property
    def http_status_code(self) -> int | None:
        """The HTTP status of the response; None if no response came."""
        return None


# --- the service answered ---------------------------------------------------------------------------------------------


class ApiError(SageMakerError, ClientError):
    """The service answered with an error. Also a botocore `ClientError`, with its `response` and `operation_name`."""

    def __init__(self, error_response: Mapping[str, Any], operation_name: str) -> None:
        base: Any = ClientError
        base.__init__(self, dict(error_response), operation_name)
        self.args: tuple[Any, ...] = tuple(safe(text) for text in self.args)

    @property
    def code(self) -> str:
        """The service's error code, such as `ValidationException`."""
        return str(self._error.get("Code", "Unknown"))

    @property
    def message(self) -> str:
        """The service's message."""
        return str(self._error.get("Message", ""))

    @property
    def operation(self) -> str:
        """The operation that was called, such as `DescribeCompilationJob`."""
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
    """A resource that the call needs does not exist: the one that the call is about, or another one that it names.

    `kind` says which: for `UpdateEndpoint`, either the endpoint or the endpoint configuration may be missing. If the
    service's message does not say, `kind`, `name` and `arn` are None. An error that ends a wait also has `status`,
    `elapsed`, `polls` and `last_response`.
    """

    kind: str | None = None
    """The kind of the missing resource, as a noun: "endpoint", "endpoint configuration", "model package group"."""
    name: str | None = None
    """Name of the missing resource."""
    arn: str | None = None
    status: str | None = None
    """Last status that the wait saw, if the resource existed before."""
    elapsed: float = 0.0
    """Seconds waited."""
    polls: int = 0
    last_response: Any = None
    """Last description of the resource."""


class ResourceInUseError(ApiError):
    """The resource is busy, or another resource uses it.

    `retryable` is True if the message says that the state is temporary: an endpoint is being updated, a notebook
    instance is starting. Wait until the resource reaches a stable state, then send the same call again. A loop that
    does this terminates: in a stable state, the service accepts the call or answers with another error.
    `retryable` is False if another call must come first: for example, the apps of a user profile must be deleted.
    """

    kind: str | None = None
    """The kind of the busy resource, as a noun: "endpoint", "notebook instance"; None if the message does not say."""
    name: str | None = None
    """Name of the resource, if the message gives it."""
    arn: str | None = None
    status: str | None = None
    """Status of the resource, such as `Pending`, if the message gives it."""


class ResourceAlreadyExistsError(ResourceInUseError):
    """A resource of this name exists already. `kind`, `name` and `arn` identify it, if the message does."""


class ResourceLimitExceededError(ApiError):
    """A quota of the account is used up."""


class ConflictError(ApiError):
    """The state of a resource does not allow the call, or another change came first.

    Waiting does not help, so `retryable` is False: a finished job cannot be stopped, and a notebook instance that is
    `InService` must be stopped before it is deleted. If a stop came too late, `status` says how the job finished.
    """

    kind: str | None = None
    """The kind of the resource, as a noun: "training job"; None if the message does not say."""
    name: str | None = None
    """Name of the resource, if the message gives it."""
    arn: str | None = None
    status: str | None = None
    """Status of the resource, such as `Completed`, if the message gives it."""


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
    """The model behind an endpoint answered with an error, or too late. SageMaker itself did not fail."""

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
        """The CloudWatch Logs stream with the container's log."""
        return cast("str | None", self.response.get("LogStreamArn"))


class ModelStreamError(ApiError):
    """The model behind an endpoint failed during a streamed response. The parts before the error are valid."""

    @property
    def error_code(self) -> str | None:
        """The error code: `ModelInvocationTimeExceeded` or `StreamBroken`."""
        return cast("str | None", self.response.get("ErrorCode"))


class ModelNotReadyError(ApiError):
    """The model behind an endpoint is still loading or scaling; the same call may succeed later."""

    retryable: bool = True


class ServiceError(ApiError):
    """The service failed (HTTP 5xx); the same call may succeed later."""

    retryable: bool = True


# --- no answer --------------------------------------------------------------------------------------------------------


class _BotoCoreSide(SageMakerError, BotoCoreError):
    """Also a botocore `BotoCoreError`, so that existing `except` clauses keep working."""

    def __init__(self, message: str, operation: str | None = None) -> None:
        Exception.__init__(self, safe(message))
        self._operation = operation
        self.kwargs: dict[str, Any] = {}

    @property
    def operation(self) -> str | None:
        """The operation that was called; None if no client could be made."""
        return self._operation

    def __reduce__(self) -> tuple[Any, ...]:
        cls = type(self)
        return _rejoined, (ours(cls), importable(cls), str(self), self._operation), self.__getstate__()

    def __getstate__(self) -> dict[str, Any]:
        # Request and response objects may hold sockets and locks. The response of a `ClientError` is a dict.
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
    """No response came: the connection was refused, timed out or was cut off. The service may have acted nevertheless.

    Also raised for a broken response: a truncated body, a proxy's page, a response without any of its members.
    `request_id`, `http_status_code` and `excerpt` then describe what came. If boto3 raises a `ClientError` for the
    response, this error is a `ClientError` too.
    """

    retryable: bool = True
    _request_id: str | None = None
    _http_status_code: int | None = None

    def came(self, request_id: str | None, http_status_code: int, excerpt: str | None) -> None:
        """Record what came instead of a response."""
        self._request_id, self._http_status_code = request_id, http_status_code
        self.excerpt: str | None = excerpt

    @property
    def request_id(self) -> str | None:
        """The id to give to AWS support; None if none came."""
        return self._request_id

    @property
    def http_status_code(self) -> int | None:
        """The HTTP status of the response; None if nothing came."""
        return self._http_status_code


class CallTimeoutError(TransportError, TimeoutError):
    """The call got no response within its `timeout`, all attempts included. The service may have acted nevertheless.

    `__cause__` is the error of the last attempt.
    """


class CredentialsError(_BotoCoreSide):
    """There are no credentials to sign with, or loading them failed."""


class ConfigurationError(_BotoCoreSide):
    """No client could be made: no region, an unknown profile, a bad endpoint."""


# --- found here -------------------------------------------------------------------------------------------------------


class Problem(NamedTuple):
    """One thing that is wrong with a request."""

    path: str
    """Path of the field, in this library's names: `input_config.framework`, `tags[2].key`."""
    rule: str
    """The violated rule: required, type, min, max, range, pattern, enum, union, timezone, finite, unknown, operator, botocore.

    Or a rule that AWS documents beside its model: at_most_one, exactly_one, requires, excludes, order, time_order, product,
    unique, count, suffix, json, most.
    """
    detail: str
    """What was given and what is allowed; a sensitive value is never shown."""

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}" if self.path else self.detail


_LISTED = 50  # problems listed in the message of an error


class InvalidRequestError(SageMakerError, ParamValidationError, ValueError):
    """The request is invalid. Nothing was sent."""

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
        self.kwargs: dict[str, Any] = {"report": text}  # as in botocore's error

    @property
    def operation(self) -> str | None:
        """The operation that was about to be called; None if it is not known."""
        return self.request or None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems, self.request), self.__dict__


class InvalidRequestWarning(UserWarning):
    """The service may refuse a request: it has an unknown enum value, or violates a bound or a rule between fields.

    It is only a warning because the service may know newer values or have loosened the bound."""


class ConversionError(SageMakerError, ValueError):
    """A mapping or a response does not fit the class that it is converted to.

    The message names the field. For a response, `retryable` is True: it may have been garbled in transit. It is False if
    the response did not come over the network but from a stub.
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
        """The operation that was called; None for a mapping from the caller."""
        return self._operation

    @property
    def request_id(self) -> str | None:
        """The id to give to AWS support; None for a mapping from the caller."""
        return self._request_id

    @property
    def http_status_code(self) -> int | None:
        """The HTTP status of the response; None for a mapping from the caller."""
        return self._http_status_code


class PaginationError(SageMakerError):
    """The service gave the same page token twice; fetching more pages would never end."""


class Difference(NamedTuple):
    """One setting of a resource that differs from a request."""

    path: str
    """Path of the field, in this library's names: `input_config.framework`."""
    requested: str
    """The requested value as a message shows it: shortened, and `***` for a secret; "nothing" if it was not set."""
    found: str
    """The value in the description of the resource."""

    def __str__(self) -> str:
        return f"{self.path}: requested {self.requested}, found {self.found}"


class ResourceDiffersError(SageMakerError):
    """A resource of the requested name exists, but its settings differ from the request.

    The message has one line for each differing setting. `differences` lists them too, and `response` is the
    description that was compared.
    """

    def __init__(self, kind: str, name: str, differences: Sequence[Difference], response: Any = None) -> None:
        self.kind = kind
        """The kind of the resource, as a noun: "training job"."""
        self.name = name
        self.differences: tuple[Difference, ...] = tuple(differences)
        self.response = response
        lines = [str(difference) for difference in self.differences[:_LISTED]]
        if len(self.differences) > _LISTED:
            lines.append(f"... and {len(self.differences) - _LISTED} more, in the `differences` of this error")
        super().__init__("\n  ".join([f"{kind} {name!r} exists already with other settings:", *lines]))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.kind, self.name, self.differences, self.response), self.__dict__


# --- waiting ----------------------------------------------------------------------------------------------------------


class WaitError(SageMakerError, Generic[D]):
    """A wait ended without reaching its state.

    Has the resource's name and ARN, its last status and reason, the length of the wait in seconds, the number of polls,
    the log group, the last log lines if the wait was called with `log_tail`, and the last typed response.
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
        """The last description; None if there was none."""
        self.log_tail: tuple[LogLine, ...] = ()
        """The last lines of the log, if the wait was called with `log_tail`."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_wait_error, (type(self), str(self), dict(self.__dict__))


def _rebuild_wait_error(cls: type[WaitError[Any]], message: str, state: dict[str, Any]) -> WaitError[Any]:
    error = cls(message, name=state["name"])
    error.__dict__.update(state)
    return error


class Rollback(NamedTuple):
    """An update of an endpoint that was rolled back."""

    wanted: str
    """The endpoint configuration that the update requested."""
    current: str | None
    """The endpoint configuration in use now."""
    complete: bool = True
    """Whether the rollback succeeded; if not, old and new instances serve side by side."""


class WaitFailedError(WaitError[D]):
    """The resource failed, or reached a state from which it can no longer reach the target.

    `reason` comes from the service, or names the parts that failed: `step 'Train' failed: ...` for a pipeline execution.
    """

    rolled_back: Rollback | None = None
    """The rollback, if an update of an endpoint was rolled back; None for every other failure."""


class WaitStoppedError(WaitError[D]):
    """A user stopped the resource, or its time limit did: then `reason` begins with a code such as `MaxRuntimeExceeded`."""


_SHOWN_NAMES = 5
"""Names listed in the summary of a report; the rest are counted."""
_SHOWN_ROWS, _SHOWN_IN_HTML = 20, 200
"""Maximum number of rows of a report's table in a terminal, and in a notebook."""


class ReportRow(NamedTuple, Generic[R]):
    """The outcome of one resource of a report."""

    name: str
    outcome: str
    """succeeded, failed, stopped, pending or missing."""
    status: str | None
    """The last status that the wait saw."""
    reason: str | None
    """Why the resource did not succeed: the service's reason, or the message of the error."""
    seconds: float | None
    """Length of the wait for this resource. In a run, the wait begins when the resource is created."""
    response: R | None
    """The last description of the resource."""


@attrs.define(kw_only=True)
class WaitReport(Generic[R]):
    """The outcomes of a wait on many resources.

    Each name is in exactly one of `succeeded`, `failed`, `stopped`, `pending` and `missing`.
    """

    succeeded: dict[str, R] = attrs.field(factory=dict[str, R])
    """Name -> last description of the resource."""
    failed: dict[str, SageMakerError] = attrs.field(factory=dict[str, SageMakerError])
    stopped: dict[str, WaitStoppedError[R]] = attrs.field(factory=dict[str, "WaitStoppedError[R]"])
    pending: dict[str, WaitError[R]] = attrs.field(factory=dict[str, "WaitError[R]"])
    """Resources that had not finished when the wait ended: with `WaitTimeoutError` if the time ran out."""
    missing: dict[str, ResourceNotFoundError] = attrs.field(factory=dict[str, ResourceNotFoundError])
    """Resources that do not exist."""
    elapsed: float = 0.0
    """Length of the wait in seconds."""
    list_calls: int = 0
    describe_calls: int = 0
    create_calls: int = 0
    """Number of requests that create or start a resource, refused ones included; 0 for a wait."""
    statuses: dict[str, str] = attrs.field(factory=dict[str, str], repr=False)
    """Name -> last status, for each resource whose status was seen."""
    seconds: dict[str, float] = attrs.field(factory=dict[str, float], repr=False)
    """Name -> length of the wait for this resource, in seconds."""
    _order: list[str] = attrs.field(factory=list[str], repr=False, eq=False)

    @property
    def ok(self) -> bool:
        """Whether all resources succeeded."""
        return not self.problems

    @property
    def problems(self) -> dict[str, SageMakerError]:
        """Name -> error, for each resource that did not succeed."""
        return {**self.failed, **self.stopped, **self.pending, **self.missing}

    @property
    def counts(self) -> dict[str, int]:
        """Number of resources with each outcome."""
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
        described = isinstance(ended, (WaitError, ResourceDiffersError))  # an `ApiError` has boto3's dict instead
        return ReportRow(name, outcome, status, reason, seconds, response if described else None)

    def to_pandas(self) -> Any:
        """Return the rows as a `pandas.DataFrame`. Raises `ModuleNotFoundError` if pandas is not installed."""
        from importlib import import_module

        try:
            pandas: Any = import_module("pandas")  # its stubs may be missing or not match
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError("to_pandas() needs pandas: pip install pandas", name="pandas") from error
        return pandas.DataFrame([row._asdict() for row in self.rows()], columns=list(ReportRow._fields))

    def _table(self, most: int) -> tuple[list[str], list[list[object]], int]:
        """The header and the rows of the table, failures first, and the number of rows left out."""
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
        """Return the HTML that a notebook shows."""
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
        """The number of resources with each outcome, and the first few errors, in a few lines."""
        lines = [self._counted()]
        problems = self.problems
        lines += [f"  {name}: {' '.join(str(error).split())}" for name, error in list(problems.items())[:_SHOWN_NAMES]]
        if len(problems) > _SHOWN_NAMES:
            lines.append(f"  and {len(problems) - _SHOWN_NAMES} more")
        return "\n".join(lines)

    def sort(self, names: Iterable[str]) -> None:
        """Sort each of the outcomes by the order of all names."""
        self._order = list(names)
        order = {name: position for position, name in enumerate(self._order)}
        for place in self._places():
            items = sorted(place.items(), key=lambda item: order[item[0]])
            place.clear()
            place.update(items)

    def take(self, other: WaitReport[R]) -> None:
        """Add the outcomes of another report."""
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
        """Raise `WaitReportError` unless all resources succeeded."""
        if not self.ok:
            raise WaitReportError(self.summary, report=self)


class WaitReportError(WaitError[Any]):
    """Not all resources of a wait on many succeeded. `report` has the outcome of each."""

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
    """The wait ran out of time. The resource keeps running."""

    retryable: bool = True
