"""`sm.trial_components.put_metrics`: writes any number of values, in batches of the service's size."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from sagemaker_typed._core.durations import duration
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import ApiError, InvalidRequestError, Problem, SageMakerError

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._waiting.pacing import Timed
    from sagemaker_typed.services.metrics import BatchPutMetricsResponse, RawMetricData

__all__ = ["AsyncMetering", "FailedMetric", "Metering", "MetricsReport"]

_SHOWN = 20


class FailedMetric(NamedTuple):
    """A value that was not written."""

    number: int
    """Its index among the values, from 0."""
    metric: RawMetricData
    error: SageMakerError
    """The error of the value, with a `code` such as "METRIC_LIMIT_EXCEEDED", or the error of the whole batch."""


@attrs.define(kw_only=True)
class MetricsReport:
    """The outcome of `put_metrics`. Each value was written or is in `failed`."""

    written: int = 0
    failed: list[FailedMetric] = attrs.field(factory=list[FailedMetric])
    elapsed: float = 0.0
    """Seconds."""

    @property
    def ok(self) -> bool:
        """Whether all values were written."""
        return not self.failed

    def __len__(self) -> int:
        return self.written + len(self.failed)

    def raise_for_failures(self) -> None:
        """Raise the error of the first value that was not written, if any."""
        for each in self.failed:
            raise each.error

    def __str__(self) -> str:
        from sagemaker_typed._core.tables import text_table

        rows = [(each.number, each.metric.metric_name, str(each.error)) for each in self.failed]
        told = f"{self.written} written, {len(rows)} failed (after {duration(self.elapsed)})"
        table = text_table(["value", "metric", "error"], rows[:_SHOWN]) if rows else []
        return "\n".join([told, *table, *([f"and {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else [])])


def _put(trial_component_name: str, metrics: Iterable[RawMetricData]) -> Task[MetricsReport]:
    if isinstance(metrics, (str, bytes)) or not hasattr(metrics, "__iter__"):
        raise InvalidRequestError([Problem("metrics", "type", f"several RawMetricData, not {quoted(metrics)}")])
    return lambda client: _Putting(client, trial_component_name, metrics).steps()


def _most() -> int:
    """Return how many values one call takes, from the service's model."""
    from sagemaker_typed.services.metrics import BatchPutMetricsRequest

    members: Any = BatchPutMetricsRequest._members  # pyright: ignore[reportPrivateUsage]
    return int(next(member.max for member in members if member.field == "metric_data"))


class _Putting:
    """Writes values batch after batch: the service refuses overlapping calls for one component."""

    def __init__(self, client: Timed, name: str, metrics: Iterable[RawMetricData]) -> None:
        self._clock = client.clock
        self._name = name
        self._metrics = iter(metrics)
        self._begun = 0
        self._report = MetricsReport()

    def steps(self) -> Generator[Any, Any, MetricsReport]:
        from sagemaker_typed._waiting.many import carry

        started, most = self._clock.now(), _most()
        try:
            while batch := list(islice(self._metrics, most)):
                yield from self._batch(batch)
                self._begun += len(batch)
        except GeneratorExit:
            raise
        except BaseException as error:
            carry(error, self._report)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
            raise
        finally:
            self._report.elapsed = self._clock.now() - started
        return self._report

    def _batch(self, batch: list[RawMetricData]) -> Generator[Any, Any, None]:
        from sagemaker_typed._waiting.many import meets_every_call
        from sagemaker_typed.services.metrics import BatchPutMetricsRequest

        request = BatchPutMetricsRequest(trial_component_name=self._name, metric_data=batch)
        try:
            answer: BatchPutMetricsResponse = yield request
        except SageMakerError as error:
            if meets_every_call(error):
                raise
            self._fail(dict.fromkeys(range(len(batch)), error), batch)
            return
        refused: dict[int, SageMakerError] = {}
        for each in answer.errors or ():
            told = {"Code": str(each.code or "Unknown"), "Message": f"metric {each.metric_index} was not written"}
            why = ApiError({"Error": told}, "BatchPutMetrics")
            if each.metric_index is None or not 0 <= each.metric_index < len(batch):
                # The service does not say which value: count the whole batch as not written.
                refused = {place: refused.get(place, why) for place in range(len(batch))}
            else:
                refused[each.metric_index] = why
        self._fail(refused, batch)

    def _fail(self, refused: dict[int, SageMakerError], batch: list[RawMetricData]) -> None:
        self._report.written += len(batch) - len(refused)
        self._report.failed += [
            FailedMetric(self._begun + place, batch[place], error) for place, error in sorted(refused.items())
        ]


class Metering:
    """The methods of `sm.trial_components` besides its operations: the metrics that Studio charts."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    def put_metrics(self, trial_component_name: str, metrics: Iterable[RawMetricData]) -> MetricsReport:
        """Write any number of metric values to a trial component, and report on all of them.

        The calls are sequential, each with as many values as the service allows, ten. A value that the service refuses is in
        `failed` with its error, and the others are still written. `report.raise_for_failures()` raises the first error.

        Args:
            metrics: `RawMetricData` of `sagemaker_typed.services.metrics`; a generator is read batch by batch.

        Every exception carries the report so far as its attribute `report`. Raises `InvalidRequestError` for invalid
        `metrics`, and errors that every call would meet, such as `ExpiredCredentialsError`.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_metrics_BatchPutMetrics.html
        """
        report: MetricsReport = self._sender._run(_put(trial_component_name, metrics))
        return report


class AsyncMetering:
    """`Metering` of the asynchronous client."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    async def put_metrics(self, trial_component_name: str, metrics: Iterable[RawMetricData]) -> MetricsReport:
        """Write any number of metric values to a trial component, and report on all of them.

        See `SageMaker.trial_components.put_metrics` for the arguments.
        """
        report: MetricsReport = await self._sender._run(_put(trial_component_name, metrics))
        return report
