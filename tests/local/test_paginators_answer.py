"""Every paginator of botocore about what is really there, where nothing may be answered with a sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed.testing import LocalSageMaker
from tests.contract.model import PAGINATORS
from tests.local.checked import checked_client, service_model
from tests.local.lives import Lives
from tests.local.support import HandClock
from tests.support import samples

OWNERS = {
    "AutoMLJobName": "AutoMLJob",
    "ClusterArn": "Cluster",
    "ClusterName": "Cluster",
    "DeviceFleetName": "DeviceFleet",
    "EdgeDeploymentPlanName": "EdgeDeploymentPlan",
    "HubContentName": "HubContent",
    "HubContentType": "HubContent",
    "HubName": "Hub",
    "HyperParameterTuningJobName": "HyperParameterTuningJob",
    "Identifier": "GlobalInferenceGateway",
    "ImageName": "Image",
    "JobCategory": "Job",
    "JobName": "InferenceRecommendationsJob",
    "ModelCardName": "ModelCard",
    "MonitoringScheduleName": "MonitoringSchedule",
    "PipelineName": "Pipeline",
    "TrainingPlanArn": "TrainingPlan",
}
"""What has to be there for a list of what belongs to it."""


@pytest.fixture(scope="module")
def peopled() -> Iterator[Lives]:
    clock = HandClock()
    with LocalSageMaker(strict=True, clock=clock, every=1) as local:
        yield Lives(checked_client(local), lambda: clock.forward(20))


def own_names(lives: Lives, operation: str) -> dict[str, Any]:
    """The request, about what is really there."""
    shape = service_model().operation_model(operation).input_shape
    request: dict[str, Any] = samples.minimal(shape)
    for member in dict.fromkeys([*shape.required_members, *({"PipelineExecutionArn"} & set(shape.members))]):
        if member in OWNERS:
            known = lives.one(OWNERS[member])
            request[member] = known.get(member, known.get("Id"))
        elif member == "PipelineExecutionArn":
            name = lives.one("Pipeline")["PipelineName"]
            started = lives.call("StartPipelineExecution", {"PipelineName": name, "ClientRequestToken": operation * 2})
            request[member] = started[member]
        elif member == "ResourceArn":
            request[member] = lives.one("Hub")["HubArn"]
        elif member == "ReservedCapacityArn":
            plan = lives.call(
                "DescribeTrainingPlan", {"TrainingPlanName": lives.one("TrainingPlan")["TrainingPlanName"]}
            )
            request[member] = plan["ReservedCapacitySummaries"][0][member]
        elif member == "StageName":
            plan_name = lives.one("EdgeDeploymentPlan")["EdgeDeploymentPlanName"]
            stage = {
                "StageName": "first",
                "DeviceSelectionConfig": {"DeviceSubsetType": "PERCENTAGE", "Percentage": 50},
            }
            lives.call("CreateEdgeDeploymentStage", {"EdgeDeploymentPlanName": plan_name, "Stages": [stage]})
            request[member] = "first"
    return request


@pytest.mark.parametrize("operation", sorted(PAGINATORS))
def test_every_paginator_answers_about_what_is_there(peopled: Lives, operation: str) -> None:
    request = own_names(peopled, operation)
    pages = list(peopled.client.get_paginator(xform_name(operation)).paginate(**request))
    assert pages
    assert not pages[-1].get("NextToken")
