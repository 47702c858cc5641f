"""The metrics that programs put on trial components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagemaker_typed.testing._kinds._measures import Measure, statistic
from sagemaker_typed.testing._kinds.experiments import TrialComponents
from sagemaker_typed.testing._resource import Call, Handler, World
from sagemaker_typed.testing._validation import to_epoch

__all__ = ["Metrics"]

_PERIODS = {"OneMinute": 60, "FiveMinute": 300, "OneHour": 3600}


class Metrics:
    def __init__(self, world: World) -> None:
        self._world = world

    def operations(self) -> Mapping[str, Handler]:
        return {"BatchPutMetrics": self._put, "BatchGetMetrics": self._get}

    def _put(self, call: Call) -> Mapping[str, Any]:
        component = self._world[TrialComponents].get(call.region, call.parameters["TrialComponentName"])
        data = call.parameters["MetricData"]
        if component is None:
            return {"Errors": [{"Code": "VALIDATION_ERROR", "MetricIndex": index} for index in range(len(data))]}
        for entry in data:
            moment = to_epoch(entry["Timestamp"])
            component.measures.append(Measure(entry["MetricName"], float(entry["Value"]), moment, entry.get("Step")))
        component.modified = call.now
        return {}

    def _get(self, call: Call) -> Mapping[str, Any]:
        return {"MetricQueryResults": [self._result(call, query) for query in call.parameters["MetricQueries"]]}

    def _result(self, call: Call, query: Mapping[str, Any]) -> Mapping[str, Any]:
        component = self._world[TrialComponents].get(call.region, query["ResourceArn"])
        by_step = query["XAxisType"] == "IterationNumber"
        if component is None:
            return _refused(f"There is no trial component {query['ResourceArn']}")
        if by_step != (query["Period"] == "IterationNumber"):
            return _refused("The period IterationNumber goes with the axis IterationNumber, and with no other")
        measures = [measure for measure in component.measures if measure.name == query["MetricName"]]
        places: dict[int, list[Measure]] = {}
        for measure in measures:
            place = measure.step if by_step else _begin(measure.moment, _PERIODS[query["Period"]])
            if place is not None and query.get("Start", place) <= place <= query.get("End", place):
                places.setdefault(place, []).append(measure)
        axis = sorted(places)
        values = [statistic(query["MetricStat"], places[place]) for place in axis]
        return {"Status": "Complete", "XAxisValues": axis, "MetricValues": values}


def _begin(moment: float, seconds: int) -> int:
    """Return the start of a moment's period, in seconds since 1970."""
    return int(moment // seconds * seconds)


def _refused(message: str) -> Mapping[str, Any]:
    nothing: Sequence[float] = []
    return {"Status": "ValidationError", "Message": message, "XAxisValues": nothing, "MetricValues": nothing}
