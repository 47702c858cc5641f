"""Which wait follows a request that creates or starts a resource, read off botocore's own model."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.model import ServiceModel

from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.resources.waitable import WAITABLE, waiter_of
from sagemaker_typed.structure import members_of, operation_of
from sagemaker_typed.types._service import SERVICE
from tests.codegen.sketch import Sketch, blank, complaints, plan_of

MODEL = ServiceModel(
    botocore.session.get_session().get_component("data_loader").load_service_model("sagemaker", "service-2")
)
# Operations that create something and nothing to wait for: links, and settings that are there at once.
NOTHING_TO_WAIT_FOR = {
    "CreateAIWorkloadConfig", "CreateAppImageConfig", "CreateArtifact", "CreateClusterExtension", "CreateCodeRepository",
    "CreateContext", "CreateDataQualityJobDefinition", "CreateDeviceFleet", "CreateEdgeDeploymentPlan",
    "CreateEdgeDeploymentStage", "CreateEndpointConfig", "CreateExperiment", "CreateHubContentPresignedUrls",
    "CreateHubContentReference", "CreateModel", "CreateModelBiasJobDefinition", "CreateModelCard",
    "CreateModelExplainabilityJobDefinition", "CreateModelQualityJobDefinition", "CreateNotebookInstanceLifecycleConfig",
    "CreatePartnerAppPresignedUrl", "CreatePresignedDomainUrl", "CreatePresignedMlflowAppUrl",
    "CreatePresignedMlflowTrackingServerUrl", "CreatePresignedNotebookInstanceUrl", "CreateStudioLifecycleConfig",
    "CreateTrainingSession", "CreateTrial", "CreateTrialComponent", "CreateWorkforce", "CreateWorkteam",
    "StartClusterHealthCheck", "StartEdgeDeploymentStage", "StartSession",
}  # fmt: skip


def test_every_creation_and_start_runs_or_has_nothing_to_wait_for() -> None:
    named = {name for name in MODEL.operation_names if name.startswith(("Create", "Start"))}
    assert named - RUNS.keys() == NOTHING_TO_WAIT_FOR
    assert RUNS.keys() <= named


def wires(cls: Any) -> dict[str, str]:
    return {member.field: member.wire for member in members_of(cls)}


@pytest.mark.parametrize("name", sorted(RUNS))
def test_a_run_can_be_described_and_stopped(name: str) -> None:
    run = RUNS[name]
    given = set(MODEL.operation_model(name).input_shape.members)
    describe = SERVICE.types.find(run.describe)
    model = MODEL.operation_model(operation_of(describe).name).input_shape
    filled = {wires(describe)[field] for field in (*run.fields, *filter(None, [run.into]))}
    assert set(model.required_members) <= filled
    assert {wires(describe)[field] for field in run.fields} <= given
    if run.answer is not None:
        output = MODEL.operation_model(name).output_shape
        response = SERVICE.types.find(output.name)
        assert wires(response)[run.answer] in output.members
    waiter = waiter_of(run.group, run.state)
    assert not waiter.gone
    assert run.state in WAITABLE[run.group].states
    if run.stop is not None:
        stop = MODEL.operation_model(operation_of(SERVICE.types.find(run.stop)).name).input_shape
        tokens = {name for name, member in stop.members.items() if member.metadata.get("idempotencyToken")}
        assert set(stop.required_members) - tokens <= filled  # boto3 makes tokens up
    if run.find is not None:
        listing = MODEL.operation_model(operation_of(SERVICE.types.find(run.find.list)).name)
        assert set(listing.input_shape.required_members) <= {
            wires(SERVICE.types.find(run.find.list))[f] for f in run.find.scope
        }


def sketch() -> Sketch:
    drawn = Sketch().enum("WidgetStatus", "Creating", "Ready")
    return drawn.resource("Widget", gives={"WidgetStatus": "WidgetStatus", "Version": "String"})


READY = {"widgets": {"status": "WidgetStatus", "ready": {"pending": ["Creating"], "success": ["Ready"]}}}


def test_a_creation_leads_to_the_main_state_of_its_group() -> None:
    waiters = {"defaults": {"timeout": 10, "poll": [1, 2]}, **READY}
    (run,) = plan_of(sketch(), blank(waiters=waiters)).runs
    assert (run.operation.name, run.waiter.state, run.starts) == ("CreateWidget", "ready", False)
    assert [field.wire for field in run.name] == ["WidgetName"]


def test_a_creation_that_does_not_name_its_resource_needs_a_decision() -> None:
    drawn = sketch()
    drawn.shapes["DescribeWidgetRequest"]["members"]["Box"] = {"shape": "String"}
    drawn.shapes["DescribeWidgetRequest"].setdefault("required", []).append("Box")
    waiters = {"defaults": {"timeout": 10, "poll": [1, 2]}, **READY}
    (said,) = complaints(drawn, blank(waiters=waiters))
    assert said.startswith("CreateWidget does not give all that DescribeWidget needs")
    assert complaints(drawn, blank(waiters={**waiters, "runs": {"without": {"CreateWidget": "why"}}})) == []
