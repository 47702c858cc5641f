"""What the service's messages mean, over real HTTP: the class of the error, and the resource that it is about.

The messages are those that people reported in public; the overlay names the sources. What each means is written down here.
"""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any, NamedTuple

import pytest

from sagemaker_typed import SageMaker, errors, from_boto3
from sagemaker_typed._core.joined import ours
from sagemaker_typed._core.service import Meaning
from sagemaker_typed.errors import ApiError
from sagemaker_typed.types._service import SERVICE
from tests.contract import model
from tests.support.model_server import ModelServer

NOT_FOUND = errors.ResourceNotFoundError
EXISTS = errors.ResourceAlreadyExistsError
IN_USE = errors.ResourceInUseError
CONFLICT = errors.ConflictError
INVALID = errors.ValidationError

VALIDATION = "ValidationException"
ARN = "arn:aws:sagemaker:us-west-2:123456789012:"


class Case(NamedTuple):
    operation: str
    message: str
    cls: type[ApiError]
    kind: str | None = None
    name: str | None = None
    arn: str | None = None
    status: str | None = None
    code: str = VALIDATION
    busy: bool = False
    """Whether the same call may succeed later."""

    def __str__(self) -> str:
        return f"{self.operation}: {self.message[:60]}"


MISSING = [
    Case(
        "UpdateEndpoint", f'Could not find endpoint "{ARN}endpoint/e".', NOT_FOUND, "endpoint", "e", f"{ARN}endpoint/e"
    ),
    Case(
        "UpdateEndpoint",
        f'Could not find endpoint configuration "{ARN}endpoint-config/c".',
        NOT_FOUND,
        "endpoint configuration",
        "c",
        f"{ARN}endpoint-config/c",
    ),
    Case("DeleteEndpointConfig", "Could not find endpoint_config 'c'.", NOT_FOUND, "endpoint configuration", "c"),
    Case("DeleteModel", "Could not find model 'm'.", NOT_FOUND, "model", "m"),
    Case(
        "CreateModel",
        "Could not find model data at s3://bucket/m.tar.gz.",
        NOT_FOUND,
        "model data",
        "s3://bucket/m.tar.gz",
    ),
    Case(
        "DescribeProcessingJob",
        f"Could not find requested job with name: {ARN}processing-job/p",
        NOT_FOUND,
        "processing job",
        "p",
        f"{ARN}processing-job/p",
    ),
    Case("StopTransformJob", "Could not find job to update with name t", NOT_FOUND, "job", "t"),
    Case("DescribeAutoMLJob", "Could not find AutoML job with name a.", NOT_FOUND, "AutoML job", "a"),
    Case("DescribePipeline", "Could not find pipeline with PipelineName p.", NOT_FOUND, "pipeline", "p"),
    Case("DescribeClusterNode", "Could not find node 'i-1' in cluster 'c'.", NOT_FOUND, "node", "i-1"),
    Case("DescribeModel", "Could not find it.", NOT_FOUND),
    Case(
        "DescribeHyperParameterTuningJob",
        "Amazon SageMaker can't find a tuning job with the name h.",
        NOT_FOUND,
        "hyperparameter tuning job",
        "h",
        code="ResourceNotFound",
    ),
    Case(
        "DescribeHyperParameterTuningJob",
        "Amazon SageMaker can't find a tuning job. Check the name.",
        NOT_FOUND,
        "hyperparameter tuning job",
        code="ResourceNotFound",
    ),
    Case(
        "DescribeFeatureGroup",
        "Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name f.",
        NOT_FOUND,
        "feature group",
        "f",
        code="ResourceNotFound",
    ),
    Case(
        "DescribeFeatureGroup",
        "Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name [my-group].",
        NOT_FOUND,
        "feature group",
        "my-group",
        code="ResourceNotFound",
    ),
    Case(
        "UpdateCodeRepository",
        f'Cannot find CodeRepository: "{ARN}code-repository/r"',
        NOT_FOUND,
        "code repository",
        "r",
        f"{ARN}code-repository/r",
    ),
    Case("GetModelPackageGroupPolicy", "Cannot find Model Package Group: g", NOT_FOUND, "model package group"),
    Case("GetModelPackageGroupPolicy", "Cannot find resource policy", NOT_FOUND, "resource policy"),
    Case("GetModelPackageGroupPolicy", "Cannot find it", NOT_FOUND),
    Case("StopTrainingJob", "Requested resource not found.", NOT_FOUND),
    Case("StopNotebookInstance", "RecordNotFound", NOT_FOUND),
    Case("DescribeDevice", "No device with name: d in fleet f", NOT_FOUND, "device", "d"),
    Case("DescribeDeviceFleet", "No devicefleet with name: f", NOT_FOUND, "device fleet", "f"),
    Case("DeleteWorkforce", "No workforce found for given WorkforceName: w", NOT_FOUND, "workforce", "w"),
    Case(
        "DescribeWorkteam",
        f'The work team "{ARN}workteam/private-crowd/w" was not found.',
        NOT_FOUND,
        "workteam",
        "private-crowd/w",
        f"{ARN}workteam/private-crowd/w",
    ),
    Case(
        "DeleteNotebookInstanceLifecycleConfig",
        f"Unable to delete Notebook Instance Lifecycle Config '{ARN}notebook-instance-lifecycle-config/n'. "
        "(Details: Notebook Instance Lifecycle Config does not exist.)",
        NOT_FOUND,
        "notebook instance lifecycle config",
        "n",
        f"{ARN}notebook-instance-lifecycle-config/n",
    ),
    Case("CreateModelPackage", "Model Package Group does not exist.", NOT_FOUND, "model package group"),
    Case(
        "CreateModelPackage",
        "An error ocurred (ValidationException) when calling the CreateModelPackage operation: "
        "Model Package Group does not exist.",
        NOT_FOUND,
        "model package group",
    ),
    Case(
        "UpdateModelPackage",
        f"ModelPackage {ARN}model-package/g/1 does not exist.",
        NOT_FOUND,
        "model package",
        "g/1",
        f"{ARN}model-package/g/1",
    ),
    Case(
        "CreateFlowDefinition",
        f"The specified Workteam '{ARN}workteam/private-crowd/w' does not exist or you do not have access to it.",
        NOT_FOUND,
        "workteam",
        "private-crowd/w",
        f"{ARN}workteam/private-crowd/w",
    ),
    Case("DescribeProject", "Project p does not exist.", NOT_FOUND, "project", "p"),
    Case("DescribeHub", "Hub with name h does not exist.", NOT_FOUND, "hub", "h", code="ResourceNotFound"),
    Case("DescribeDomain", "Domain [d-1] does not exist.", NOT_FOUND, "domain", "d-1", code="ResourceNotFound"),
    Case("DescribeModelCard", "Modelcard m does not exist.", NOT_FOUND, "model card", "m", code="ResourceNotFound"),
    Case(
        "DescribePipelineExecution",
        f"Pipeline execution '{ARN}pipeline/p/execution/abc' does not exist.",
        NOT_FOUND,
        "pipeline execution",
        "abc",
        f"{ARN}pipeline/p/execution/abc",
        code="ResourceNotFound",
    ),
    Case(
        "DeleteTrial",
        f"Trial '{ARN}experiment-trial/t' does not exist.",
        NOT_FOUND,
        "trial",
        "t",
        f"{ARN}experiment-trial/t",
        code="ResourceNotFound",
    ),
    Case(
        "DescribeImageVersion",
        "Latest ImageVersion with ImageName i does not exist. Please provide a valid ImageName.",
        NOT_FOUND,
        "image version",
        code="ResourceNotFound",
    ),
    Case("DescribeModelPackage", "Model package m not found", NOT_FOUND, "model package", "m"),
    Case("DescribeModelPackage", "The thing was not found", NOT_FOUND),
    Case("DescribeProject", "That does not exist", NOT_FOUND),
    Case("DescribeDomain", "gone", NOT_FOUND, code="ResourceNotFound"),
]

TAKEN = [
    Case(
        "CreateEndpoint",
        f'Cannot create already existing endpoint "{ARN}endpoint/e".',
        EXISTS,
        "endpoint",
        "e",
        f"{ARN}endpoint/e",
    ),
    Case(
        "CreateEndpointConfig",
        f'Cannot create already existing endpoint configuration "{ARN}endpoint-config/c".',
        EXISTS,
        "endpoint configuration",
        "c",
        f"{ARN}endpoint-config/c",
    ),
    Case("CreateModel", "Cannot create already existing model.", EXISTS),
    Case(
        "CreateNotebookInstance",
        f"Cannot create a duplicate Notebook Instance ({ARN}notebook-instance/n)",
        EXISTS,
        "notebook instance",
        "n",
        f"{ARN}notebook-instance/n",
    ),
    Case(
        "CreateNotebookInstanceLifecycleConfig",
        f"Unable to create Notebook Instance Lifecycle Config {ARN}notebook-instance-lifecycle-config/n. "
        "(Details: Notebook Instance Lifecycle Config already exists.)",
        EXISTS,
        "notebook instance lifecycle config",
        "n",
        f"{ARN}notebook-instance-lifecycle-config/n",
    ),
    Case(
        "CreateTrainingJob",
        "Training job names must be unique within an AWS account and region, and a training job with this name "
        f"already exists ({ARN}training-job/t)",
        EXISTS,
        "training job",
        "t",
        f"{ARN}training-job/t",
        code="ResourceInUse",
    ),
    Case(
        "CreateProcessingJob",
        "Job name must be unique within an AWS account and region, and a job with this name already exists "
        f"({ARN}processing-job/p)",
        EXISTS,
        "processing job",
        "p",
        f"{ARN}processing-job/p",
        code="ResourceInUse",
    ),
    Case(
        "CreatePipeline",
        "Pipeline names must be unique within an AWS account and region. Pipeline with name (p) already exists.",
        EXISTS,
        "pipeline",
        "p",
    ),
    Case("CreateExperiment", "Experiment names must be unique within an AWS account and region.", EXISTS, "experiment"),
    Case("CreateTrial", "Trial with name (t) already exists.", EXISTS, "trial", "t"),
    Case("CreateTrialComponent", "Trial component with name (t) already exists.", EXISTS, "trial component", "t"),
    Case(
        "CreateModelPackageGroup",
        f"Model Package Group already exists: {ARN}model-package-group/g",
        EXISTS,
        "model package group",
        "g",
        f"{ARN}model-package-group/g",
    ),
    Case("CreateModelPackage", "Model Package already exists", EXISTS, "model package"),
    Case(
        "CreateFeatureGroup",
        "Resource Already Exists: FeatureGroup with name f already exists. Choose a different name.\n"
        "Info: Feature Group 'f' already exists.",
        EXISTS,
        "feature group",
        "f",
        code="ResourceInUse",
    ),
    Case(
        "CreateImage",
        "The Image with ImageName i already exists. Please use a different ImageName.",
        EXISTS,
        "image",
        "i",
        code="ResourceInUse",
    ),
    Case("CreateAppImageConfig", "The ID or Name specified is already in use.", EXISTS, code="ResourceInUse"),
    Case("CreateModelCard", "Modelcard m already exists", EXISTS, "model card", "m", code="ConflictException"),
    Case("CreateHub", "A hub of this name already exists.", EXISTS),
    Case("CreateHub", "Something is there.\nIt already exists.", EXISTS, code="ResourceInUse"),
]

BUSY = [
    Case(
        operation,
        f'Cannot update in-progress endpoint "{ARN}endpoint/e".',
        IN_USE,
        "endpoint",
        "e",
        f"{ARN}endpoint/e",
        busy=True,
    )
    for operation in ("UpdateEndpoint", "DeleteEndpoint", "UpdateEndpointWeightsAndCapacities")
]
BUSY += [
    Case("UpdateEndpoint", "Cannot update in-progress endpoint", IN_USE, busy=True),
    Case(
        "StartNotebookInstance",
        f"Status (Stopping) not in ([Stopped, Failed]). Unable to transition to (Pending) for Notebook Instance "
        f"({ARN}notebook-instance/n)",
        IN_USE,
        "notebook instance",
        "n",
        f"{ARN}notebook-instance/n",
        "Stopping",
        busy=True,
    ),
    Case(
        "StopNotebookInstance",
        f"Status (Pending) not in ([InService]). Unable to transition to (Stopping) for Notebook Instance "
        f"({ARN}notebook-instance/n).",
        IN_USE,
        "notebook instance",
        "n",
        f"{ARN}notebook-instance/n",
        "Pending",
        busy=True,
    ),
    Case(
        "DeleteMonitoringSchedule",
        "Monitoring schedule in status Pending",
        IN_USE,
        "monitoring schedule",
        status="Pending",
        busy=True,
    ),
    Case("CreateImageVersion", "Resource was modified concurrently", IN_USE, code="ResourceInUse", busy=True),
    Case(
        "DeleteUserProfile",
        f"Unable to delete UserProfile [{ARN}user-profile/d-1/u] because App(s) are associated with it.",
        IN_USE,
        "user profile",
        "d-1/u",
        f"{ARN}user-profile/d-1/u",
        code="ResourceInUse",
    ),
    Case("DeleteDomain", "no", IN_USE, code="ResourceInUse"),
]

FORBIDDEN = [
    Case(
        "StopTrainingJob",
        "The request was rejected because the training job is in status Stopped.",
        CONFLICT,
        "training job",
        status="Stopped",
    ),
    Case(
        "StopTransformJob",
        "The request was rejected because the transform job is in status Completed",
        CONFLICT,
        "transform job",
        status="Completed",
    ),
    Case(
        "StopProcessingJob",
        "The request was rejected because the processing job p-1 is in status Failed.",
        CONFLICT,
        "processing job",
        "p-1",
        status="Failed",
    ),
    Case(
        "StopTrainingJob",
        "The request was rejected because the training job is in status Stopping.",
        CONFLICT,
        "training job",
        status="Stopping",
    ),
    Case(
        "StopPipelineExecution",
        "The request was rejected because the pipeline execution is in status Succeeded.",
        CONFLICT,
        status="Succeeded",
    ),
    Case(
        "StopNotebookInstance",
        f"Status (Failed) not in ([InService]). Unable to transition to (Stopping) for Notebook Instance "
        f"({ARN}notebook-instance/n).",
        CONFLICT,
        "notebook instance",
        "n",
        f"{ARN}notebook-instance/n",
        "Failed",
    ),
    Case(
        "StopNotebookInstance",
        f"Status (Stopping) not in ([InService]). Unable to transition to (Stopping) for Notebook Instance "
        f"({ARN}notebook-instance/n).",
        CONFLICT,
        "notebook instance",
        "n",
        f"{ARN}notebook-instance/n",
        "Stopping",
    ),
    Case(
        "DeleteNotebookInstance",
        f"Status (InService) not in ([Stopped, Failed]). Unable to transition to (Deleting) for Notebook Instance "
        f"({ARN}notebook-instance/n)",
        CONFLICT,
        "notebook instance",
        "n",
        f"{ARN}notebook-instance/n",
        "InService",
    ),
    Case(
        "StopNotebookInstance",
        "Status (Stopped) not in ([InService]). Unable to transition to (Stopping) for Notebook",
        CONFLICT,
        status="Stopped",
    ),
    Case(
        "UpdateEndpoint",
        f'Cannot update failed endpoint "{ARN}endpoint/e".',
        CONFLICT,
        "endpoint",
        "e",
        f"{ARN}endpoint/e",
    ),
    Case(
        "DeleteEndpoint",
        "Cannot delete endpoint with inference component associated. Please delete inference component and try it again.",
        CONFLICT,
        "endpoint",
    ),
    Case("CreateImageVersion", "Image i is in an invalid state.", CONFLICT, "image", "i"),
    Case(
        "CreateWorkforce",
        "Cannot create more than one workforce for account 123456789012. If you are trying to update existing workforce, "
        "please use UpdateWorkforce API",
        CONFLICT,
        "workforce",
    ),
    Case("DeleteMonitoringSchedule", "Monitoring schedule in status Failed", CONFLICT, status="Failed"),
    Case("UpdateModelCard", "no", CONFLICT, code="ConflictException"),
]

MALFORMED = [
    Case(
        operation,
        f"1 validation error detected: Value '{value}' at 'name' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        INVALID,
    )
    for operation in ("CreateModel", "UpdateEndpoint", "DeleteEndpoint", "StopTrainingJob", "StopNotebookInstance")
    for value in (
        "a_b",
        "it does not exist",
        "it already exists",
        "a b not found",
        "Cannot update in-progress endpoint",
        "is in status Stopped",
    )
]
MALFORMED += [
    Case(
        "CreateEndpointConfig",
        "2 validation errors detected: Value 'x already exists' at 'endpointConfigName' failed to satisfy constraint: "
        "Member must have length less than or equal to 63; Value null at 'productionVariants' is not in status",
        INVALID,
    ),
    Case("CreateTrainingJob", "No S3 objects found under S3 URL", INVALID),
    # The same words from operations that do not say them.
    Case("DescribeEndpoint", "The ID or Name specified is already in use.", INVALID),
    Case("DescribeEndpoint", "Image i is in an invalid state.", INVALID),
    Case("DescribeEndpoint", "No device with name: d", INVALID),
    Case("UpdateEndpoint", "A variant of this name already exists.", INVALID),
]
CASES = [*MISSING, *TAKEN, *BUSY, *FORBIDDEN, *MALFORMED]


def caught(case: Case, server: ModelServer, sm: SageMaker) -> Any:
    server.respond_error(case.operation, case.code, case.message)
    request = from_boto3(model.request_class(case.operation), model.minimal_request(case.operation))
    with pytest.raises(ApiError) as found:
        sm.send(request)
    return found.value


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_message_means(case: Case, server: ModelServer, sm: SageMaker) -> None:
    error = caught(case, server, sm)
    each: Any
    for each in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert [cls for cls in (NOT_FOUND, EXISTS, IN_USE, CONFLICT, INVALID) if isinstance(each, cls)] == [
            cls for cls in (NOT_FOUND, EXISTS, IN_USE, CONFLICT, INVALID) if issubclass(case.cls, cls)
        ]
        assert (each.code, each.message, each.operation) == (case.code, case.message, case.operation)
        assert each.retryable is case.busy
        if case.cls is not INVALID:
            assert (each.kind, each.name, each.arn, each.status) == (case.kind, case.name, case.arn, case.status)


def test_each_wording_of_the_overlay_has_a_case() -> None:
    """The first pattern that matches counts, so each needs a message that none before it takes."""
    meant: dict[type[ApiError], str] = {
        INVALID: "malformed",
        NOT_FOUND: "not_found",
        EXISTS: "already_exists",
        IN_USE: "in_use",
        CONFLICT: "conflict",
    }
    for cls, name in meant.items():
        meaning: Meaning = getattr(SERVICE.wording, name)
        used = {
            next((phrase.pattern for phrase in meaning.phrases if re.match(phrase.pattern, case.message)), None)
            for case in CASES
            if case.cls is cls
        }
        assert {phrase.pattern for phrase in meaning.phrases} <= used


def test_boto3_clauses_catch_what_a_message_means(server: ModelServer, boto: Any, borrowed: SageMaker) -> None:
    """The class that boto3 raises stands for the code, ours for the meaning."""
    taken = next(case for case in TAKEN if case.code == "ConflictException")
    error = caught(taken, server, borrowed)
    assert isinstance(error, boto.exceptions.ConflictException)
    assert isinstance(error, EXISTS)


def test_a_loop_over_a_busy_endpoint_ends_when_the_endpoint_has_settled(server: ModelServer, sm: SageMaker) -> None:
    busy = f'Cannot update in-progress endpoint "{ARN}endpoint/e".'
    server.respond_error("UpdateEndpoint", VALIDATION, busy, times=2)
    server.respond_error("UpdateEndpoint", VALIDATION, f'Cannot update failed endpoint "{ARN}endpoint/e".')
    assert [caught_update(sm) for _ in range(3)] == [(IN_USE, True), (IN_USE, True), (CONFLICT, False)]


def caught_update(sm: SageMaker) -> tuple[type[Any], bool]:
    with pytest.raises(ApiError) as found:
        sm.endpoints.update("e", endpoint_config_name="c")
    return ours(type(found.value)), found.value.retryable


def test_an_upsert_tells_a_missing_endpoint_from_a_missing_configuration(server: ModelServer, sm: SageMaker) -> None:
    def upsert() -> str:
        try:
            sm.endpoints.update("e", endpoint_config_name="c")
        except errors.ResourceNotFoundError as error:
            if error.kind != "endpoint":
                raise
            sm.endpoints.create("e", endpoint_config_name="c")
            return "created"
        return "updated"

    server.respond_error("UpdateEndpoint", VALIDATION, f'Could not find endpoint "{ARN}endpoint/e".', times=1)
    assert upsert() == "created"
    missing = f'Could not find endpoint configuration "{ARN}endpoint-config/c".'
    server.respond_error("UpdateEndpoint", VALIDATION, missing, times=1)
    with pytest.raises(errors.ResourceNotFoundError) as found:
        upsert()
    assert (found.value.kind, found.value.name) == ("endpoint configuration", "c")
    assert upsert() == "updated"
    assert [request.operation for request in server.requests].count("CreateEndpoint") == 1
