"""Rules between fields: for each one a request that breaks it and one that keeps it, written from AWS's pages."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sagemaker_typed
from sagemaker_typed import from_boto3, types
from sagemaker_typed._core.rules import predicate
from sagemaker_typed._core.validate import check
from sagemaker_typed.errors import InvalidRequestError, InvalidRequestWarning, Problem
from sagemaker_typed.structure import Request, Structure, members_of, rules_of

OVERLAY = Path(sagemaker_typed.__file__).parent / "codegen" / "overlay" / "rules.toml"
ROLE = "arn:aws:iam::123456789012:role/SageMaker"


def compilation(**changes: Any) -> Request[Any]:
    plain: dict[str, Any] = {
        "CompilationJobName": "resnet-c5",
        "RoleArn": ROLE,
        "InputConfig": {
            "S3Uri": "s3://models/model.tar.gz",
            "Framework": "PYTORCH",
            "DataInputConfig": '{"input0": [1, 3, 224, 224]}',
        },
        "OutputConfig": {"S3OutputLocation": "s3://models/out/", "TargetDevice": "ml_c5"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 900},
    }
    return from_boto3(types.CreateCompilationJobRequest, _changed(plain, changes))


def transform(**changes: Any) -> Request[Any]:
    plain: dict[str, Any] = {
        "TransformJobName": "cats",
        "ModelName": "cats",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/in"}}},
        "TransformOutput": {"S3OutputPath": "s3://models/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    return from_boto3(types.CreateTransformJobRequest, _changed(plain, changes))


DEFINITION = "validation_specification.validation_profiles[0].transform_job_definition"


def validated(**changes: Any) -> Request[Any]:
    """A package whose validation transforms."""
    plain: dict[str, Any] = {
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/in"}}},
        "TransformOutput": {"S3OutputPath": "s3://models/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    profile = {"ProfileName": "p", "TransformJobDefinition": _changed(plain, changes)}
    specification = {"ValidationRole": ROLE, "ValidationProfiles": [profile]}
    return from_boto3(types.CreateModelPackageInput, {"ValidationSpecification": specification})


def training(**changes: Any) -> Request[Any]:
    plain: dict[str, Any] = {
        "TrainingJobName": "cats",
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingInputMode": "File", "TrainingImage": "image"},
        "OutputDataConfig": {"S3OutputPath": "s3://models/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 900},
    }
    return from_boto3(types.CreateTrainingJobRequest, _changed(plain, changes))


def endpoint_config(*variants: dict[str, Any], **more: Any) -> Request[Any]:
    plain = {"EndpointConfigName": "cats", "ProductionVariants": [{"VariantName": "A", **each} for each in variants]}
    return from_boto3(types.CreateEndpointConfigInput, plain | more)


def request(cls: type[Structure], **plain: Any) -> Callable[..., Any]:
    """Makes requests of a class that differ in what they are called with."""
    return lambda **changes: from_boto3(cls, _changed(plain, changes))


def _changed(plain: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`InputConfig__S3Uri` stands for a member below; None takes a member away."""
    plain = deepcopy(plain)
    for path, value in changes.items():
        *above, last = path.split("__")
        inside = plain
        for name in above:
            inside = inside.setdefault(name, {})
        if value is None:
            inside.pop(last, None)
        else:
            inside[last] = value
    return plain


def at(hour: int) -> datetime:
    return datetime(2026, 1, 1, hour, tzinfo=UTC)


listing = request(types.ListCompilationJobsRequest)
update = request(types.UpdateEndpointInput, EndpointName="cats", EndpointConfigName="cats-2")
weights = request(types.UpdateEndpointWeightsAndCapacitiesInput, EndpointName="cats")
components = request(types.ListTrialComponentsRequest)
notebook = request(
    types.CreateNotebookInstanceInput, NotebookInstanceName="n", InstanceType="ml.t3.medium", RoleArn=ROLE
)
workforce = request(types.CreateWorkforceRequest, WorkforceName="w")
package = request(types.CreateModelPackageInput)
offerings = request(types.SearchTrainingPlanOfferingsRequest, DurationHours=1)
trial_component = request(types.CreateTrialComponentRequest, TrialComponentName="c")
auto_ml = request(
    types.CreateAutoMLJobV2Request,
    AutoMLJobName="a",
    AutoMLJobInputDataConfig=[{"ChannelType": "training"}],
    OutputDataConfig={"S3OutputPath": "s3://models/out"},
    AutoMLProblemTypeConfig={"TextGenerationJobConfig": {}},
    RoleArn=ROLE,
)
add_tags = request(types.AddTagsInput, ResourceArn="arn:aws:sagemaker:us-west-2:123456789012:endpoint/cats")


def search(*filters: dict[str, Any], **more: Any) -> Request[Any]:
    return from_boto3(
        types.SearchRequest,
        {"Resource": "TrainingJob", "SearchExpression": {**({"Filters": list(filters)} if filters else {}), **more}},
    )


def conditions(count: int) -> list[dict[str, Any]]:
    return [{"Name": f"Name{number}", "Operator": "Equals", "Value": "x"} for number in range(count)]


def nested(count: int) -> Request[Any]:
    """`count` conditions, over sub-expressions and nested filters."""
    parts = conditions(count)
    inner = {"NestedPropertyName": "InputDataConfig", "Filters": parts[:15]}
    deep = {"Filters": parts[15:30], "SubExpressions": [{"Filters": parts[30:45]}]}
    return search(*parts[45:], NestedFilters=[inner], SubExpressions=[deep])


NOT_EXISTS = {"Operator": "NotExists", "Value": "y"}
SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 5}}
OIDC = {
    "ClientId": "c", "ClientSecret": "s", "Issuer": "https://i", "AuthorizationEndpoint": "https://a",
    "TokenEndpoint": "https://t", "UserInfoEndpoint": "https://u", "LogoutEndpoint": "https://l", "JwksUri": "https://j",
}  # fmt: skip
GREEN = {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}
ROLLING = {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}, "WaitIntervalInSeconds": 0}
PLATFORM = {"Os": "LINUX", "Arch": "ARM64"}
PACKAGE_ARN = "arn:aws:sagemaker:us-west-2:123456789012:model-package/cats/1"


def schedule(**timing: str) -> Request[Any]:
    return from_boto3(
        types.UpdateMonitoringScheduleRequest,
        {
            "MonitoringScheduleName": "s",
            "MonitoringScheduleConfig": {"ScheduleConfig": {"ScheduleExpression": "NOW", **timing}},
        },
    )


def tuning(**algorithm: Any) -> Request[Any]:
    return from_boto3(
        types.CreateHyperParameterTuningJobRequest,
        {
            "HyperParameterTuningJobName": "t",
            "HyperParameterTuningJobConfig": {
                "Strategy": "Bayesian",
                "ResourceLimits": {"MaxParallelTrainingJobs": 1},
                **algorithm.pop("Config", {}),
            },
            "TrainingJobDefinition": {
                "AlgorithmSpecification": {"TrainingInputMode": "File", **algorithm},
                "RoleArn": ROLE,
                "OutputDataConfig": {"S3OutputPath": "s3://models/out"},
                "StoppingCondition": {},
            },
        },
    )


def processing(**cluster: Any) -> Request[Any]:
    return from_boto3(
        types.CreateProcessingJobRequest,
        {
            "ProcessingJobName": "p",
            "ProcessingResources": {"ClusterConfig": {"VolumeSizeInGB": 1, **cluster}},
            "AppSpecification": {"ImageUri": "image"},
            "RoleArn": ROLE,
        },
    )


def ranges(low: str, high: str) -> dict[str, Any]:
    return {"ParameterRanges": {"ContinuousParameterRanges": [{"Name": "x", "MinValue": low, "MaxValue": high}]}}


def component(**more: Any) -> Request[Any]:
    requirements = {"MinMemoryRequiredInMb": 1024, **more}
    return from_boto3(
        types.CreateInferenceComponentInput,
        {
            "InferenceComponentName": "c",
            "EndpointName": "cats",
            "Specification": {"ComputeResourceRequirements": requirements},
        },
    )


# What breaks a rule, where, which rule, and the other field that the problem names.
BROKEN: list[tuple[Request[Any], str, str, str]] = [
    (
        compilation(OutputConfig__TargetPlatform=PLATFORM),
        "output_config.target_device", "exactly_one", "output_config.target_platform",
    ),
    (
        compilation(OutputConfig__TargetDevice=None),
        "output_config.target_device", "exactly_one", "output_config.target_platform",
    ),
    (
        compilation(OutputConfig__TargetDevice=None, OutputConfig__TargetPlatform=PLATFORM | {"Accelerator": "NVIDIA"}),
        "output_config.target_platform.accelerator", "requires", "output_config.compiler_options",
    ),
    (compilation(ModelPackageVersionArn=PACKAGE_ARN), "input_config", "at_most_one", "model_package_version_arn"),
    (compilation(InputConfig__S3Uri="s3://models/model.zip"), "input_config.s3_uri", "suffix", ".tar.gz"),
    (
        compilation(InputConfig__Framework="ONNX", InputConfig__FrameworkVersion="1.8"),
        "input_config.framework_version", "requires", "input_config.framework",
    ),
    (
        compilation(StoppingCondition__MaxWaitTimeInSeconds=899),
        "stopping_condition.max_runtime_in_seconds", "order", "stopping_condition.max_wait_time_in_seconds",
    ),
    (transform(MaxConcurrentTransforms=5, MaxPayloadInMB=21), "max_concurrent_transforms", "product", "max_payload_in_mb"),
    (transform(MaxPayloadInMB=101), "max_payload_in_mb", "most", "100"),
    (validated(MaxPayloadInMB=101), f"{DEFINITION}.max_payload_in_mb", "most", "100"),
    (
        validated(MaxConcurrentTransforms=5, MaxPayloadInMB=21),
        f"{DEFINITION}.max_concurrent_transforms", "product", f"{DEFINITION}.max_payload_in_mb",
    ),
    (validated(BatchStrategy="MultiRecord"), f"{DEFINITION}.batch_strategy", "requires", "transform_input.split_type"),
    (transform(BatchStrategy="MultiRecord"), "batch_strategy", "requires", "transform_input.split_type"),
    (
        transform(BatchStrategy="MultiRecord", TransformInput__SplitType="None"),
        "batch_strategy", "requires", "transform_input.split_type",
    ),
    (endpoint_config({}, {}), "production_variants[1].variant_name", "unique", "production_variants[0].variant_name"),
    (
        endpoint_config({}, ShadowProductionVariants=[{"VariantName": "B"}, {"VariantName": "B"}]),
        "shadow_production_variants[1].variant_name", "unique", "shadow_production_variants[0].variant_name",
    ),
    (
        endpoint_config(SERVERLESS | {"InstanceType": "ml.m5.large"}),
        "production_variants[0].serverless_config", "excludes", "production_variants[0].instance_type",
    ),
    (
        endpoint_config({"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1, "ProvisionedConcurrency": 2}}),
        "production_variants[0].serverless_config.provisioned_concurrency", "order",
        "production_variants[0].serverless_config.max_concurrency",
    ),
    (
        endpoint_config({"ManagedInstanceScaling": {"MinInstanceCount": 3, "MaxInstanceCount": 2}}),
        "production_variants[0].managed_instance_scaling.min_instance_count", "order",
        "production_variants[0].managed_instance_scaling.max_instance_count",
    ),
    (
        endpoint_config(
            {},
            CrossRegionTrafficConfig={"MaxInvocationsPerSecondPerInstance": 1, "MaxCrossRegionPercentPerEndpoint": 5},
            AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://models/out"}},
        ),
        "cross_region_traffic_config", "excludes", "async_inference_config",
    ),
    (
        weights(DesiredWeightsAndCapacities=[{"VariantName": "A"}, {"VariantName": "A"}]),
        "desired_weights_and_capacities[1].variant_name", "unique", "desired_weights_and_capacities[0].variant_name",
    ),
    (
        update(ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}]),
        "exclude_retained_variant_properties", "requires", "retain_all_variant_properties",
    ),
    (
        update(
            ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}], RetainAllVariantProperties=False
        ),
        "exclude_retained_variant_properties", "requires", "retain_all_variant_properties",
    ),
    (
        update(DeploymentConfig={"BlueGreenUpdatePolicy": GREEN, "RollingUpdatePolicy": ROLLING}),
        "deployment_config.blue_green_update_policy", "at_most_one", "deployment_config.rolling_update_policy",
    ),
    (
        listing(CreationTimeAfter=at(2), CreationTimeBefore=at(1)),
        "creation_time_after", "time_order", "creation_time_before",
    ),
    (
        listing(LastModifiedTimeAfter=at(2), LastModifiedTimeBefore=at(1)),
        "last_modified_time_after", "time_order", "last_modified_time_before",
    ),
    (components(CreatedAfter=at(2), CreatedBefore=at(1)), "created_after", "time_order", "created_before"),
    (offerings(StartTimeAfter=at(2), EndTimeBefore=at(1)), "start_time_after", "time_order", "end_time_before"),
    (trial_component(StartTime=at(2), EndTime=at(1)), "start_time", "time_order", "end_time"),
    (components(ExperimentName="e", TrialName="t"), "experiment_name", "at_most_one", "trial_name"),
    (components(TrialName="t", SourceArn="arn:aws:sagemaker:x"), "trial_name", "at_most_one", "source_arn"),
    (
        trial_component(Parameters={"p": {"StringValue": "s", "NumberValue": 1.0}}),
        "parameters['p'].string_value", "at_most_one", "parameters['p'].number_value",
    ),
    (nested(51), "search_expression", "count", "sub_expressions"),
    (
        search({"Name": "Tags.x", "Operator": "Exists", "Value": "y"}),
        "search_expression.filters[0].operator", "excludes", "search_expression.filters[0].value",
    ),
    (
        search(NestedFilters=[{"NestedPropertyName": "A", "Filters": [{"Name": "A.B", **NOT_EXISTS}]}]),
        "search_expression.nested_filters[0].filters[0].operator", "excludes",
        "search_expression.nested_filters[0].filters[0].value",
    ),
    (
        training(AlgorithmSpecification__AlgorithmName="mine"),
        "algorithm_specification.training_image", "exactly_one", "algorithm_specification.algorithm_name",
    ),
    (
        training(AlgorithmSpecification__TrainingImage=None),
        "algorithm_specification.training_image", "exactly_one", "algorithm_specification.algorithm_name",
    ),
    (
        training(ResourceConfig__InstancePreferences=[{"InstanceType": "ml.m5.large"}]),
        "resource_config.instance_preferences", "excludes", "resource_config.instance_type",
    ),
    (
        processing(InstanceType="ml.m5.large", InstancePreferences=[{"InstanceType": "ml.m5.large"}]),
        "processing_resources.cluster_config.instance_preferences", "excludes",
        "processing_resources.cluster_config.instance_type",
    ),
    (
        tuning(TrainingImage="image", AlgorithmName="mine"),
        "training_job_definition.algorithm_specification.training_image", "at_most_one",
        "training_job_definition.algorithm_specification.algorithm_name",
    ),
    (
        tuning(TrainingImage="image", Config=ranges("1.5", "1e-3")),
        "hyper_parameter_tuning_job_config.parameter_ranges.continuous_parameter_ranges[0].min_value", "order",
        "hyper_parameter_tuning_job_config.parameter_ranges.continuous_parameter_ranges[0].max_value",
    ),
    (
        tuning(
            TrainingImage="image",
            Config={"StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 3, "MaxResource": 2}}},
        ),
        "hyper_parameter_tuning_job_config.strategy_config.hyperband_strategy_config.min_resource", "order",
        "hyper_parameter_tuning_job_config.strategy_config.hyperband_strategy_config.max_resource",
    ),
    (
        component(MaxMemoryRequiredInMb=1023),
        "specification.compute_resource_requirements.min_memory_required_in_mb", "order",
        "specification.compute_resource_requirements.max_memory_required_in_mb",
    ),
    (
        auto_ml(ModelDeployConfig={"AutoGenerateEndpointName": True, "EndpointName": "cats"}),
        "model_deploy_config.auto_generate_endpoint_name", "excludes", "model_deploy_config.endpoint_name",
    ),
    (
        package(ModelPackageGroupName="g", Tags=[{"Key": "k", "Value": "v"}]),
        "model_package_group_name", "excludes", "tags",
    ),
    (
        add_tags(Tags=[{"Key": "k", "Value": "1"}, {"Key": "l", "Value": "2"}, {"Key": "k", "Value": "3"}]),
        "tags[2].key", "unique", "tags[0].key",
    ),
    (
        schedule(DataAnalysisStartTime="-PT1H"),
        "monitoring_schedule_config.schedule_config.schedule_expression", "requires",
        "monitoring_schedule_config.schedule_config.data_analysis_end_time",
    ),
    (notebook(DirectInternetAccess="Disabled"), "direct_internet_access", "requires", "subnet_id"),
    (
        workforce(CognitoConfig={"UserPool": "us-west-2_abc", "ClientId": "c"}, OidcConfig=OIDC),
        "cognito_config", "at_most_one", "oidc_config",
    ),
    (
        trial_component(Parameters={"p": {"NumberValue": float("nan")}}),
        "parameters['p'].number_value", "finite", "nan",
    ),
    (
        weights(DesiredWeightsAndCapacities=[{"VariantName": "A", "DesiredWeight": float("inf")}]),
        "desired_weights_and_capacities[0].desired_weight", "finite", "inf",
    ),
]  # fmt: skip

KEPT: list[Request[Any]] = [
    compilation(),
    compilation(OutputConfig__TargetDevice=None, OutputConfig__TargetPlatform=PLATFORM),
    compilation(
        OutputConfig__TargetDevice=None,
        OutputConfig__TargetPlatform=PLATFORM | {"Accelerator": "NVIDIA"},
        OutputConfig__CompilerOptions="{'gpu-code': 'sm_72', 'trt-ver': '6.0.1', 'cuda-ver': '10.1'}",
    ),
    compilation(InputConfig=None, ModelPackageVersionArn=PACKAGE_ARN),
    compilation(InputConfig__FrameworkVersion="1.13"),
    compilation(InputConfig__DataInputConfig="[[1, 3, 224, 224]]"),
    compilation(InputConfig__Framework="XGBOOST", InputConfig__DataInputConfig=None),
    compilation(StoppingCondition__MaxWaitTimeInSeconds=900),
    compilation(StoppingCondition={"MaxWaitTimeInSeconds": 1}),
    transform(),
    transform(MaxConcurrentTransforms=4, MaxPayloadInMB=25),
    transform(MaxConcurrentTransforms=0, MaxPayloadInMB=100),
    transform(MaxConcurrentTransforms=100),
    transform(BatchStrategy="MultiRecord", TransformInput__SplitType="Line"),
    transform(BatchStrategy="SingleRecord"),
    endpoint_config({"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}, {"VariantName": "B"} | SERVERLESS),
    update(),
    update(RetainAllVariantProperties=True),
    update(
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}], RetainAllVariantProperties=True
    ),
    update(ExcludeRetainedVariantProperties=[], DeploymentConfig={"BlueGreenUpdatePolicy": GREEN}),
    listing(CreationTimeAfter=at(1), CreationTimeBefore=at(1)),
    listing(CreationTimeAfter=at(2), LastModifiedTimeBefore=at(1)),
    components(ExperimentName="e"),
    components(TrialName="t", CreatedAfter=at(1)),
    from_boto3(types.ListTrialsRequest, {"ExperimentName": "e", "TrialComponentName": "c"}),
    nested(50),
    search({"Name": "Tags.x", "Operator": "Exists"}, {"Name": "Tags.y", "Value": "z"}),
    training(),
    training(AlgorithmSpecification={"TrainingInputMode": "File", "AlgorithmName": "mine"}),
    tuning(TrainingImage="image", Config=ranges("1e-5", "1e-1")),
    tuning(TrainingImage="image", Config=ranges("-3", "${high}")),
    auto_ml(ModelDeployConfig={"AutoGenerateEndpointName": False, "EndpointName": "cats"}),
    auto_ml(ModelDeployConfig={"EndpointName": "cats"}),
    package(ModelPackageGroupName="g"),
    add_tags(Tags=[{"Key": "k", "Value": "1"}, {"Key": "K", "Value": "1"}]),
    notebook(DirectInternetAccess="Enabled"),
    notebook(DirectInternetAccess="Disabled", SubnetId="subnet-1"),
    weights(DesiredWeightsAndCapacities=[{"VariantName": "A", "DesiredWeight": 0.5}, {"VariantName": "B"}]),
]


def problems(request: Request[Any]) -> list[Problem]:
    """What `strict` refuses."""
    try:
        check(request, "strict")
    except InvalidRequestError as error:
        return list(error.problems)
    return []


def _id(value: Any) -> str:
    return value if isinstance(value, str) else type(value).__name__


@pytest.mark.parametrize(("request_", "path", "rule", "other"), BROKEN, ids=_id)
def test_what_breaks_a_rule_is_refused_on_strict(request_: Request[Any], path: str, rule: str, other: str) -> None:
    (problem,) = problems(request_)
    assert (problem.path, problem.rule) == (path, rule)
    assert other in problem.detail


@pytest.mark.parametrize(("request_", "path", "rule", "other"), BROKEN, ids=_id)
def test_and_warned_of_on_standard(request_: Request[Any], path: str, rule: str, other: str) -> None:
    with pytest.warns(InvalidRequestWarning) as told:
        check(request_, "standard")
    (warning,) = told
    assert path in str(warning.message)
    assert other in str(warning.message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(request_, "off")


@pytest.mark.parametrize("request_", KEPT, ids=_id)
def test_what_keeps_the_rules_is_not_spoken_of(request_: Request[Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(request_, "strict")
        check(request_, "standard")


def test_each_rule_of_the_overlay_is_broken_above() -> None:
    broken = {(type(value).__name__, kind) for request, _, rule, _ in BROKEN for value, kind in _met(request, rule)}
    with OVERLAY.open("rb") as file:
        rules = tomllib.load(file)["rules"]
    kinds = {"SearchTrainingPlanOfferingsRequest": "time_order"}
    wanted = {(name, kinds.get(name, rule["kind"])) for rule in rules for name in rule["on"]}
    assert wanted - broken == {("InputConfig", "json")}  # of which there is only ever a warning


def _met(value: Any, rule: str) -> Iterator[tuple[Any, str]]:
    """The structures of a request that have a rule of this kind."""
    if isinstance(value, Structure):
        if any(each.kind == rule for each in rules_of(type(value))):
            yield value, rule
        parts = [getattr(value, name) for name in type(value).__annotations__ if not name.startswith("_")]
    else:
        parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    for part in parts:
        yield from _met(part, rule)


def test_every_pair_of_the_model_has_its_rule() -> None:
    """Read from botocore's model, not from the overlay."""
    import botocore.session

    model: Any = botocore.session.get_session().get_service_model("sagemaker")
    found = 0
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        cls = getattr(types, shape.name, None) if shape else None
        for wire in shape.members if cls else ():
            other = wire.replace("After", "Before")
            if other != wire and other in shape.members:
                low, high = at(2), at(1)
                request = from_boto3(cls, {wire: low, other: high})
                assert "time_order" in {problem.rule for problem in problems(request)}, (operation, wire)
                found += 1
    assert found > 90


# --- texts that are to be JSON --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["{'input0': [1, 3, 224, 224]}", '{\\"input0\\":[1,3,224,224]}', "['a']"])
@pytest.mark.parametrize("level", ["standard", "strict"])
def test_a_data_input_config_with_other_quotes_is_warned_of_and_sent(text: str, level: Any) -> None:
    """AWS's own pages show dicts in single quotes."""
    with pytest.warns(InvalidRequestWarning, match=r"input_config\.data_input_config: .* is not JSON: ") as told:
        check(compilation(InputConfig__DataInputConfig=text), level)
    assert "json.dumps" in str(told[0].message)


@pytest.mark.parametrize("text", ["[" * 5000, "x", "{", "{'a': f()}", "'a'"], ids=len)
def test_a_data_input_config_that_is_no_json_is_refused_on_strict(text: str) -> None:
    with pytest.warns(InvalidRequestWarning, match=r"input_config\.data_input_config: .* is not JSON: "):
        check(compilation(InputConfig__DataInputConfig=text), "standard")
    with pytest.raises(InvalidRequestError, match=r"input_config\.data_input_config: .* is not JSON: "):
        check(compilation(InputConfig__DataInputConfig=text), "strict")


# --- all at once, and of wrong types ----------------------------------------------------------------------------------


def test_all_problems_come_in_one_error() -> None:
    request_ = compilation(
        InputConfig__S3Uri="s3://models/model",
        OutputConfig__TargetPlatform=PLATFORM,
        OutputConfig__S3OutputLocation=None,
        StoppingCondition__MaxWaitTimeInSeconds=1,
    )
    assert {(problem.path, problem.rule) for problem in problems(request_)} == {
        ("input_config.s3_uri", "suffix"),
        ("output_config.s3_output_location", "required"),
        ("output_config.target_device", "exactly_one"),
        ("stopping_condition.max_runtime_in_seconds", "order"),
    }


@pytest.mark.parametrize("value", [7, "x", b"x", [], [None], {}, 1.5, True, Decimal("NaN")], ids=str)
def test_a_value_of_a_wrong_type_breaks_no_rule(value: Any) -> None:
    """The check of the types speaks of it, and the rules do not stumble."""
    for sound in KEPT:
        twin = from_boto3(type(sound), {})
        for name in type(sound).__annotations__:
            if not name.startswith("_"):
                setattr(twin, name, value)
        problems(twin)


@pytest.mark.parametrize(
    "value", [7, "x", b"x", [], [None], {}, 1.5, True, None, Decimal("NaN"), float("nan")], ids=str
)
def test_no_rule_stumbles_over_a_value_wherever_it_stands(value: Any) -> None:
    every = [getattr(types, name) for name in dir(types)]
    classes = [cls for cls in every if isinstance(cls, type) and issubclass(cls, Structure) and rules_of(cls)]
    assert len(classes) > 20
    for cls in classes:
        made = from_boto3(cls, {})
        for member in members_of(cls):
            setattr(made, member.field, value)
        found: list[Problem] = []
        for rule in rules_of(cls):
            predicate(rule)(made, "", found.append)
        assert not [problem for problem in found if problem.rule in ("order", "time_order", "most", "product")]


def test_a_time_may_be_written_in_each_form() -> None:
    for after in ("2026-01-01T02:00:00Z", at(2).timestamp(), int(at(2).timestamp()), at(2)):
        for before in ("2026-01-01T02:00:00+01:00", at(1).timestamp(), at(1)):
            assert [
                problem.rule for problem in problems(listing(CreationTimeAfter=after, CreationTimeBefore=before))
            ] == ["time_order"]
