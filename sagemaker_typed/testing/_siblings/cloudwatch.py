"""CloudWatch: the metrics of training jobs, of invocations, and those that programs put."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds.training import TrainingJobs
from sagemaker_typed.testing._listing import page_of
from sagemaker_typed.testing._resource import Call, Handler, Record, World
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["CloudWatch"]

_TRAINING = "/aws/sagemaker/TrainingJobs"
"""The namespace, and the dimension TrainingJobName, under which SageMaker publishes the metrics of an algorithm."""
_HOSTING = "AWS/SageMaker"
_MOST_POINTS = 1440
_SHORT_PERIODS = frozenset({1, 5, 10, 20, 30})
_PAGE = 500

_Dimensions: TypeAlias = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Sample:
    """A value at a moment, with the number of times it was measured."""

    namespace: str
    name: str
    dimensions: _Dimensions
    moment: float
    """Seconds since 1970."""
    value: float
    times: float = 1.0
    unit: str = "None"

    @property
    def metric(self) -> tuple[str, str, _Dimensions]:
        return self.namespace, self.name, self.dimensions


@dataclass(frozen=True, slots=True)
class _Wish:
    """The samples and the period that a request asks for."""

    metric: tuple[str, str, _Dimensions]
    start: float
    end: float
    period: int
    unit: str | None

    def takes(self, sample: _Sample) -> bool:
        fits = self.unit in (None, sample.unit) and self.start <= sample.moment < self.end
        return fits and sample.metric == self.metric


class CloudWatch:
    """The samples by region, in whole seconds as in the service: equal values of one second become one sample."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._samples: dict[str, dict[_Sample, float]] = {}
        """By region, how often a sample was measured."""

    def operations(self) -> Mapping[str, Handler]:
        return {
            "PutMetricData": self._put,
            "GetMetricStatistics": self._statistics,
            "GetMetricData": self._data,
            "ListMetrics": self._list,
        }

    def clear(self) -> None:
        self._samples.clear()

    def invoked(self, endpoint: Record, variant: str, instances: int, status: int, moment: int) -> None:
        """Count an invocation of an endpoint, with the HTTP status of its container."""
        dimensions = frozenset({("EndpointName", endpoint.name), ("VariantName", variant)})
        values = {
            "Invocations": 1.0,
            "Invocation4XXErrors": float(400 <= status < 500),
            "Invocation5XXErrors": float(status >= 500),
            "InvocationsPerInstance": 1.0 / max(1, instances),
        }
        now = self._world.epoch(moment)
        for name, value in values.items():
            self._keep(endpoint.region, _Sample(_HOSTING, name, dimensions, now, value))

    # --- its operations ----------------------------------------------------------------------------------------------

    def _put(self, call: Call) -> Mapping[str, Any]:
        namespace = call.parameters["Namespace"]
        now = self._world.epoch(call.now)
        for entry in call.parameters.get("MetricData", ()):
            for sample in _samples(namespace, entry, now):
                self._keep(call.region, sample)
        return {}

    def _statistics(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters
        usual, extended = asked.get("Statistics", ()), asked.get("ExtendedStatistics", ())
        if not usual and not extended:
            raise AnsweredError(
                "InvalidParameterCombination", "The parameter Statistics or ExtendedStatistics must be specified"
            )
        metric = asked["Namespace"], asked["MetricName"], _dimensions(asked.get("Dimensions", ()))
        wish = self._wish(metric, asked["StartTime"], asked["EndTime"], asked["Period"], asked.get("Unit"))
        points: list[dict[str, Any]] = []
        for start, samples in self._buckets(call.region, wish):
            point: dict[str, Any] = {"Timestamp": start, "Unit": samples[0].unit}
            point.update({name: _statistic(name, samples) for name in usual})
            if extended:
                point["ExtendedStatistics"] = {name: _statistic(name, samples) for name in extended}
            points.append(point)
        return {"Label": asked["MetricName"], "Datapoints": points}

    def _data(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters
        backwards = asked.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        results: list[dict[str, Any]] = []
        for query in asked["MetricDataQueries"]:
            if "MetricStat" not in query:
                raise AnsweredError(
                    "NotImplemented",
                    f"LocalSageMaker does not evaluate expressions: the query {query['Id']!r} has one",
                    501,
                )
            if query.get("ReturnData", True):
                results.append(self._result(call, query, backwards))
        return {"MetricDataResults": results, "Messages": []}

    def _result(self, call: Call, query: Mapping[str, Any], backwards: bool) -> dict[str, Any]:
        about = query["MetricStat"]
        named = about["Metric"]
        metric = named.get("Namespace", ""), named.get("MetricName", ""), _dimensions(named.get("Dimensions", ()))
        start, end = call.parameters["StartTime"], call.parameters["EndTime"]
        wish = self._wish(metric, start, end, about["Period"], about.get("Unit"))
        rows = [(moment, _statistic(about["Stat"], samples)) for moment, samples in self._buckets(call.region, wish)]
        rows.sort(reverse=backwards)
        return {
            "Id": query["Id"],
            "Label": query.get("Label", metric[1]),
            "Timestamps": [moment for moment, _ in rows],
            "Values": [value for _, value in rows],
            "StatusCode": "Complete",
        }

    def _list(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters
        metrics = {sample.metric for sample in self._all(call.region)}
        chosen = [
            metric
            for metric in metrics
            if asked.get("Namespace") in (None, metric[0])
            and asked.get("MetricName") in (None, metric[1])
            and all(_has(metric[2], wanted) for wanted in asked.get("Dimensions", ()))
        ]
        return page_of(
            chosen,
            asked,
            result_key="Metrics",
            place=lambda metric: (f"{metric[0]} {metric[1]}", str(sorted(metric[2]))),
            show=lambda metric: {
                "Namespace": metric[0],
                "MetricName": metric[1],
                "Dimensions": [{"Name": name, "Value": value} for name, value in sorted(metric[2])],
            },
            default_size=_PAGE,
        )

    # --- what is known -----------------------------------------------------------------------------------------------

    def _keep(self, region: str, sample: _Sample) -> None:
        once = replace(sample, moment=float(sample.moment // 1), times=1.0)
        kept = self._samples.setdefault(region, {})
        kept[once] = kept.get(once, 0.0) + sample.times

    def _all(self, region: str) -> Iterator[_Sample]:
        for sample, times in self._samples.get(region, {}).items():
            yield replace(sample, times=times)
        for job in self._world[TrainingJobs].records(region):
            dimensions = frozenset({("TrainingJobName", job.name)})
            for name, (value, moment) in job.metrics.items():
                yield _Sample(_TRAINING, name, dimensions, self._world.epoch(moment), value)

    def _wish(self, metric: tuple[str, str, _Dimensions], start: Any, end: Any, period: int, unit: str | None) -> _Wish:
        wish = _Wish(metric, to_epoch(start), to_epoch(end), period, unit)
        if wish.start >= wish.end:
            raise AnsweredError(
                "InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime."
            )
        if period < 1 or (period % 60 and period not in _SHORT_PERIODS):
            raise AnsweredError("InvalidParameterValue", f"The parameter Period must be a multiple of 60: {period}")
        points = math.ceil((wish.end - wish.start) / period)
        if points > _MOST_POINTS:
            raise AnsweredError(
                "InvalidParameterCombination",
                f"You have requested up to {points} datapoints, which exceeds the limit of {_MOST_POINTS}. You may "
                "reduce the datapoints requested by increasing Period, or decreasing the time range.",
            )
        return wish

    def _buckets(self, region: str, wish: _Wish) -> list[tuple[float, list[_Sample]]]:
        """Group the samples by period, the earliest first."""
        found: dict[float, list[_Sample]] = {}
        for sample in self._all(region):
            if wish.takes(sample):
                start = sample.moment // wish.period * wish.period
                found.setdefault(float(start), []).append(sample)
        return sorted(found.items())


def _samples(namespace: str, entry: Mapping[str, Any], now: float) -> Iterator[_Sample]:
    """Yield the samples of one entry of PutMetricData: a value, values with counts, or statistics of many."""
    moment = to_epoch(entry["Timestamp"]) if "Timestamp" in entry else now
    unit, dimensions = entry.get("Unit", "None"), _dimensions(entry.get("Dimensions", ()))

    def sample(value: float, times: float = 1.0) -> _Sample:
        return _Sample(namespace, entry["MetricName"], dimensions, moment, float(value), times, unit)

    if "Value" in entry:
        yield sample(entry["Value"])
    values = entry.get("Values", ())
    for value, times in zip(values, entry.get("Counts", [1.0] * len(values)), strict=False):
        yield sample(value, times)
    if "StatisticValues" in entry:
        yield from _of_sums(entry["StatisticValues"], sample)


def _of_sums(sums: Mapping[str, float], sample: Callable[[float, float], _Sample]) -> Iterator[_Sample]:
    """Yield samples with these statistics: the minimum, the maximum, and equal values that make up the rest."""
    count, total = sums["SampleCount"], sums["Sum"]
    if count < 2:
        yield sample(total / count if count else total, count)
        return
    yield sample(sums["Minimum"], 1.0)
    yield sample(sums["Maximum"], 1.0)
    if count > 2:
        yield sample((total - sums["Minimum"] - sums["Maximum"]) / (count - 2), count - 2)


def _statistic(name: str, samples: Sequence[_Sample]) -> float:
    count = sum(sample.times for sample in samples)
    total = sum(sample.value * sample.times for sample in samples)
    values = [sample.value for sample in samples]
    usual = {
        "SampleCount": count,
        "Sum": total,
        "Average": total / count if count else 0.0,
        "Minimum": min(values),
        "Maximum": max(values),
    }
    if name in usual:
        return usual[name]
    if not (name.startswith("p") and name[1:].replace(".", "", 1).isdigit() and float(name[1:]) <= 100):
        raise AnsweredError("InvalidParameterValue", f"LocalSageMaker has no statistic {name!r}")
    return _percentile(samples, float(name[1:]) / 100 * count)


def _percentile(samples: Sequence[_Sample], below: float) -> float:
    """Return the least value that at least `below` samples do not exceed."""
    ordered = sorted(samples, key=lambda sample: sample.value)
    seen = 0.0
    for sample in ordered:
        seen += sample.times
        if seen >= below:
            return sample.value
    return ordered[-1].value


def _dimensions(given: Sequence[Mapping[str, str]]) -> _Dimensions:
    return frozenset((each["Name"], each["Value"]) for each in given)


def _has(dimensions: _Dimensions, wanted: Mapping[str, str]) -> bool:
    return any(name == wanted["Name"] and wanted.get("Value") in (None, value) for name, value in dimensions)
