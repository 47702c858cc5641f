"""Models, endpoint configurations, and the life of an endpoint."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed import errors
from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._model import load_model
from tests.local.checked import checked_client, service_model
from tests.local.families import (
    ENDPOINT,
    ENDPOINT_CONFIG,
    IMAGE,
    MODEL,
    ROLE,
    Family,
    by_kind,
    endpoint_config_body,
    make_model,
)
from tests.local.support import HandClock, error_of, lacks
from tests.support import samples

SECOND = datetime.timedelta(seconds=1)
ARN = "arn:aws:sagemaker:us-west-2:123456789012:"
UNKNOWN = {
    MODEL.kind: f'Could not find model "{ARN}model/none".',
    ENDPOINT_CONFIG.kind: f'Could not find endpoint configuration "{ARN}endpoint-config/none".',
    ENDPOINT.kind: f'Could not find endpoint "{ARN}endpoint/none".',
}
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 40,
    "DestinationS3Uri": "s3://models/captured",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
BLUE_GREEN = {
    "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 30}}
}

every_kind = pytest.mark.parametrize("family", [MODEL, ENDPOINT_CONFIG, ENDPOINT], ids=by_kind)


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    """With a model, and two configurations: "one" has the variants a and b, "two" has b and c."""
    client = checked_client(local)
    make_model(client)
    add_config(client, "one", {"a": (1, 1.0), "b": (2, 3.0)})
    add_config(client, "two", {"b": (5, 0.5), "c": (7, 0.25)})
    return client


def variant(name: str, count: int = 1, weight: float = 1.0, **more: Any) -> dict[str, Any]:
    body = endpoint_config_body(VariantName=name, InitialInstanceCount=count, InitialVariantWeight=weight, **more)
    return dict(body["ProductionVariants"][0])


def add_config(sm: Any, name: str, variants: Mapping[str, tuple[int, float]], **more: Any) -> None:
    sm.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[variant(each, *numbers) for each, numbers in variants.items()],
        **more,
    )


def up(sm: Any, clock: HandClock, config: str = "one", **more: Any) -> str:
    """An endpoint "live" in service; its ARN."""
    arn = sm.create_endpoint(EndpointName="live", EndpointConfigName=config, **more)["EndpointArn"]
    clock.forward(1)
    assert live(sm)["EndpointStatus"] == "InService"
    return str(arn)


def live(sm: Any) -> Any:
    return sm.describe_endpoint(EndpointName="live")


def update(sm: Any, config: str = "two", **more: Any) -> str:
    return str(sm.update_endpoint(EndpointName="live", EndpointConfigName=config, **more)["EndpointArn"])


def weigh(sm: Any, **wishes: Any) -> str:
    listed = [{"VariantName": name, **wish} for name, wish in wishes.items()]
    answer = sm.update_endpoint_weights_and_capacities(EndpointName="live", DesiredWeightsAndCapacities=listed)
    return str(answer["EndpointArn"])


def variants(endpoint: Any, side: str = "Current") -> dict[str, tuple[int, float]]:
    """Instance count and weight by name."""
    return {
        each["VariantName"]: (each[f"{side}InstanceCount"], each[f"{side}Weight"])
        for each in endpoint["ProductionVariants"]
    }


def statuses(sm: Any, clock: HandClock, count: int) -> list[str]:
    seen: list[str] = []
    for _ in range(count):
        seen.append(live(sm)["EndpointStatus"])
        clock.forward(1)
    return seen


# --- what the three have in common -----------------------------------------------------------------------------------


@every_kind
def test_an_unknown_name(sm: Any, family: Family) -> None:
    operations = [f"{verb}{family.noun}" for verb in ("Describe", "Delete")]
    for operation in operations:
        assert "ResourceNotFound" not in load_model().errors(operation)
        error = error_of(getattr(sm, xform_name(operation)), **{family.name_member: "none"})
        assert error == ("ValidationException", UNKNOWN[family.kind], 400)


@every_kind
def test_a_name_is_taken_once_in_a_region(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    there = checked_client(local, "eu-west-1")
    for client in (sm, there):
        if client is there or family is ENDPOINT:
            family.needs(client) if client is there else add_config(client, "config", {"main": (1, 1.0)})
        family.create(client, "same")
    code, message, http = error_of(lambda: family.create(sm, "same"))
    assert (code, http) == ("ValidationException", 400)
    assert message.startswith("Cannot create already existing")
    assert f"{ARN}{family.kind.replace('_', '-')}/same" in message
    clock.forward(1)  # an endpoint in progress is not deleted
    family.call(there, "Delete", "same")
    assert family.describe(sm, "same")[family.name_member] == "same"


@every_kind
def test_tags(sm: Any, family: Family) -> None:
    tags = [{"Key": "team", "Value": "vision"}]
    add_config(sm, "config", {"main": (1, 1.0)})
    arn = family.create(sm, "tagged", Tags=tags)
    assert sm.list_tags(ResourceArn=arn)["Tags"] == tags
    assert "Tags" not in family.describe(sm, "tagged")


@pytest.mark.parametrize("family", [MODEL, ENDPOINT_CONFIG], ids=by_kind)
def test_what_has_no_life_goes_at_once(local: LocalSageMaker, sm: Any, family: Family) -> None:
    family.create(sm, "short")
    family.call(sm, "Delete", "short")
    assert "short" not in family.listed(sm)
    assert error_of(lambda: family.describe(sm, "short"))[0] == "ValidationException"
    family.create(sm, "short")
    with pytest.raises(ValueError, match="no status"):
        local.script(family.kind, "*", ["InService"])


def test_a_model_is_described_as_it_was_made(sm: Any) -> None:
    containers = [{"Image": IMAGE, "ModelDataUrl": "s3://models/m.tar.gz"}, {"Image": f"{IMAGE}-2"}]
    MODEL.create(sm, "pair", Containers=containers, EnableNetworkIsolation=True)
    found = MODEL.describe(sm, "pair")
    assert lacks(found, {"Containers": containers, "EnableNetworkIsolation": True}) == []
    assert [container["Mode"] for container in found["Containers"]] == ["SingleModel"] * 2
    assert MODEL.describe(sm, "resnet")["EnableNetworkIsolation"] is False


def test_a_configuration_needs_its_models(sm: Any) -> None:
    for member in ("ProductionVariants", "ShadowProductionVariants"):
        body = {"ProductionVariants": [variant("a")], member: [variant("a", ModelName="none")]}
        error = error_of(sm.create_endpoint_config, EndpointConfigName="bad", **body)
        assert error == ("ValidationException", UNKNOWN[MODEL.kind], 400)
    assert "bad" not in ENDPOINT_CONFIG.listed(sm)


@pytest.mark.parametrize(("size", "fine"), [(1024, True), (6144, True), (1500, False)])
def test_the_memory_of_a_serverless_variant_has_steps(sm: Any, size: int, fine: bool) -> None:
    body = {
        "EndpointConfigName": "lambda",
        "ProductionVariants": [
            {
                "VariantName": "a",
                "ModelName": "resnet",
                "ServerlessConfig": {"MemorySizeInMB": size, "MaxConcurrency": 5},
            }
        ],
    }
    if fine:
        sm.create_endpoint_config(**body)
    else:
        assert "MemorySizeInMB" in error_of(sm.create_endpoint_config, **body)[1]


# --- creating --------------------------------------------------------------------------------------------------------


def test_the_usual_life(sm: Any, clock: HandClock) -> None:
    arn = sm.create_endpoint(EndpointName="live", EndpointConfigName="one")["EndpointArn"]
    new = live(sm)
    assert new["EndpointStatus"] == "Creating"
    assert new["EndpointConfigName"] == new["PendingDeploymentSummary"]["EndpointConfigName"] == "one"
    assert variants(new["PendingDeploymentSummary"]) == {"a": (1, 1.0), "b": (2, 3.0)}
    assert {each["InstanceType"] for each in new["PendingDeploymentSummary"]["ProductionVariants"]} == {"ml.m5.large"}
    assert new["PendingDeploymentSummary"]["StartTime"] == new["CreationTime"] == new["LastModifiedTime"]
    assert "ProductionVariants" not in new
    clock.forward(1)
    up = live(sm)
    assert (up["EndpointStatus"], up["EndpointArn"]) == ("InService", arn)
    assert "PendingDeploymentSummary" not in up
    assert variants(up) == variants(up, "Desired") == {"a": (1, 1.0), "b": (2, 3.0)}
    assert up["LastModifiedTime"] == up["CreationTime"] + SECOND
    (image,) = up["ProductionVariants"][0]["DeployedImages"]
    assert image["SpecifiedImage"] == image["ResolvedImage"] == IMAGE
    clock.forward(1000)
    assert live(sm)["EndpointStatus"] == "InService"


def test_a_creation_that_fails(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("endpoint", "live", ["Creating", ("Failed", "no capacity")])
    sm.create_endpoint(EndpointName="live", EndpointConfigName="one")
    clock.forward(1)
    failed = live(sm)
    assert (failed["EndpointStatus"], failed["FailureReason"]) == ("Failed", "no capacity")
    assert "PendingDeploymentSummary" not in failed
    for call in (lambda: update(sm), lambda: weigh(sm, a={"DesiredWeight": 1})):
        code, message, http = error_of(call)
        assert (code, http) == ("ValidationException", 400)
        assert failed["EndpointArn"] in message
    sm.delete_endpoint(EndpointName="live")
    clock.forward(1)
    assert ENDPOINT.listed(sm) == []


@pytest.mark.parametrize("operation", ["create_endpoint", "update_endpoint"])
def test_an_unknown_configuration(sm: Any, clock: HandClock, operation: str) -> None:
    if operation == "update_endpoint":
        up(sm, clock)
    error = error_of(getattr(sm, operation), EndpointName="live", EndpointConfigName="none")
    assert error == ("ValidationException", UNKNOWN[ENDPOINT_CONFIG.kind], 400)
    assert ENDPOINT.listed(sm) == (["live"] if operation == "update_endpoint" else [])


def test_any_status_can_be_shown(local: LocalSageMaker, sm: Any) -> None:
    for status in load_model().enum("EndpointStatus"):
        local.script("endpoint", status, [status], on="create")
        sm.create_endpoint(EndpointName=status, EndpointConfigName="one")
        assert sm.describe_endpoint(EndpointName=status)["EndpointStatus"] == status
        assert ENDPOINT.listed(sm, StatusEquals=status) == [status]
    assert len(sm.search(Resource="Endpoint", MaxResults=100)["Results"]) == len(load_model().enum("EndpointStatus"))


def test_by_describe_calls_and_by_hand(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("endpoint", "live", ["Creating", "InService"], describes=2)
    local.script("endpoint", "live", ["Updating", "RollingBack", "InService"], manual=True)
    sm.create_endpoint(EndpointName="live", EndpointConfigName="one")
    assert statuses(sm, clock, 3) == ["Creating", "Creating", "InService"]
    update(sm)
    assert statuses(sm, clock, 2) == ["Updating", "Updating"]
    assert local.advance("endpoint", "live") == local.advance() == 1
    assert live(sm)["EndpointStatus"] == "InService"
    assert local.advance() == 0


def test_what_comes_from_the_configuration(sm: Any, clock: HandClock) -> None:
    metrics = {"EnableEnhancedMetrics": True}
    target = {"OutputConfig": {"S3OutputPath": "s3://models/async"}}
    shadow = [variant("s", 1, 0.5)]
    add_config(
        sm,
        "rich",
        {"a": (1, 1.0)},
        DataCaptureConfig=CAPTURE,
        AsyncInferenceConfig=target,
        MetricsConfig=metrics,
        ShadowProductionVariants=shadow,
    )
    sm.create_endpoint(EndpointName="live", EndpointConfigName="rich", DeploymentConfig=BLUE_GREEN)
    new = live(sm)
    assert new["PendingDeploymentSummary"]["ShadowProductionVariants"][0]["VariantName"] == "s"
    assert new["DataCaptureConfig"]["CaptureStatus"] == "Stopped"
    clock.forward(1)
    found = live(sm)
    assert (found["MetricsConfig"], found["AsyncInferenceConfig"]) == (metrics, target)
    assert found["ShadowProductionVariants"][0]["CurrentWeight"] == 0.5
    assert found["LastDeploymentConfig"] == BLUE_GREEN
    assert found["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 40,
        "DestinationS3Uri": "s3://models/captured",
        "KmsKeyId": "",
    }


# --- updating --------------------------------------------------------------------------------------------------------


def test_updating(sm: Any, clock: HandClock) -> None:
    arn = up(sm, clock)
    clock.forward(9)
    assert update(sm) == arn
    moving = live(sm)
    assert (moving["EndpointStatus"], moving["EndpointConfigName"]) == ("Updating", "one")
    assert variants(moving) == variants(moving, "Desired") == {"a": (1, 1.0), "b": (2, 3.0)}
    pending = moving["PendingDeploymentSummary"]
    assert (pending["EndpointConfigName"], pending["StartTime"]) == ("two", moving["CreationTime"] + 10 * SECOND)
    assert variants(pending, "Desired") == {"b": (5, 0.5), "c": (7, 0.25)}
    clock.forward(1)
    done = live(sm)
    assert (done["EndpointStatus"], done["EndpointConfigName"]) == ("InService", "two")
    assert variants(done) == {"b": (5, 0.5), "c": (7, 0.25)}
    assert "PendingDeploymentSummary" not in done
    assert done["LastModifiedTime"] == done["CreationTime"] + 11 * SECOND


def test_a_rollback_keeps_the_old_configuration(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("endpoint", "*", ["Updating", "RollingBack", ("InService", "alarm")])
    up(sm, clock)
    update(sm)
    assert live(sm)["PendingDeploymentSummary"]["EndpointConfigName"] == "two"
    clock.forward(1)
    back = live(sm)
    assert (back["EndpointStatus"], back["EndpointConfigName"]) == ("RollingBack", "one")
    assert "PendingDeploymentSummary" not in back
    clock.forward(1)
    back = live(sm)
    assert (back["EndpointStatus"], back["EndpointConfigName"], back["FailureReason"]) == ("InService", "one", "alarm")
    assert variants(back) == {"a": (1, 1.0), "b": (2, 3.0)}
    # The script stays, and holds for the next update as well.
    update(sm)
    assert statuses(sm, clock, 3) == ["Updating", "RollingBack", "InService"]
    local.script("endpoint", "*", ["Updating", "InService"])
    update(sm)
    clock.forward(1)
    done = live(sm)
    assert (done["EndpointConfigName"], "FailureReason" in done) == ("two", False)


@pytest.mark.parametrize("final", ["Failed", "UpdateRollbackFailed", "OutOfService"])
def test_an_update_that_ends_badly(local: LocalSageMaker, sm: Any, clock: HandClock, final: str) -> None:
    local.script("endpoint", "*", ["Updating", "RollingBack", (final, "bad image")])
    up(sm, clock)
    update(sm)
    clock.forward(2)
    found = live(sm)
    assert (found["EndpointStatus"], found["FailureReason"], found["EndpointConfigName"]) == (final, "bad image", "one")
    assert "PendingDeploymentSummary" not in found
    if final == "UpdateRollbackFailed":
        local.script("endpoint", "*", ["Updating", "InService"])
        update(sm)
        clock.forward(1)
        assert live(sm)["EndpointConfigName"] == "two"


def test_maintenance(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    arn = up(sm, clock)
    before = live(sm)
    local.script("endpoint", "live", ["SystemUpdating", "InService"], on="now")
    assert live(sm)["EndpointStatus"] == "SystemUpdating"
    assert "PendingDeploymentSummary" not in live(sm)
    for call in (
        lambda: update(sm),
        lambda: weigh(sm, a={"DesiredWeight": 1}),
        lambda: sm.delete_endpoint(EndpointName="live"),
    ):
        error = error_of(call)
        assert error == ("ValidationException", f'Cannot update in-progress endpoint "{arn}".', 400)
    clock.forward(1)
    after = live(sm)
    assert after["EndpointStatus"] == "InService"
    assert (after["EndpointConfigName"], variants(after)) == (before["EndpointConfigName"], variants(before))


@pytest.mark.parametrize("state", ["Creating", "Updating", "RollingBack", "Deleting"])
def test_no_update_while_something_goes_on(local: LocalSageMaker, sm: Any, clock: HandClock, state: str) -> None:
    arn = up(sm, clock)
    local.script("endpoint", "live", [state], on="now")
    for call in (lambda: update(sm), lambda: weigh(sm, a={"DesiredWeight": 1})):
        assert error_of(call) == ("ValidationException", f'Cannot update in-progress endpoint "{arn}".', 400)
    assert live(sm)["EndpointStatus"] == state


def test_a_script_of_the_update_is_not_for_the_creation(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("endpoint", "*", ["Updating", "InService"], every=7)
    local.script("endpoint", "*", ["InService"], on="create")
    sm.create_endpoint(EndpointName="live", EndpointConfigName="one")
    assert live(sm)["EndpointStatus"] == "InService"
    update(sm)
    clock.forward(6)
    assert live(sm)["EndpointStatus"] == "Updating"
    clock.forward(1)
    assert live(sm)["EndpointStatus"] == "InService"


@pytest.mark.parametrize("first", ["SystemUpdating", "RollingBack"])
def test_other_ways_that_an_update_may_begin(local: LocalSageMaker, sm: Any, clock: HandClock, first: str) -> None:
    local.script("endpoint", "*", [first, "InService"])
    up(sm, clock)
    update(sm)
    assert live(sm)["EndpointStatus"] == first
    clock.forward(1)
    assert live(sm)["EndpointConfigName"] == ("one" if first == "RollingBack" else "two")


def test_none_in_a_script_ends_the_endpoint(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("endpoint", "*", ["Updating", None])
    up(sm, clock)
    update(sm)
    clock.forward(1)
    assert ENDPOINT.listed(sm) == []
    assert error_of(live, sm=sm)[0] == "ValidationException"


BEFORE = {"b": (4, 2.0), "c": (7, 0.25)}
"""What "two" makes of an endpoint whose b has 4 instances and the weight 2, if all is retained."""


@pytest.mark.parametrize(
    ("excluded", "expected", "captures"),
    [
        ([], BEFORE, True),
        (["DesiredInstanceCount"], {**BEFORE, "b": (5, 2.0)}, True),
        (["DesiredWeight"], {**BEFORE, "b": (4, 0.5)}, True),
        (["DataCaptureConfig"], BEFORE, False),
        (["DesiredInstanceCount", "DesiredWeight", "DataCaptureConfig"], {**BEFORE, "b": (5, 0.5)}, False),
        (None, {**BEFORE, "b": (5, 0.5)}, False),
    ],
)
def test_what_variants_keep(
    sm: Any, clock: HandClock, excluded: list[str] | None, expected: dict[str, Any], captures: bool
) -> None:
    add_config(sm, "captured", {"a": (1, 1.0), "b": (2, 3.0)}, DataCaptureConfig=CAPTURE)
    up(sm, clock, "captured")
    weigh(sm, b={"DesiredWeight": 2.0, "DesiredInstanceCount": 4})
    clock.forward(1)
    asked: dict[str, Any] = {"RetainAllVariantProperties": excluded is not None}
    if excluded:
        asked["ExcludeRetainedVariantProperties"] = [{"VariantPropertyType": each} for each in excluded]
    update(sm, **asked)
    assert variants(live(sm)["PendingDeploymentSummary"]) == expected
    assert live(sm)["DataCaptureConfig"]["CaptureStatus"] == "Started"
    clock.forward(1)
    done = live(sm)
    assert variants(done) == variants(done, "Desired") == expected
    assert ("DataCaptureConfig" in done) == captures


def test_exclusions_mean_nothing_where_nothing_is_retained(sm: Any, clock: HandClock) -> None:
    up(sm, clock)
    update(sm, ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}])
    clock.forward(1)
    assert variants(live(sm)) == {"b": (5, 0.5), "c": (7, 0.25)}


def test_the_configuration_itself_is_not_touched(sm: Any, clock: HandClock) -> None:
    add_config(sm, "captured", {"b": (9, 9.0)}, DataCaptureConfig=CAPTURE)
    before = {name: ENDPOINT_CONFIG.describe(sm, name)["ProductionVariants"] for name in ("captured", "two")}
    up(sm, clock, "captured")
    weigh(sm, b={"DesiredWeight": 2.0, "DesiredInstanceCount": 4})
    clock.forward(1)
    update(sm, RetainAllVariantProperties=True)
    clock.forward(1)
    assert before == {name: ENDPOINT_CONFIG.describe(sm, name)["ProductionVariants"] for name in ("captured", "two")}


def test_the_deployment_configuration(sm: Any, clock: HandClock) -> None:
    up(sm, clock)
    assert "LastDeploymentConfig" not in live(sm)
    for config, asked, expected in (
        ("two", {"DeploymentConfig": BLUE_GREEN}, BLUE_GREEN),
        ("one", {"RetainDeploymentConfig": True}, BLUE_GREEN),
        ("two", {}, BLUE_GREEN),
    ):
        update(sm, config, **asked)
        clock.forward(1)
        assert live(sm)["LastDeploymentConfig"] == expected


# --- weights and capacities ------------------------------------------------------------------------------------------


def test_weights_and_capacities(sm: Any, clock: HandClock) -> None:
    arn = up(sm, clock)
    assert weigh(sm, a={"DesiredWeight": 0.0}, b={"DesiredInstanceCount": 9}) == arn
    moving = live(sm)
    assert moving["EndpointStatus"] == "Updating"
    assert "PendingDeploymentSummary" not in moving
    assert variants(moving) == {"a": (1, 1.0), "b": (2, 3.0)}
    assert variants(moving, "Desired") == {"a": (1, 0.0), "b": (9, 3.0)}
    clock.forward(1)
    done = live(sm)
    assert (done["EndpointStatus"], done["EndpointConfigName"]) == ("InService", "one")
    assert variants(done) == variants(done, "Desired") == {"a": (1, 0.0), "b": (9, 3.0)}


@pytest.mark.parametrize("states", [["Updating", "RollingBack", "InService"], ["Updating", "Failed"]])
def test_weights_that_did_not_come_about(local: LocalSageMaker, sm: Any, clock: HandClock, states: list[str]) -> None:
    local.script("endpoint", "*", states)
    up(sm, clock)
    weigh(sm, a={"DesiredWeight": 5.0})
    assert variants(live(sm), "Desired")["a"] == (1, 5.0)
    clock.forward(2)
    done = live(sm)
    assert done["EndpointStatus"] == states[-1]
    assert variants(done) == variants(done, "Desired") == {"a": (1, 1.0), "b": (2, 3.0)}


def test_capacity_of_a_serverless_variant(sm: Any, clock: HandClock) -> None:
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    body = {"VariantName": "a", "ModelName": "resnet", "ServerlessConfig": serverless}
    sm.create_endpoint_config(EndpointConfigName="lambda", ProductionVariants=[body])
    up(sm, clock, "lambda")
    weigh(sm, a={"ServerlessUpdateConfig": {"MaxConcurrency": 9}})
    (moving,) = live(sm)["ProductionVariants"]
    assert (moving["CurrentServerlessConfig"], moving["DesiredServerlessConfig"]["MaxConcurrency"]) == (serverless, 9)
    clock.forward(1)
    (done,) = live(sm)["ProductionVariants"]
    assert done["CurrentServerlessConfig"] == {**serverless, "MaxConcurrency": 9}
    assert "CurrentInstanceCount" not in done


@pytest.mark.parametrize("names", [("c",), ("a", "c"), ("a", "a")])
def test_weights_of_other_variants(sm: Any, clock: HandClock, names: tuple[str, ...]) -> None:
    up(sm, clock)
    wishes = [{"VariantName": name, "DesiredWeight": 7.0} for name in names]
    code, message, http = error_of(
        sm.update_endpoint_weights_and_capacities, EndpointName="live", DesiredWeightsAndCapacities=wishes
    )
    assert (code, http) == ("ValidationException", 400)
    assert f'"{names[-1]}"' in message
    assert live(sm)["EndpointStatus"] == "InService"
    assert variants(live(sm), "Desired") == {"a": (1, 1.0), "b": (2, 3.0)}


# --- deleting --------------------------------------------------------------------------------------------------------


def test_deleting(sm: Any, clock: HandClock) -> None:
    arn = up(sm, clock)
    sm.delete_endpoint(EndpointName="live")
    assert live(sm)["EndpointStatus"] == "Deleting"
    assert ENDPOINT.listed(sm, StatusEquals="Deleting") == ["live"]
    assert error_of(sm.delete_endpoint, EndpointName="live")[0] == "ValidationException"
    assert error_of(lambda: ENDPOINT.create(sm, "live", EndpointConfigName="one"))[0] == "ValidationException"
    clock.forward(1)
    for operation in (sm.describe_endpoint, sm.delete_endpoint):
        error = error_of(operation, EndpointName="live")
        assert error == ("ValidationException", f'Could not find endpoint "{arn}".', 400)
    assert ENDPOINT.listed(sm) == []
    up(sm, clock)


def test_deleting_by_describe_calls(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("endpoint", "live", ["Deleting", None], describes=2)
    up(sm, clock)
    sm.delete_endpoint(EndpointName="live")
    assert statuses(sm, clock, 2) == ["Deleting", "Deleting"]
    assert error_of(live, sm=sm)[1].startswith("Could not find endpoint")


def test_what_an_endpoint_is_made_of_may_go(sm: Any, clock: HandClock) -> None:
    up(sm, clock)
    before = live(sm)
    sm.delete_endpoint_config(EndpointConfigName="one")
    sm.delete_model(ModelName="resnet")
    after = live(sm)
    assert {**after, "ResponseMetadata": 0} == {**before, "ResponseMetadata": 0}
    assert after["ProductionVariants"][0]["DeployedImages"]
    assert error_of(sm.describe_endpoint_config, EndpointConfigName="one")[0] == "ValidationException"
    weigh(sm, a={"DesiredWeight": 4.0})
    clock.forward(1)
    assert variants(live(sm))["a"] == (1, 4.0)


def test_a_configuration_that_is_made_anew_is_another(sm: Any, clock: HandClock) -> None:
    up(sm, clock)
    sm.delete_endpoint_config(EndpointConfigName="one")
    add_config(sm, "one", {"a": (8, 8.0)})
    assert variants(live(sm)) == {"a": (1, 1.0), "b": (2, 3.0)}
    update(sm, "one")
    clock.forward(1)
    assert variants(live(sm)) == {"a": (8, 8.0)}


# --- search ----------------------------------------------------------------------------------------------------------


def test_search_knows_endpoints_and_what_they_serve(sm: Any, clock: HandClock) -> None:
    arn = up(sm, clock, Tags=[{"Key": "team", "Value": "vision"}])
    make_model(sm, "idle")
    (found,) = sm.search(Resource="Endpoint")["Results"]
    assert found["Endpoint"]["EndpointArn"] == arn
    assert found["Endpoint"]["Tags"] == [{"Key": "team", "Value": "vision"}]
    models = {each["Model"]["Model"]["ModelName"]: each["Model"] for each in sm.search(Resource="Model")["Results"]}
    assert [each["EndpointArn"] for each in models["resnet"]["Endpoints"]] == [arn]
    assert models["idle"]["Endpoints"] == []


# --- whatever the model lets one send --------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [samples.minimal, samples.fill])
def test_any_request_is_lived_with(sm: Any, clock: HandClock, draw: Any) -> None:
    def drawn(operation: str, number: int, **known: Any) -> dict[str, Any]:
        request = {**draw(service_model().operation_model(operation).input_shape, variant=number), **known}
        for member in ("ProductionVariants", "ShadowProductionVariants"):
            for each in request.get(member, ()):
                if "ModelName" in each:
                    each["ModelName"] = f"model-{number}"
                if "ServerlessConfig" in each:
                    each["ServerlessConfig"]["MemorySizeInMB"] = 2048
        return request

    def look(number: int) -> Any:
        sm.search(Resource="Endpoint", MaxResults=100)
        sm.search(Resource="Model", MaxResults=100)
        for family in (MODEL, ENDPOINT_CONFIG, ENDPOINT):
            family.page(sm)
        return ENDPOINT.describe(sm, f"endpoint-{number}")

    shapes = [service_model().operation_model(f"Create{noun}").input_shape for noun in ("Model", "EndpointConfig")]
    for number in range(max(3, *map(samples.union_variants, shapes))):
        known = {"EndpointName": f"endpoint-{number}", "EndpointConfigName": f"config-{number}"}
        for operation, name in (("CreateModel", {"ModelName": f"model-{number}"}), ("CreateEndpointConfig", {})):
            sent = drawn(operation, number, **(name or {"EndpointConfigName": known["EndpointConfigName"]}))
            getattr(sm, xform_name(operation))(**sent)
            family = MODEL if name else ENDPOINT_CONFIG
            described = family.describe(sm, sent[family.name_member])
            sent.pop("Tags", None)
            assert lacks(described, sent) == []
        sm.create_endpoint(**drawn("CreateEndpoint", number, **known))
        look(number)
        clock.forward(1)
        assert look(number)["EndpointStatus"] == "InService"
        sm.update_endpoint(**drawn("UpdateEndpoint", number, **known))
        look(number)
        clock.forward(1)
        names = [each["VariantName"] for each in look(number)["ProductionVariants"]]
        wishes = drawn("UpdateEndpointWeightsAndCapacities", number)["DesiredWeightsAndCapacities"]
        listed = [{**wish, "VariantName": name} for wish, name in zip(wishes, dict.fromkeys(names), strict=False)]
        sm.update_endpoint_weights_and_capacities(
            EndpointName=known["EndpointName"], DesiredWeightsAndCapacities=listed
        )
        look(number)
        clock.forward(1)
        sm.delete_endpoint(EndpointName=known["EndpointName"])
        look(number)
        clock.forward(1)
    assert ENDPOINT.listed(sm) == []


def test_roles_are_described(sm: Any) -> None:
    sm.create_endpoint_config(EndpointConfigName="roles", ExecutionRoleArn=ROLE, **endpoint_config_body())
    assert ENDPOINT_CONFIG.describe(sm, "roles")["ExecutionRoleArn"] == ROLE


def test_an_endpoint_with_inference_components_stays(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    sm.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"})
    variant = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sm.create_endpoint_config(EndpointConfigName="c", ExecutionRoleArn=ROLE, ProductionVariants=[variant])
    sm.create_endpoint(EndpointName="e", EndpointConfigName="c")
    clock.forward(5)
    needs = {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024, "NumberOfCpuCoresRequired": 1}}
    sm.create_inference_component(
        InferenceComponentName="part",
        EndpointName="e",
        VariantName="v",
        Specification={"ModelName": "m", **needs},
        RuntimeConfig={"CopyCount": 1},
    )
    clock.forward(5)
    with pytest.raises(errors.ConflictError) as caught:  # by the service's words, as the library knows them
        local.client().endpoints.delete("e")
    assert "inference component" in caught.value.message
    sm.delete_inference_component(InferenceComponentName="part")
    clock.forward(5)
    sm.delete_endpoint(EndpointName="e")
    clock.forward(5)
    assert sm.list_endpoints()["Endpoints"] == []


def test_no_two_variants_have_a_name(sm: Any) -> None:
    sm.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"})
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    code, message, _ = error_of(
        sm.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[variant, variant]
    )
    assert (code, message) == ("ValidationException", 'The variant name "v" was non-unique within the request.')
