"""The rows of `watch`: the newest resources of a kind, each with its status, duration and failure reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple, cast

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.cli._common import called
from sagemaker_typed.cli._completion import identifier_of
from sagemaker_typed.cli._resources import group_of, has_log, has_method, method_of, states_of
from sagemaker_typed.cli.reading import with_order
from sagemaker_typed.resources.waitable import waiter_of
from sagemaker_typed.structure import Structure, members_of

__all__ = ["Watched", "WatchedRow"]

_DESCRIBED = 5
"""The most descriptions to request between two polls."""
_BAD = ("failure", "stopped")


class WatchedRow(NamedTuple):
    """One resource."""

    name: str
    status: str
    outcome: str
    """pending, success, failure or stopped; "" for an unknown status."""
    began: datetime | None
    ended: datetime | None
    reason: str = ""

    def lasted(self, now: datetime) -> timedelta | None:
        """Return how long it took, or has taken so far."""
        if self.began is None or (self.ended is None and self.outcome != "pending"):
            return None
        return max(timedelta(), (self.ended or now) - self.began)


class Watched:
    """The resources of one kind."""

    def __init__(self, sm: SageMaker, kind: str, arguments: Mapping[str, Any], limit: int) -> None:
        name = group_of(kind)
        self.kind = kind
        self.group: Any = getattr(sm, name)
        method = method_of(self.group, "list", kind)
        self._method, self._limit = method, limit
        self._arguments = with_order(dict(arguments), method, kind)
        self._identifier = identifier_of(self.group)
        states = states_of(name)
        main = next(iter(states), None)
        self._waiter = waiter_of(name, main) if main is not None else None
        self._one_name = main is not None and len(states[main]) == 1
        self._reasons: dict[tuple[str, str], str] = {}
        """(name, status) -> failure reason. A failed job does not change."""

    def rows(self) -> list[WatchedRow]:
        """Return the newest rows, with one list call or more, and a few descriptions of failed resources."""
        pages = called(self._method, self._arguments, "--filter")
        rows = [self._row(item) for item in islice(pages, self._limit)]
        for row in islice((row for row in rows if self._unexplained(row)), _DESCRIBED):
            self._reasons[row.name, row.status] = self._reason(row)
        return [row._replace(reason=self._reasons.get((row.name, row.status), row.reason)) for row in rows]

    @property
    def can_stop(self) -> bool:
        return has_method(self.group, "stop")

    @property
    def has_log(self) -> bool:
        return has_log(self.group)

    def stop(self, name: str) -> None:
        """Stop a resource. Raises as the method does, and `InvalidRequestError` if it takes more than a name."""
        called(self.group.stop, {}, "stop", name)

    def lines(self, name: str) -> Iterator[Any]:
        """Iterate over the lines of a resource's log, until it ends."""
        lines: Iterator[Any] = self.group.logs(name, follow=True)
        return lines

    # --- one item of the list -----------------------------------------------------------------------------------------

    def _row(self, item: Any) -> WatchedRow:
        if isinstance(item, str):
            return WatchedRow(item, "", "", None, None)
        cls = cast("type[Structure]", type(item))
        fields = [member.field for member in members_of(cls)]
        status = str(_first(item, fields, self._status_fields()) or "")
        outcome = self._outcome(status)
        ended = _first(item, fields, [field for field in fields if field.endswith("_end_time")])
        if ended is None and outcome in (*_BAD, "success"):
            ended = _first(item, fields, ["last_modified_time"])
        return WatchedRow(
            name=str(_first(item, fields, self._name_fields(fields)) or "?"),
            status=status,
            outcome=outcome,
            began=_moment(_first(item, fields, ["creation_time", "start_time", "created_at", "created_time"])),
            ended=_moment(ended),
            reason=str(_first(item, fields, ["failure_reason", "status_message"]) or ""),
        )

    def _status_fields(self) -> list[str]:
        known = [self._waiter.status] if self._waiter is not None and self._waiter.status else []
        return [*known, "status", "_status"]

    def _name_fields(self, fields: list[str]) -> list[str]:
        own = [self._identifier] if self._identifier else []
        return [*own, *(field for end in ("_name", "name", "_arn", "_id") for field in fields if field.endswith(end))]

    def _outcome(self, status: str) -> str:
        if self._waiter is not None and not self._waiter.gone and status:
            return self._waiter.outcomes.get(status, "")
        return "failure" if "fail" in status.lower() else ""

    # --- why it failed ------------------------------------------------------------------------------------------------

    def _unexplained(self, row: WatchedRow) -> bool:
        reason = self._waiter.reason if self._waiter is not None else None
        known = bool(row.reason) or (row.name, row.status) in self._reasons
        return row.outcome in _BAD and not known and reason is not None and self._one_name

    def _reason(self, row: WatchedRow) -> str:
        field = self._waiter.reason if self._waiter is not None else None
        try:
            return str(getattr(self.group.describe(row.name), field or "", None) or "")
        except errors.ResourceNotFoundError:
            return ""  # deleted meanwhile


def _first(item: Any, fields: list[str], wanted: list[str]) -> Any:
    """Return the first wanted field with a value. A wanted name that begins with _ matches the end of a field."""
    for want in wanted:
        for field in fields:
            if (field == want or (want[:1] == "_" and field.endswith(want))) and getattr(item, field) is not None:
                return getattr(item, field)
    return None


def _moment(value: Any) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) else None
