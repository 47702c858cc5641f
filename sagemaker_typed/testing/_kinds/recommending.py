"""Inference recommendation jobs with their recommendations and steps, and optimization jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._generic.resource import GenericRecord, GenericResource
from sagemaker_typed.testing._listing import page_in_order
from sagemaker_typed.testing._resource import Call, Handler

__all__ = ["InferenceRecommendationsJobs", "OptimizationJobs"]

_INSTANCES = ("ml.c5.xlarge", "ml.m5.large", "ml.g4dn.xlarge")
_METRICS = {
    "CostPerHour": 0.25,
    "CostPerInference": 0.00001,
    "MaxInvocations": 500,
    "ModelLatency": 40,
    "CpuUtilization": 60.0,
    "MemoryUtilization": 30.0,
    "ModelSetupTime": 90,
}


class InferenceRecommendationsJobs(GenericResource):
    """Recommendation jobs. A completed job recommends the requested instances, or three common ones."""

    def operations(self) -> Mapping[str, Handler]:
        return {
            **super().operations(),
            "ListInferenceRecommendationsJobSteps": self._steps,
            "GetScalingConfigurationRecommendation": self._scaling,
        }

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        return {"InferenceRecommendations": self._benchmarks(record)} if record.status == "COMPLETED" else {}

    def _benchmarks(self, record: GenericRecord) -> list[dict[str, Any]]:
        asked = record.document["InputConfig"].get("EndpointConfigurations", ())
        instances = [each["InstanceType"] for each in asked if "InstanceType" in each] or list(_INSTANCES)
        return [
            {
                "RecommendationId": f"{record.short}/{record.identifier[:8]}{number}",
                "Metrics": _METRICS,
                "EndpointConfiguration": {
                    "EndpointName": f"sm-epc-{record.identifier[:8]}{number}",
                    "VariantName": f"sm-epc-{record.identifier[:8]}{number}",
                    "InstanceType": instance,
                    "InitialInstanceCount": 1,
                },
                "ModelConfiguration": {"EnvironmentParameters": []},
            }
            for number, instance in enumerate(instances)
        ]

    def _steps(self, call: Call) -> Mapping[str, Any]:
        record = self.find(call)
        asked = call.parameters
        done = record.status == "COMPLETED"
        steps = [
            {
                "StepType": "BENCHMARK",
                "JobName": record.short,
                "Status": record.status,
                **({"InferenceBenchmark": _without_id(each)} if done else {}),
            }
            for each in (self._benchmarks(record) if record.status != "PENDING" else ())
        ]
        chosen = [step for step in steps if asked.get("Status") in (None, step["Status"])]
        return page_in_order(chosen, asked, result_key="Steps")

    def _scaling(self, call: Call) -> Mapping[str, Any]:
        asked = call.parameters
        record = self.find(
            Call(call.operation, call.region, {"JobName": asked["InferenceRecommendationsJobName"]}, call.now)
        )
        if record.status != "COMPLETED":
            raise AnsweredError("ValidationException", self._wrong_status(record))
        chosen = asked.get("RecommendationId"), asked.get("EndpointName")
        for each in self._benchmarks(record):
            names = each["RecommendationId"], each["EndpointConfiguration"]["EndpointName"]
            if all(wish in (None, name) for wish, name in zip(chosen, names, strict=True)):
                return {
                    **asked,
                    "Metric": {"InvocationsPerInstance": _METRICS["MaxInvocations"], "ModelLatency": 40},
                    "DynamicScalingConfiguration": _scaling_of(asked),
                }
        raise self.world.not_found(call.operation, f"Could not find recommendation '{chosen[0] or chosen[1]}'.")


class OptimizationJobs(GenericResource):
    """Optimization jobs. A list shows the kinds of optimization of each job."""

    def extra(self, record: GenericRecord) -> Mapping[str, Any]:
        configs = record.document["OptimizationConfigs"]
        names = [name.removeprefix("Model").removesuffix("Config") for each in configs for name in each]
        return {"OptimizationTypes": names}


def _without_id(benchmark: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in benchmark.items() if name != "RecommendationId"}


def _scaling_of(asked: Mapping[str, Any]) -> dict[str, Any]:
    target = float(asked.get("TargetCpuUtilizationPerCore", 50))
    policy = {
        "TargetTracking": {
            "MetricSpecification": {"Predefined": {"PredefinedMetricType": "CPU"}},
            "TargetValue": target,
        }
    }
    return {
        "MinCapacity": 1,
        "MaxCapacity": 4,
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 300,
        "ScalingPolicies": [policy],
    }
