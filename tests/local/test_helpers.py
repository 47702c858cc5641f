"""What groups have beside their operations, against the embedded service: jobs that run, deployments, searches, trials."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from sagemaker_typed import SageMaker, errors
from sagemaker_typed.endpoints import VariantRow, variants
from sagemaker_typed.errors import Rollback
from sagemaker_typed.search import TrainingJobFields, field, metric, tag
from sagemaker_typed.testing import LocalSageMaker, fast_forward
from sagemaker_typed.types import (
    ContainerDefinition,
    InputConfig,
    OutputConfig,
    ProductionVariant,
    ResourceType,
    StoppingCondition,
    TargetPlatform,
    TrainingJob,
    VariantProperty,
)
from sagemaker_typed.waiting import Clock

pytestmark = pytest.mark.own_local

ROLE = "arn:aws:iam::123456789012:role/neo"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/model:1"
MODEL = InputConfig(
    s3_uri="s3://models/in/resnet.tar.gz", framework="PYTORCH", data_input_config={"input0": (1, 3, 224, 224)}
)
HOUR = StoppingCondition(max_runtime_in_seconds=3600)


@pytest.fixture
def clock() -> Clock:
    return fast_forward()


@pytest.fixture
def typed(local: LocalSageMaker, s3: Any) -> Iterator[SageMaker]:
    with local.client(validation="strict") as sm:
        yield sm


# --- compilation ------------------------------------------------------------------------------------------------------


def test_a_compilation_job_runs(typed: SageMaker, local: LocalSageMaker) -> None:
    output = OutputConfig(
        s3_output_location="s3://models/out", target_device="ml_c5", compiler_options={"dtype": "float32"}
    )
    settings: dict[str, Any] = {"role_arn": ROLE, "input_config": MODEL, "stopping_condition": HOUR}
    job = typed.compilation_jobs.run("resnet", output_config=output, **settings)
    assert job.model_artifacts.s3_model_artifacts == "s3://models/out/resnet-ml_c5.tar.gz"
    assert job.output_config.compiler_options == '{"dtype": "float32"}'
    assert job.input_config.data_input_config == '{"input0": [1, 3, 224, 224]}'
    again = typed.compilation_jobs.run("resnet", output_config=output, **settings)
    assert again == job
    assert local.calls["CreateCompilationJob"] == 1


def test_compile_for(typed: SageMaker, local: LocalSageMaker) -> None:
    local.script("compilation_job", "resnet-jetson-nano", ["STARTING", ("FAILED", "ClientError: no such operator")])
    devices = ["ml_c5", "jetson_nano", TargetPlatform(os="LINUX", arch="ARM64", accelerator="NVIDIA")]
    report = typed.compilation_jobs.compile_for(
        MODEL,
        devices,  # type: ignore[arg-type]
        name="resnet",
        role_arn=ROLE,
        s3_output_location="s3://models/out",
        stopping_condition=HOUR,
        device_options={"LINUX-ARM64-NVIDIA": {"gpu-code": "sm_72", "trt-ver": "6.0.1", "cuda-ver": "10.1"}},
    )
    assert list(report.succeeded) == ["ml_c5", "LINUX-ARM64-NVIDIA"]
    names = [job.compilation_job_name for job in report.succeeded.values()]
    assert names == ["resnet-ml-c5", "resnet-linux-arm64-nvidia"]
    assert "gpu-code" in str(report.succeeded["LINUX-ARM64-NVIDIA"].output_config.compiler_options)
    assert report.succeeded["ml_c5"].output_config.compiler_options is None
    assert "no such operator" in str(report.failed["jetson_nano"])
    assert "jetson_nano" in str(report)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"devices": "ml_c5"}, "several devices, not 'ml_c5'"),
        ({"devices": None}, "several devices, not None"),
        ({"devices": []}, "one device at least"),
        ({"devices": ["ml_c5", "ml_c5"]}, r"devices[1]: 'ml_c5' stands in the list twice"),
        ({"name": "n" * 60}, "at most 63 are allowed"),
        ({"device_options": {"ml_c6": {}}}, "is none of the devices ml_c5"),
    ],
)
def test_what_cannot_be_compiled_for(typed: SageMaker, local: LocalSageMaker, changes: Any, said: str) -> None:
    given = {"devices": ["ml_c5"], "name": "resnet", **changes}
    with pytest.raises(errors.InvalidRequestError) as caught:
        typed.compilation_jobs.compile_for(
            MODEL, role_arn=ROLE, s3_output_location="s3://models/out", stopping_condition=HOUR, **given
        )
    assert said in str(caught.value)
    assert local.calls["CreateCompilationJob"] == 0


def test_device_and_platform_are_one_clear_error() -> None:
    sm = SageMaker(region="us-west-2", validation="strict")
    platform = TargetPlatform(os="LINUX", arch="ARM64")
    settings: dict[str, Any] = {"role_arn": ROLE, "input_config": MODEL, "stopping_condition": HOUR}
    for target in ({"target_device": "ml_c5", "target_platform": platform}, {}):
        output: Any = OutputConfig(s3_output_location="s3://models/out", **target)  # type: ignore[arg-type]
        with pytest.raises(errors.InvalidRequestError) as caught:
            sm.compilation_jobs.create("a", output_config=output, **settings)
        (problem,) = caught.value.problems
        assert (problem.path, problem.rule) == ("output_config.target_device", "exactly_one")
        assert "output_config.target_platform" in problem.detail


# --- endpoints --------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(typed: SageMaker) -> SageMaker:
    """With two configurations of two variants each."""
    typed.models.create("m", execution_role_arn=ROLE, primary_container=ContainerDefinition(image=IMAGE))
    for name, weights in (("v1", (3.0, 1.0)), ("v2", (1.0, 1.0))):
        typed.endpoint_configs.create(
            name,
            production_variants=[
                ProductionVariant(
                    variant_name=variant,
                    model_name="m",
                    instance_type="ml.m5.large",
                    initial_instance_count=2,
                    initial_variant_weight=weight,
                )
                for variant, weight in zip("ab", weights, strict=True)
            ],
        )
    return typed


def test_deploy_creates_updates_and_leaves_alone(served: SageMaker, local: LocalSageMaker) -> None:
    made = served.endpoints.deploy("xgb", config="v1", tags={"team": "vision"})
    assert (made.endpoint_status, made.endpoint_config_name) == ("InService", "v1")
    assert [each.value for each in served.tags.list(made.endpoint_arn)] == ["vision"]
    moved = served.endpoints.deploy("xgb", config="v2", retain_all_variant_properties=True)
    assert (moved.endpoint_config_name, variants(moved)[0].current_weight) == ("v2", 3.0)
    exact = served.endpoints.deploy(
        "xgb",
        config="v1",
        retain_all_variant_properties=True,
        exclude_retained_variant_properties=[
            "DesiredWeight",
            VariantProperty(variant_property_type="DataCaptureConfig"),
        ],
    )
    assert exact.endpoint_config_name == "v1"
    before = local.calls["UpdateEndpoint"]
    assert served.endpoints.deploy("xgb", config="v1").endpoint_config_name == "v1"
    assert (local.calls["CreateEndpoint"], local.calls["UpdateEndpoint"]) == (1, before)


def test_a_rollback_says_what_was_rolled_back(served: SageMaker, local: LocalSageMaker) -> None:
    served.endpoints.deploy("xgb", config="v1")
    local.script("endpoint", "xgb", ["Updating", "RollingBack", ("InService", "alarm 5xx")])
    with pytest.raises(errors.WaitFailedError, match="back with endpoint_config_name 'v1' and not 'v2'") as caught:
        served.endpoints.deploy("xgb", config="v2")
    assert caught.value.rolled_back == Rollback(wanted="v2", current="v1", complete=True)
    assert caught.value.reason == "alarm 5xx"
    local.script("endpoint", "xgb", ["Updating", "RollingBack", ("UpdateRollbackFailed", "bad image")])
    with pytest.raises(errors.WaitFailedError, match="bad image") as caught:
        served.endpoints.deploy("xgb", config="v2")
    assert caught.value.rolled_back == Rollback("v2", "v1", complete=False)
    local.script("endpoint", "xgb", ["Updating", "InService"])  # which an update may follow
    assert served.endpoints.deploy("xgb", config="v2").endpoint_config_name == "v2"


def test_plain_waits_tell_of_a_rollback_too(served: SageMaker, local: LocalSageMaker) -> None:
    for name in ("one", "two"):
        served.endpoints.deploy(name, config="v1")
        served.endpoints.update(name, endpoint_config_name="v2")
    served.endpoints.wait_all(["one", "two"], until="updated", endpoint_config_name="v2").raise_for_failures()
    local.script("endpoint", "one", ["Updating", ("InService", "alarm")], on="update")
    local.script("endpoint", "one", ["Updating", "RollingBack", ("InService", "alarm")])
    for name in ("one", "two"):
        served.endpoints.update(name, endpoint_config_name="v1")
    report = served.endpoints.wait_all(["one", "two"], until="updated", endpoint_config_name="v1")
    assert list(report.succeeded) == ["two"]
    error = report.failed["one"]
    assert isinstance(error, errors.WaitFailedError)
    assert error.rolled_back == Rollback("v1", "v2")


def test_other_changes_are_waited_for(served: SageMaker, local: LocalSageMaker) -> None:
    served.endpoints.create("xgb", endpoint_config_name="v1")
    assert served.endpoints.deploy("xgb", config="v1").endpoint_config_name == "v1"  # attached to the creation
    assert local.calls["CreateEndpoint"] == 1
    served.endpoints.update("xgb", endpoint_config_name="v2")
    assert served.endpoints.deploy("xgb", config="v2").endpoint_config_name == "v2"  # attached to the update
    assert local.calls["UpdateEndpoint"] == 1
    served.endpoints.update("xgb", endpoint_config_name="v1")
    assert served.endpoints.deploy("xgb", config="v2").endpoint_config_name == "v2"
    assert local.calls["UpdateEndpoint"] == 3
    served.endpoints.delete("xgb")
    assert served.endpoints.deploy("xgb", config="v1").endpoint_config_name == "v1"
    assert local.calls["CreateEndpoint"] == 2


def test_a_failed_endpoint_can_only_be_deleted(served: SageMaker, local: LocalSageMaker) -> None:
    local.script("endpoint", "bad", ["Creating", ("Failed", "no capacity")])
    with pytest.raises(errors.WaitFailedError, match="no capacity") as caught:
        served.endpoints.deploy("bad", config="v1")
    assert caught.value.rolled_back is None
    with pytest.raises(
        errors.WaitFailedError, match=r"can only be deleted: sm\.endpoints\.delete\('bad'\): no capacity"
    ):
        served.endpoints.deploy("bad", config="v2")
    with pytest.raises(errors.SageMakerError, match="none"):
        served.endpoints.deploy("new", config="none")


def test_one_timeout_for_all_of_it(served: SageMaker, local: LocalSageMaker, clock: Clock) -> None:
    local.script("endpoint", "slow", ["Creating", "InService"], every=5000)
    began = clock.now()
    with pytest.raises(errors.WaitTimeoutError):
        served.endpoints.deploy("slow", config="v1", timeout=100)
    assert clock.now() - began == pytest.approx(100, abs=5)


def test_what_is_excluded_is_a_list(served: SageMaker) -> None:
    excluded: Any = "DesiredWeight"
    with pytest.raises(errors.InvalidRequestError, match="a list is needed"):
        served.endpoints.deploy("xgb", config="v1", exclude_retained_variant_properties=excluded)


def test_what_is_excluded_is_no_number(served: SageMaker) -> None:
    excluded: Any = 3
    with pytest.raises(errors.InvalidRequestError, match="a list is needed"):
        served.endpoints.deploy("xgb", config="v1", exclude_retained_variant_properties=excluded)


@pytest.mark.parametrize("first", ["v1", "v2"])
def test_a_deployment_that_others_are_faster_with_waits_for_theirs(
    served: SageMaker, local: LocalSageMaker, first: str
) -> None:
    """Somebody else creates the endpoint, and then changes it, between the look at it and the request."""
    faster = local.client()
    own, theirs = SageMaker(session=local.session(), endpoint_url=local.url), iter([first, "v1"])
    own.clock = served.clock
    hook = own.boto3_client.meta.events

    def overtake(**_: object) -> None:
        config = next(theirs, None)
        if config is not None:
            change = faster.endpoints.create if local.calls["CreateEndpoint"] == 0 else faster.endpoints.update
            change("raced", endpoint_config_name=config)

    hook.register("before-call.sagemaker.CreateEndpoint", overtake)
    hook.register("before-call.sagemaker.UpdateEndpoint", overtake)
    assert own.endpoints.deploy("raced", config="v2").endpoint_config_name == "v2"


def test_variants_against_what_is_asked_of_them(served: SageMaker) -> None:
    shown = variants(served.endpoints.deploy("xgb", config="v1"))
    assert list(shown) == [
        VariantRow("a", "production", 3.0, 3.0, 0.75, 2, 2),
        VariantRow("b", "production", 1.0, 1.0, 0.25, 2, 2),
    ]
    assert shown.settled
    lines = str(shown).splitlines()
    assert lines[1].split() == ["a", "production", "3", "75.0%", "2", "yes"]
    served.endpoints.update("xgb", endpoint_config_name="v2")
    moving = variants(served.endpoints.describe("xgb"))
    assert {row.role for row in moving} == {"production", "pending"}
    assert not moving.settled
    assert "pending" in moving._repr_html_()


def test_an_asynchronous_deployment(served: SageMaker, local: LocalSageMaker) -> None:
    async def deploy() -> Any:
        async with local.async_client() as sm:
            return await sm.endpoints.deploy("xgb", config="v1"), [
                each.endpoint_name async for each in sm.endpoints.search(where=field("EndpointName") == "xgb")
            ]

    described, found = asyncio.run(deploy())
    assert (described.endpoint_config_name, found) == ("v1", ["xgb"])


def test_an_asynchronous_run(typed: SageMaker, local: LocalSageMaker) -> None:
    async def compile_all() -> Any:
        async with local.async_client() as sm:
            output = OutputConfig(s3_output_location="s3://models/out", target_device="ml_c5")
            job = await sm.compilation_jobs.run(
                "one", role_arn=ROLE, input_config=MODEL, output_config=output, stopping_condition=HOUR
            )
            report = await sm.compilation_jobs.compile_for(
                MODEL,
                ["ml_c5"],
                name="two",
                role_arn=ROLE,
                s3_output_location="s3://models/out",
                stopping_condition=HOUR,
            )
            return job, report

    job, report = asyncio.run(compile_all())
    assert (job.compilation_job_status, list(report.succeeded)) == ("COMPLETED", ["ml_c5"])


# --- experiments ------------------------------------------------------------------------------------------------------


def test_what_is_below_an_experiment(typed: SageMaker, local: LocalSageMaker) -> None:
    typed.experiments.create("x")
    typed.experiments.create("y")
    for trial, experiment in (("t1", "x"), ("t2", "x"), ("t3", "y")):
        typed.trials.create(trial, experiment_name=experiment)
        typed.trial_components.create(f"{trial}-c")
        typed.trial_components.associate(f"{trial}-c", trial_name=trial)
    ascending: Any = {"sort_by": "Name", "sort_order": "Ascending"}
    assert [each.trial_name for each in typed.experiments.trials("x", **ascending)] == ["t1", "t2"]
    flat = typed.experiments.components("x", **ascending, max_results=1)
    assert [each.trial_component_name for each in flat] == ["t1-c", "t2-c"]
    assert local.calls["ListTrialComponents"] == 2
    assert [each.trial_component_name for each in typed.trials.components("t3")] == ["t3-c"]

    async def read() -> Any:
        async with local.async_client() as sm:
            trials = [each.trial_name async for each in sm.experiments.trials("y")]
            below = [each.trial_component_name async for each in sm.trials.components("t1")]
            return trials, below, await sm.experiments.components("y").first()

    trials, below, first = asyncio.run(read())
    assert (trials, below, first.trial_component_name) == (["t3"], ["t1-c"], "t3-c")


# --- searches ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def trained(typed: SageMaker, local: LocalSageMaker) -> SageMaker:
    from sagemaker_typed.types import AlgorithmSpecification, OutputDataConfig, ResourceConfig

    for name, accuracy, team in (("resnet one", 0.91, "a"), ("resnet two", 0.95, "b"), ("bert one", 0.97, "c")):
        job = name.replace(" ", "-")
        local.script("training_job", job, ["InProgress", "Completed"], metrics={"accuracy": accuracy})
        typed.training_jobs.run(
            job,
            role_arn=ROLE,
            algorithm_specification=AlgorithmSpecification(training_image=IMAGE, training_input_mode="File"),
            output_data_config=OutputDataConfig(s3_output_path="s3://models/out"),
            resource_config=ResourceConfig(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=5),
            stopping_condition=HOUR,
            tags={"team": team},
        )
    return typed


def test_a_search_with_a_condition(trained: SageMaker) -> None:
    where = (
        TrainingJobFields.training_job_name.contains("resnet")
        & (metric("accuracy") > 0.9)
        & tag("team").is_in("a", "b")
        & ~TrainingJobFields.failure_reason.exists()
        & (TrainingJobFields.resource_config.instance_type == "ml.m5.large")
    )
    best = metric("accuracy").descending()
    hits = trained.search(ResourceType.TRAINING_JOB, where=where, sort_by=best)
    names = [hit.training_job.training_job_name for hit in hits if hit.training_job is not None]
    assert names == ["resnet-two", "resnet-one"]
    jobs = trained.training_jobs.search(where=where, sort_by=best, max_results=1)
    assert [job.training_job_name for job in jobs] == names
    assert isinstance(jobs.first(), TrainingJob)
    assert jobs.item_fields == ("results",)
    assert len(list(jobs.by_page())) == 2
    assert [job.training_job_name for job in trained.training_jobs.search(sort_by="TrainingJobName", max_results=100)][
        -1
    ] == "bert-one"


def test_an_unknown_property_is_checked_at_the_clients_level(local: LocalSageMaker, typed: SageMaker) -> None:
    where = field("TrainingJobNam") == "a"
    with pytest.raises(errors.InvalidRequestError, match="did you mean TrainingJobName"):
        typed.training_jobs.search(where=where)
    standard = local.client()
    with pytest.warns(errors.InvalidRequestWarning, match="did you mean TrainingJobName") as told:
        standard.training_jobs.search(where=where)
    assert told[0].filename == __file__
    with pytest.raises(errors.InvalidRequestError, match="is a text"):
        standard.search("TrainingJob", where=TrainingJobFields.training_job_name > 5)
    off = local.client(validation="off")
    off.search("TrainingJob", where=where & (field("TrainingJobName") > 5))
    assert local.calls["Search"] == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"where": "TrainingJobName = a"}, "where: a condition such as"),
        (
            {"where": field("CreationTime").exists(), "search_expression": {}},
            "cannot be combined with search_expression",
        ),
        ({"sort_by": metric("a").ascending(), "sort_order": "Ascending"}, "has an order already"),
    ],
)
def test_one_of_a_kind(typed: SageMaker, options: Any, said: str) -> None:
    with pytest.raises(errors.InvalidRequestError, match=said):
        typed.training_jobs.search(**options)
