"""What programs read of the service's answers: its status messages, what it fills in, its refusals, its words.

The texts here are the service's, from its reference and from public reports; LocalSageMaker's own stand in `testing/`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore import xform_name

from sagemaker_typed import SageMaker, errors, from_boto3, types
from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._model import load_model
from tests.local.checked import checked_client, service_model
from tests.local.families import (
    AUTO_ML,
    ENDPOINT,
    ENDPOINT_CONFIG,
    FLOW,
    JOBS,
    MODEL,
    NOTEBOOK,
    PROCESSING,
    ROLE,
    TRAINING,
    TRANSFORM,
    TUNING,
    Family,
    by_kind,
    endpoint_config_body,
    make_endpoint_config,
    make_model,
    tuning_body,
)
from tests.local.support import HandClock, error_of, lacks, request
from tests.support import samples


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return checked_client(local)


@pytest.fixture
def typed(local: LocalSageMaker) -> SageMaker:
    return local.client()


# --- status messages --------------------------------------------------------------------------------------------------

# As the SDK prints them of a job, and as DescribeTrainingJob holds them in the end.
LAST = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
}


def messages(sm: Any) -> dict[str, str]:
    return {
        each["Status"]: each["StatusMessage"] for each in TRAINING.describe(sm, "job")["SecondaryStatusTransitions"]
    }


def test_each_transition_has_its_message(sm: Any, clock: HandClock) -> None:
    TRAINING.create(sm, "job")
    assert messages(sm) == {"Starting": "Starting the training job"}
    clock.forward(1)
    assert messages(sm) == {name: LAST[name] for name in ("Starting", "Downloading")}
    clock.forward(10)
    assert messages(sm) == LAST


@pytest.mark.parametrize(
    ("states", "last"),
    [
        (["InProgress/Training", ("Failed", "AlgorithmError: NaN")], ("Failed", "Training job failed")),
        (["InProgress/Training", "Stopping"], ("Stopping", "Stopping the training job")),
        (["InProgress/Training", "Stopped"], ("Stopped", "Training job stopped")),
    ],
)
def test_the_messages_of_other_ends(
    local: LocalSageMaker, sm: Any, clock: HandClock, states: list[Any], last: tuple[str, str]
) -> None:
    local.script(TRAINING.kind, "*", states)
    TRAINING.create(sm, "job")
    clock.forward(10)
    assert list(messages(sm).items())[-1] == last


def test_no_secondary_status_is_without_a_message(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    words = list(load_model().enum("SecondaryStatus"))
    local.script(TRAINING.kind, "*", [f"InProgress/{word}" for word in words])
    TRAINING.create(sm, "job")
    clock.forward(100)
    said = messages(sm)
    assert list(said) == words
    assert all(said.values())
    assert said["LaunchingMLInstances"] == "Launching requested ML instances"


# --- what is filled in ------------------------------------------------------------------------------------------------

CHANNEL = {
    "ChannelName": "train",
    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/in"}},
}
CHANNEL_FILLED = {
    "CompressionType": "None",
    "RecordWrapperType": "None",
    "DataSource": {"S3DataSource": {"S3DataDistributionType": "FullyReplicated"}},
}
OFF = dict.fromkeys(
    ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining"), False
)
PROCESSED = {
    "InputName": "in",
    "S3Input": {"S3Uri": "s3://models/in", "LocalPath": "/opt/in", "S3DataType": "S3Prefix"},
}


@pytest.mark.parametrize(
    ("family", "asked", "filled"),
    [
        (
            TRAINING,
            {"InputDataConfig": [CHANNEL]},
            {
                **OFF,
                "InputDataConfig": [CHANNEL_FILLED],
                "OutputDataConfig": {"KmsKeyId": ""},
                "AlgorithmSpecification": {"EnableSageMakerMetricsTimeSeries": False},
                "ProfilingStatus": "Disabled",
            },
        ),
        (
            TUNING,
            tuning_body(definition={"InputDataConfig": [CHANNEL]}),
            {
                "HyperParameterTuningJobConfig": {"TrainingJobEarlyStoppingType": "Off"},
                "TrainingJobDefinition": {
                    **OFF,
                    "InputDataConfig": [CHANNEL_FILLED],
                    "OutputDataConfig": {"KmsKeyId": ""},
                    "StaticHyperParameters": {"_tuning_objective_metric": "loss", "seed": "7"},
                },
            },
        ),
        (
            PROCESSING,
            {"ProcessingInputs": [PROCESSED]},
            {
                "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
                "ProcessingInputs": [{"AppManaged": False, "S3Input": {"S3CompressionType": "None"}}],
            },
        ),
        (
            TRANSFORM,
            {},
            {
                "TransformInput": {"CompressionType": "None", "SplitType": "None"},
                "TransformOutput": {"AssembleWith": "None", "KmsKeyId": ""},
                "DataProcessing": {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"},
            },
        ),
        (
            MODEL,
            {"PrimaryContainer": {"Image": "image"}},
            {"EnableNetworkIsolation": False, "PrimaryContainer": {"Mode": "SingleModel"}},
        ),
        (
            ENDPOINT_CONFIG,
            {"ProductionVariants": endpoint_config_body()["ProductionVariants"]},
            {"EnableNetworkIsolation": False, "ProductionVariants": [{"InitialVariantWeight": 1.0}]},
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Family) else "",
)
def test_what_the_service_fills_in(sm: Any, family: Family, asked: dict[str, Any], filled: dict[str, Any]) -> None:
    if family is ENDPOINT_CONFIG:
        make_model(sm)
    family.create(sm, "one", **asked)
    found = family.describe(sm, "one")
    assert lacks(found, filled) == []
    assert lacks(found, {**family.body, **asked}) == []


def test_what_was_said_is_not_overwritten(sm: Any) -> None:
    body = {
        "OutputDataConfig": {"S3OutputPath": "s3://models/out", "KmsKeyId": "key"},
        "EnableManagedSpotTraining": True,
    }
    body["StoppingCondition"] = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    TRAINING.create(sm, "job", **body)
    assert lacks(TRAINING.describe(sm, "job"), body) == []


# --- endpoints in progress --------------------------------------------------------------------------------------------


def in_progress(local: LocalSageMaker, sm: Any, clock: HandClock, state: str) -> None:
    local.reset()
    make_endpoint_config(sm)
    ENDPOINT.create(sm, "busy")
    if state != "Creating":
        clock.forward(1)
        local.script(ENDPOINT.kind, "busy", [state, "InService"], on="now")
    assert ENDPOINT.status(sm, "busy") == state


@pytest.mark.parametrize("state", ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_an_endpoint_in_progress_refuses(
    local: LocalSageMaker, sm: Any, typed: SageMaker, clock: HandClock, state: str
) -> None:
    in_progress(local, sm, clock, state)
    wish = types.DesiredWeightAndCapacity(variant_name="main", desired_weight=0.5)
    calls: list[Callable[[], object]] = [
        lambda: typed.endpoints.delete("busy"),
        lambda: typed.endpoints.update("busy", endpoint_config_name="config"),
        lambda: typed.endpoints.update_weights_and_capacities("busy", desired_weights_and_capacities=[wish]),
    ]
    for call in calls:
        with pytest.raises(
            errors.ResourceInUseError, match='Cannot update in-progress endpoint "arn:aws:sagemaker:'
        ) as caught:
            call()
        assert (caught.value.retryable, caught.value.name) == (True, "busy")
    assert ENDPOINT.status(sm, "busy") == state


def test_an_endpoint_at_rest_is_deleted(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    for state in ("InService", "Failed", "OutOfService", "UpdateRollbackFailed"):
        in_progress(local, sm, clock, "Creating")
        local.script(ENDPOINT.kind, "busy", [state], on="now")
        sm.delete_endpoint(EndpointName="busy")
        assert ENDPOINT.status(sm, "busy") == "Deleting"


# --- Neo --------------------------------------------------------------------------------------------------------------

SHAPE = '{"input0": [1, 3, 224, 224]}'
UNTAR = "ClientError: InputConfiguration: Unable to untar input model. Please confirm the model is a tar.gz file"
NO_SHAPE = "ClientError: InputConfiguration: We are unable to extract DataInputConfig from the model"


def compiled(sm: Any, clock: HandClock, device: str = "ml_c5", **source: Any) -> tuple[str, str]:
    config = {"S3Uri": "s3://models/in/resnet.tar.gz", "Framework": "PYTORCH", "DataInputConfig": SHAPE, **source}
    given = {name: value for name, value in config.items() if value is not None}
    output = {"S3OutputLocation": "s3://models/out", "TargetDevice": device}
    sm.create_compilation_job(**request("job", InputConfig=given, OutputConfig=output))
    clock.forward(10)
    job = sm.describe_compilation_job(CompilationJobName="job")
    return job["CompilationJobStatus"], job["FailureReason"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({"S3Uri": "s3://models/in/resnet.pth"}, UNTAR),
        ({"S3Uri": "s3://models/in/resnet.tar"}, UNTAR),
        ({"Framework": "KERAS", "DataInputConfig": None}, NO_SHAPE),
        ({"Framework": "TENSORFLOW", "DataInputConfig": None}, NO_SHAPE),
        ({"Framework": "MXNET", "DataInputConfig": None}, NO_SHAPE),
        ({"FrameworkVersion": "1.13", "DataInputConfig": None}, NO_SHAPE),
        ({"device": "jetson_nano", "DataInputConfig": None}, NO_SHAPE),
        ({"DataInputConfig": "input0: [1, 3, 224, 224]"}, "ClientError: InputConfiguration: DataInputConfig"),
        (
            {"Framework": "TENSORFLOW", "DataInputConfig": "[[1, 224, 224, 3]]"},
            "ClientError: InputConfiguration: DataInputConfig",
        ),
    ],
)
def test_neo_fails(sm: Any, clock: HandClock, source: dict[str, Any], reason: str) -> None:
    status, said = compiled(sm, clock, **source)
    assert status == "FAILED"
    assert said.startswith(reason)


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"DataInputConfig": None},
        {"FrameworkVersion": "2.0", "DataInputConfig": None},
        {"Framework": "XGBOOST", "DataInputConfig": None},
        {"DataInputConfig": "[[1, 3, 224, 224]]"},
        {"DataInputConfig": "{'input0': [1, 3, 224, 224]}"},
        {"DataInputConfig": r"{\"input0\": [1, 3, 224, 224]}"},
        {"Framework": "TENSORFLOW", "FrameworkVersion": "2.9"},
        {"device": "ml_inf1", "FrameworkVersion": "1.9.1"},
        {"S3Uri": "https://models.s3.us-west-2.amazonaws.com/in/resnet.tar.gz"},
    ],
)
def test_neo_compiles(sm: Any, clock: HandClock, source: dict[str, Any]) -> None:
    assert compiled(sm, clock, **source) == ("COMPLETED", "")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"device": "ml_inf1", "FrameworkVersion": "1.13"}, "Unsupported framework version 1.13 for target ml_inf1"),
        ({"Framework": "KERAS", "FrameworkVersion": "2.2.4"}, "Unsupported framework version field"),
    ],
)
def test_neo_refuses(sm: Any, clock: HandClock, source: dict[str, Any], message: str) -> None:
    code, said, http = error_of(lambda: compiled(sm, clock, **source))
    assert (code, http) == ("ValidationException", 400)
    assert message in said


def test_a_script_is_followed_to_the_letter(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("compilation_job", "*", ["INPROGRESS", "COMPLETED"])
    assert compiled(sm, clock, S3Uri="s3://models/in/resnet.pth") == ("COMPLETED", "")


# --- words that the typed client knows --------------------------------------------------------------------------------

EVERY = [*(family for family in (*JOBS, MODEL, ENDPOINT_CONFIG, ENDPOINT, NOTEBOOK, FLOW))]


@pytest.mark.parametrize("family", EVERY, ids=by_kind)
def test_a_name_that_is_taken(sm: Any, typed: SageMaker, family: Family) -> None:
    family.needs(sm)
    family.create(sm, "one")
    with pytest.raises(errors.ResourceAlreadyExistsError) as caught:
        typed.send(from_boto3(input_of(f"Create{family.noun}"), {family.name_member: "one", **family.body}))
    assert caught.value.name in (None, "one")


PIPELINE = {"PipelineDefinition": "{}", "RoleArn": ROLE, "ClientRequestToken": "t" * 32}
FEATURES = {
    "RecordIdentifierFeatureName": "id",
    "EventTimeFeatureName": "at",
    "FeatureDefinitions": [
        {"FeatureName": "id", "FeatureType": "String"},
        {"FeatureName": "at", "FeatureType": "String"},
    ],
    "OnlineStoreConfig": {"EnableOnlineStore": True},
}


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("CreateExperiment", {"ExperimentName": "one"}),
        ("CreateTrial", {"TrialName": "one", "ExperimentName": "one"}),
        ("CreateTrialComponent", {"TrialComponentName": "one"}),
        ("CreatePipeline", {"PipelineName": "one", **PIPELINE}),
        ("CreateModelPackageGroup", {"ModelPackageGroupName": "one"}),
        ("CreateModelPackage", {"ModelPackageName": "one"}),
        ("CreateFeatureGroup", {"FeatureGroupName": "one", **FEATURES}),
    ],
)
def test_another_name_that_is_taken(typed: SageMaker, operation: str, body: dict[str, Any]) -> None:
    if operation == "CreateTrial":
        typed.experiments.create("one")
    typed.send(from_boto3(input_of(operation), body))
    again = {**body, **({"ClientRequestToken": "u" * 32} if "ClientRequestToken" in body else {})}
    with pytest.raises(errors.ResourceAlreadyExistsError) as caught:
        typed.send(from_boto3(input_of(operation), again))
    assert "already exists" in caught.value.message
    assert caught.value.name == "one"


def input_of(operation: str) -> Any:
    return getattr(types, service_model().operation_model(operation).input_shape.name)


VERBS = {
    "CompilationJob": "Describe Delete Stop",
    "TrainingJob": "Describe Delete Stop Update",
    "ProcessingJob": "Describe Delete Stop",
    "TransformJob": "Describe Stop",
    "HyperParameterTuningJob": "Describe Delete Stop",
    "AutoMLJob": "Describe Stop",
    "Model": "Describe Delete",
    "EndpointConfig": "Describe Delete",
    "Endpoint": "Describe Delete",
    "NotebookInstance": "Describe Delete Start Stop Update",
    "FlowDefinition": "Describe Delete",
    "ModelPackageGroup": "Describe Delete",
    "ModelPackage": "Describe Delete",
    "Pipeline": "Describe Delete Update",
    "PipelineExecution": "Describe Stop Retry Update",
    "Experiment": "Describe Delete Update",
    "Trial": "Describe Delete Update",
    "TrialComponent": "Describe Delete Update",
    "FeatureGroup": "Describe Delete Update",
}
MISSING = [f"{verb}{noun}" for noun, verbs in VERBS.items() for verb in verbs.split()]


@pytest.mark.parametrize(
    "operation", [*MISSING, "UpdateEndpoint", "CreateEndpoint", "CreateTrial", "StartPipelineExecution"]
)
def test_a_name_that_is_missing(typed: SageMaker, operation: str) -> None:
    shape = service_model().operation_model(operation).input_shape
    body = samples.minimal(shape)
    arn = "arn:aws:sagemaker:us-west-2:123456789012:pipeline/p/execution/abcdefghijkl"
    body |= {
        name: arn if name == "PipelineExecutionArn" else "none"
        for name in body
        if name.endswith(("Name", "ExecutionArn"))
    }
    with pytest.raises(errors.ResourceNotFoundError):
        typed.send(from_boto3(input_of(operation), body))


@pytest.mark.parametrize("family", [family for family in JOBS if family is not AUTO_ML], ids=by_kind)
def test_a_job_whose_status_forbids_it(sm: Any, typed: SageMaker, clock: HandClock, family: Family) -> None:
    family.create(sm, "resnet")
    if family is not TRANSFORM:
        with pytest.raises(errors.ResourceInUseError) as busy:
            typed.send(from_boto3(input_of(f"Delete{family.noun}"), {family.name_member: "resnet"}))
        assert (busy.value.name, busy.value.retryable) == ("resnet", True)
    clock.forward(10)
    with pytest.raises(errors.ConflictError) as caught:
        typed.send(from_boto3(input_of(f"Stop{family.noun}"), {family.name_member: "resnet"}))
    assert (caught.value.name, caught.value.status) == ("resnet", "Completed")


def test_what_holds_others_is_a_conflict(typed: SageMaker) -> None:
    typed.model_package_groups.create("g")
    typed.model_packages.create(model_package_group_name="g")
    typed.pipelines.create("p", pipeline_definition="{}", role_arn=ROLE)
    run = typed.send(types.StartPipelineExecutionRequest(pipeline_name="p", client_request_token="t" * 32))
    calls: list[Callable[[], object]] = [
        lambda: typed.model_package_groups.delete("g"),
        lambda: typed.pipelines.delete("p"),
        lambda: typed.api.retry_pipeline_execution(pipeline_execution_arn=str(run.pipeline_execution_arn)),
    ]
    for call in calls:
        with pytest.raises(errors.ConflictError):
            call()


# --- the surroundings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bucket", ["a", "ab"])
def test_a_name_that_no_bucket_can_have_is_one_line(
    sm: Any, clock: HandClock, caplog: pytest.LogCaptureFixture, bucket: str
) -> None:
    TRAINING.create(sm, "job", OutputDataConfig={"S3OutputPath": f"s3://{bucket}/out"})
    clock.forward(10)
    with caplog.at_level(logging.WARNING):
        assert TRAINING.status(sm, "job") == "Completed"
    (record,) = [record for record in caplog.records if record.name.startswith("sagemaker_typed.testing")]
    assert bucket in record.getMessage()
    assert record.exc_info is None


def test_the_environment_leads_to_it(local: LocalSageMaker, sm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    TRAINING.create(sm, "job")
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL_SAGEMAKER", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    variables = local.environment()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert variables["AWS_DEFAULT_REGION"] == variables["AWS_REGION"] == local.region
    session = boto3.Session()
    for service in ("sagemaker", "s3"):
        client: Any = session.client(service)
        assert client.meta.endpoint_url == local.url
        assert client.meta.region_name == local.region
        client.close()
    client = session.client("sagemaker")
    assert client.describe_training_job(TrainingJobName="job")["TrainingJobName"] == "job"
    client.close()
    with SageMaker() as typed:
        assert typed.training_jobs.describe("job").training_job_name == "job"


# --- what programs read, found by running them ------------------------------------------------------------------------

# As aws-controllers-k8s/sagemaker-controller (generator.yaml), aws/aws-sdk #165 and amazon-sagemaker-examples #1540 have them.
UNKNOWN_JOBS = {
    "TrainingJob": ("ValidationException", "Requested resource not found."),
    "ProcessingJob": ("ValidationException", "Could not find requested job with name: "),
    "TransformJob": ("ValidationException", "Could not find requested job with name: "),
    "HyperParameterTuningJob": ("ResourceNotFound", "Amazon SageMaker can't find a tuning job called nobody. "),
}


@pytest.mark.parametrize("noun", UNKNOWN_JOBS)
@pytest.mark.parametrize("verb", ["describe", "stop"])
def test_an_unknown_job_is_refused_in_the_words_of_its_kind(sm: Any, noun: str, verb: str) -> None:
    method = getattr(sm, xform_name(f"{verb.capitalize()}{noun}"))
    code, message, status = error_of(method, **{f"{noun}Name": "nobody"})
    assert (code, status) == (UNKNOWN_JOBS[noun][0], 400)
    assert message.startswith(UNKNOWN_JOBS[noun][1])


def test_a_tuning_job_says_its_resources_in_both_forms(sm: Any) -> None:
    """The SDK sends HyperParameterTuningResourceConfig, and reads ResourceConfig when it attaches."""
    body = tuning_body(HyperParameterTuningJobName="tuned")
    definition = body["TrainingJobDefinition"]
    resources = definition["HyperParameterTuningResourceConfig"] = definition.pop("ResourceConfig")
    sm.create_hyper_parameter_tuning_job(**body)
    shown = sm.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="tuned")["TrainingJobDefinition"]
    assert shown["ResourceConfig"] == shown["HyperParameterTuningResourceConfig"] == resources


@pytest.mark.parametrize(
    ("framework", "target", "image"),
    [
        ("PYTORCH", "ml_c5", "sagemaker-inference-pytorch:2.0-cpu-py3"),
        ("PYTORCH", "ml_g4dn", "sagemaker-inference-pytorch:2.0-gpu-py3"),
        ("PYTORCH", "jetson_nano", None),
        ("ONNX", "ml_c5", None),
    ],
)
def test_a_model_compiled_for_the_cloud_has_an_image(
    sm: Any, clock: HandClock, framework: str, target: str, image: str | None
) -> None:
    source = {
        "S3Uri": "s3://elsewhere/model.tar.gz",
        "Framework": framework,
        "DataInputConfig": '{"input0": [1, 3, 224, 224]}',
        **({"FrameworkVersion": "2.0"} if framework == "PYTORCH" else {}),
    }
    output = {"S3OutputLocation": "s3://models/out", "TargetDevice": target}
    sm.create_compilation_job(**request("compiled", InputConfig=source, OutputConfig=output))
    assert "InferenceImage" not in sm.describe_compilation_job(CompilationJobName="compiled")
    clock.forward(60)
    said = sm.describe_compilation_job(CompilationJobName="compiled")
    assert said["CompilationJobStatus"] == "COMPLETED"
    registry = "123456789012.dkr.ecr.us-west-2.amazonaws.com"
    assert said.get("InferenceImage") == (image and f"{registry}/{image}")


def test_an_automl_candidate_can_be_deployed(sm: Any, clock: HandClock) -> None:
    sm.create_auto_ml_job(
        AutoMLJobName="auto",
        InputDataConfig=[
            {
                "TargetAttributeName": "y",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/in"}},
            }
        ],
        OutputDataConfig={"S3OutputPath": "s3://models/out"},
        RoleArn=ROLE,
    )
    clock.forward(60)
    candidate = sm.describe_auto_ml_job(AutoMLJobName="auto")["BestCandidate"]
    containers = candidate["InferenceContainers"]
    sm.create_model(ModelName="auto", ExecutionRoleArn=ROLE, Containers=containers)
    shown = sm.describe_model(ModelName="auto")["Containers"]
    assert [row["ModelDataUrl"] for row in shown] == ["s3://models/out/auto/model.tar.gz"]
