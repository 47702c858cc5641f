"""What a caller gets for a call that cannot be right: an error that says where and why, and nothing is sent."""

from __future__ import annotations

import json
import pickle
import socket
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ParamValidationError

from sagemaker_typed import SageMaker, errors, from_boto3, types
from sagemaker_typed.errors import InvalidRequestError, InvalidRequestWarning
from tests.contract import model
from tests.contract.places import Place, places
from tests.support.model_server import REGION, ModelServer

SECRET = "swordfish"
NAIVE = datetime(2024, 1, 1)
ROLE = "arn:aws:iam::123456789012:role/role"


@pytest.fixture(autouse=True)
def _nothing_is_sent(server: ModelServer) -> Iterator[None]:
    yield
    assert server.requests == []


def arguments() -> dict[str, Any]:
    """Those of a good call."""
    return {
        "compilation_job_name": "resnet",
        "role_arn": ROLE,
        "input_config": types.InputConfig(s3_uri="s3://b/k.tar.gz", framework=types.Framework.PYTORCH),
        "output_config": types.OutputConfig(s3_output_location="s3://b/o", target_device="ml_c5"),
        "stopping_condition": types.StoppingCondition(max_runtime_in_seconds=900),
        "tags": [types.Tag(key="team", value="vision")],
    }


def create(sm: SageMaker, **changes: Any) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        sm.compilation_jobs.create(**{**arguments(), **changes})
    return caught.value


# --- calls that Python itself refuses ---------------------------------------------------------------------------------


def test_a_keyword_that_is_none_of_its_parameters(checked: SageMaker) -> None:
    create: Any = checked.compilation_jobs.create
    with pytest.raises(TypeError, match="compilation_jobname"):
        create(**arguments(), compilation_jobname="x")
    config: Any = types.InputConfig
    with pytest.raises(TypeError, match="frame_work"):
        config(s3_uri="s3://b/k.tar.gz", framework="KERAS", frame_work="KERAS")


def test_a_required_argument_that_is_missing(checked: SageMaker) -> None:
    create: Any = checked.compilation_jobs.create
    for name in ("compilation_job_name", "role_arn", "output_config", "stopping_condition"):
        given = arguments()
        del given[name]
        with pytest.raises(TypeError, match=name):
            create(**given)
    config: Any = types.InputConfig
    with pytest.raises(TypeError, match="framework"):
        config(s3_uri="s3://b/k.tar.gz")


def test_a_second_argument_by_position(checked: SageMaker) -> None:
    create: Any = checked.compilation_jobs.create
    with pytest.raises(TypeError, match="positional"):
        create("resnet", ROLE)


# --- one problem ------------------------------------------------------------------------------------------------------


def test_a_required_argument_that_is_none(checked: SageMaker) -> None:
    for name in ("compilation_job_name", "role_arn", "output_config", "stopping_condition"):
        error = create(checked, **{name: None})
        assert [(problem.path, problem.rule) for problem in error.problems] == [(name, "required")]
        assert str(error).startswith(f"CreateCompilationJob: {name}: required")


@pytest.mark.parametrize(
    ("changes", "path", "rule", "words"),
    [
        ({"compilation_job_name": 7}, "compilation_job_name", "type", ("str", "int")),
        ({"compilation_job_name": b"resnet"}, "compilation_job_name", "type", ("str", "bytes")),
        ({"compilation_job_name": ""}, "compilation_job_name", "min", ("1",)),
        ({"role_arn": "short"}, "role_arn", "min", ("'short'", "5", "20")),
        ({"tags": "team"}, "tags", "type", ("list", "str")),
        ({"tags": types.Tag(key="a", value="b")}, "tags", "type", ("list", "Tag")),
        ({"tags": ["team"]}, "tags[0]", "type", ("Tag", "str")),
        ({"tags": [None]}, "tags[0]", "type", ("Tag", "None")),
        ({"tags": {"team": 7}}, "tags[0].value", "type", ("str", "int")),
        ({"output_config": {"S3OutputLocation": "s3://b"}}, "output_config", "type", ("OutputConfig", "dict")),
        (
            {"output_config": types.StoppingCondition()},
            "output_config",
            "type",
            ("OutputConfig", "StoppingCondition"),
        ),
    ],
)
def test_a_value_that_cannot_be_right(
    changes: dict[str, Any], path: str, rule: str, words: tuple[str, ...], checked: SageMaker
) -> None:
    error = create(checked, **changes)
    (problem,) = error.problems
    assert (problem.path, problem.rule) == (path, rule)
    assert str(error).startswith(f"CreateCompilationJob: {path}: ")
    for word in words:
        assert word in problem.detail


def test_a_value_deep_inside(checked: SageMaker) -> None:
    condition: Any = types.StoppingCondition
    error = create(checked, stopping_condition=condition(max_runtime_in_seconds="900"))
    assert [problem.path for problem in error.problems] == ["stopping_condition.max_runtime_in_seconds"]
    config: Any = types.InputConfig
    error = create(checked, input_config=config(s3_uri=None, framework="KERAS"))
    assert [(problem.path, problem.rule) for problem in error.problems] == [("input_config.s3_uri", "required")]


def test_a_bool_is_no_number(checked: SageMaker) -> None:
    error = create(checked, stopping_condition=types.StoppingCondition(max_runtime_in_seconds=True))
    assert [problem.rule for problem in error.problems] == ["type"]


@pytest.mark.parametrize("level", ["checked", "strict", "sm"])
def test_a_datetime_without_a_time_zone_is_not_guessed(level: str, request: pytest.FixtureRequest) -> None:
    sm: SageMaker = request.getfixturevalue(level)
    with pytest.raises(InvalidRequestError) as caught:
        sm.compilation_jobs.list(creation_time_after=NAIVE).first()
    (problem,) = caught.value.problems
    assert (problem.path, problem.rule) == ("creation_time_after", "timezone")
    assert caught.value.request == "ListCompilationJobs"
    with pytest.raises(InvalidRequestError) as caught:
        sm.trial_components.create("t", start_time=NAIVE, end_time=datetime(2024, 1, 1, tzinfo=UTC))
    assert [problem.path for problem in caught.value.problems] == ["start_time"]


@pytest.mark.parametrize("value", [[1, 3, 224, 224], [{"input0": [1, 3, 224, 224]}]])
def test_a_json_text_written_as_python_values(value: Any, checked: SageMaker) -> None:
    config = types.InputConfig(s3_uri="s3://b/k.tar.gz", framework="KERAS", data_input_config=value)
    error = create(checked, input_config=config)
    (problem,) = error.problems
    assert (problem.path, problem.rule) == ("input_config.data_input_config", "type")
    assert f"use json.dumps(...), which gives {json.dumps(value)!r}" in problem.detail
    output = types.OutputConfig(
        s3_output_location="s3://b/o",
        target_device="ml_c5",
        compiler_options=["fp16"],  # type: ignore[arg-type]
    )
    assert "use json.dumps(...)" in create(checked, output_config=output).problems[0].detail
    definition: Any = {"Version": "2020-12-01", "Steps": []}
    with pytest.raises(InvalidRequestError, match=r"pipeline_definition: .*use json\.dumps"):
        checked.pipelines.update("p", pipeline_definition=definition)


def test_a_dict_that_no_text_could_stand_for_is_not_called_json(checked: SageMaker) -> None:
    for value in ({"RoleName": "role"}, {"a": object()}, {"a": "x" * 2048}):
        (problem,) = create(checked, role_arn=value).problems
        assert problem.detail == "a str is expected, not dict"
    (problem,) = create(checked, input_config={"S3Uri": "s3://b/k.tar.gz", "Framework": "KERAS"}).problems
    assert problem.detail.endswith("; from_boto3(InputConfig, ...) makes one from a boto3 dict")


def test_the_json_text_of_a_secret_is_not_shown(checked: SageMaker) -> None:
    secret: Any = {"password": SECRET}
    with pytest.raises(InvalidRequestError, match=r"content: .*use json\.dumps") as caught:
        checked.model_cards.create("m", content=secret, model_card_status="Draft")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "path", "rule"),
    [
        ({7: "x"}, "primary_container.environment (key 7)", "type"),
        ({"A": 7}, "primary_container.environment['A']", "type"),
        ({"1A": "x"}, "primary_container.environment (key '1A')", "pattern"),
        ({"A" * 1025: "x"}, f"primary_container.environment (key '{'A' * 1025}')", "max"),
    ],
)
def test_a_key_or_a_value_of_a_map(environment: Any, path: str, rule: str, strict: SageMaker) -> None:
    container = types.ContainerDefinition(image="image", environment=environment)
    with pytest.raises(InvalidRequestError) as caught:
        strict.models.create("m", primary_container=container)
    assert [(problem.path, problem.rule) for problem in caught.value.problems] == [(path, rule)]


def time_series() -> Any:
    (config,) = model.filled(model.MODEL.shape_for("TimeSeriesForecastingJobConfig"))
    return config


def test_a_key_of_a_map_that_is_of_an_enum(strict: SageMaker) -> None:
    plain = model.minimal_request("CreateAutoMLJobV2")
    plain["AutoMLProblemTypeConfig"] = {"TimeSeriesForecastingJobConfig": time_series()}
    request = from_boto3(types.CreateAutoMLJobV2Request, plain)
    config = request.auto_ml_problem_type_config.time_series_forecasting_job_config
    assert config is not None
    assert config.transformations is not None
    filling: Any = {"price": {"frontfil": "none"}}
    config.transformations.filling = filling
    with pytest.raises(InvalidRequestError, match="did you mean 'frontfill'") as caught:
        strict.send(request)
    path = "auto_ml_problem_type_config.time_series_forecasting_job_config.transformations.filling['price']"
    assert [(problem.path, problem.rule) for problem in caught.value.problems] == [(f"{path} (key 'frontfil')", "enum")]


def flow_definition(conditions: Any) -> types.CreateFlowDefinitionRequest:
    plain = model.filled(model.input_shape("CreateFlowDefinition"))[0]
    request = from_boto3(types.CreateFlowDefinitionRequest, plain)
    assert request.human_loop_activation_config is not None
    config = request.human_loop_activation_config.human_loop_activation_conditions_config
    config.human_loop_activation_conditions = conditions
    return request


JSON_PATH = "human_loop_activation_config.human_loop_activation_conditions_config.human_loop_activation_conditions"


@pytest.mark.parametrize("value", [[1], 7, object()])
def test_what_is_no_text_is_no_json_text(value: Any, checked: SageMaker) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        checked.send(flow_definition(value))
    assert [(problem.path, problem.rule) for problem in caught.value.problems] == [(JSON_PATH, "type")]
    assert ("use json.dumps(...)" in str(caught.value)) == isinstance(value, list)


def test_a_text_that_is_no_json(checked: SageMaker, strict: SageMaker) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        strict.send(flow_definition("{'Conditions': []}"))
    assert [problem.path for problem in caught.value.problems] == [JSON_PATH]
    assert "JSON" in str(caught.value)
    with pytest.raises(InvalidRequestWarning, match="JSON"):
        checked.send(flow_definition("{'Conditions': []}"))


# --- advice -----------------------------------------------------------------------------------------------------------


def test_a_long_list_of_known_values_is_cut(strict: SageMaker) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        strict.notebook_instances.create("n", instance_type="quantum", role_arn=ROLE)  # type: ignore[arg-type]
    known = list(types.InstanceType)
    assert caught.value.problems[0].detail.endswith(f"Known: {', '.join(known[:40])}, ... ({len(known)} values)")
    output = types.OutputConfig(s3_output_location="s3://b/o", target_device="quantum")  # type: ignore[arg-type]
    detail = create(strict, output_config=output).problems[0].detail
    assert detail.endswith(f"Known: {', '.join(types.TargetDevice)}")


def test_an_unknown_enum_value_is_told_its_neighbour(checked: SageMaker, strict: SageMaker) -> None:
    changes = {"output_config": types.OutputConfig(s3_output_location="s3://b/o", target_device="ml_c55")}  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestWarning) as warned:
        checked.compilation_jobs.create(**{**arguments(), **changes})
    error = create(strict, **changes)
    (problem,) = error.problems
    assert (problem.path, problem.rule) == ("output_config.target_device", "enum")
    for message in (str(warned.value), str(error)):
        assert message.startswith("CreateCompilationJob: output_config.target_device: 'ml_c55'")
        assert "did you mean 'ml_c5'?" in message
        assert "jetson_nano" in message


@pytest.mark.parametrize(
    ("changes", "path", "rule", "words"),
    [
        ({"compilation_job_name": "x" * 64}, "compilation_job_name", "max", ("64", "63")),
        ({"compilation_job_name": "res/net"}, "compilation_job_name", "pattern", ("'res/net'", "[a-zA-Z0-9]")),
        ({"tags": {str(number): "" for number in range(51)}}, "tags", "max", ("51", "50")),
    ],
)
def test_a_bound_that_the_service_may_have_moved(
    changes: dict[str, Any], path: str, rule: str, words: tuple[str, ...], checked: SageMaker, strict: SageMaker
) -> None:
    error = create(strict, **changes)
    assert (path, rule) in [(problem.path, problem.rule) for problem in error.problems]
    with pytest.raises(InvalidRequestWarning) as warned:
        checked.compilation_jobs.create(**{**arguments(), **changes})
    for message in (str(warned.value), str(error)):
        assert all(word in message for word in (path, *words))


def test_a_large_bound_is_written_out(strict: SageMaker) -> None:
    with pytest.raises(InvalidRequestError, match="the maximum is 1048576"):
        strict.pipelines.update("p", pipeline_definition="x" * 1_048_577)


def test_who_is_refused_is_not_warned_as_well(checked: SageMaker) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        create(checked, **bad_everywhere())
    assert caught == []


# --- several problems -------------------------------------------------------------------------------------------------


def bad_everywhere() -> dict[str, Any]:
    config: Any = types.InputConfig
    return {
        "compilation_job_name": "",
        "role_arn": None,
        "input_config": config(s3_uri=7, framework="TORCH", framework_version="1.10" * 3),
        "tags": [types.Tag(key="", value="ok"), types.Tag(key="team", value="x" * 300)],
    }


HARD = [
    ("compilation_job_name", "min"),
    ("role_arn", "required"),
    ("input_config.s3_uri", "type"),
    ("tags[0].key", "min"),
]
SOFT = [
    ("compilation_job_name", "pattern"),
    ("input_config.framework", "enum"),
    ("input_config.framework_version", "max"),
    ("tags[1].value", "max"),
]


def test_every_problem_stands_in_one_error(checked: SageMaker, strict: SageMaker) -> None:
    for sm, expected in ((checked, HARD), (strict, HARD + SOFT)):
        error = create(sm, **bad_everywhere())
        assert sorted((problem.path, problem.rule) for problem in error.problems) == sorted(expected)
        for path, _ in expected:
            assert f"\n  {path}: " in str(error)
        assert str(error).startswith(f"CreateCompilationJob: {len(expected)} problems")


def test_the_error_is_caught_by_whoever_catches_boto3s_and_pickles(checked: SageMaker) -> None:
    error = create(checked, **bad_everywhere())
    twin: InvalidRequestError = pickle.loads(pickle.dumps(error))
    for each in (error, twin):
        assert isinstance(each, ValueError)
        assert isinstance(each, errors.SageMakerError)
        assert issubclass(type(each), ParamValidationError)
        assert each.problems == error.problems
        assert each.request == "CreateCompilationJob"
        assert str(each) == str(error)


# --- secrets ----------------------------------------------------------------------------------------------------------


def sensitive(operation: str) -> tuple[Any, list[Place]]:
    """A filled request, and its places that hold a secret."""
    shape = model.input_shape(operation)
    request = from_boto3(model.request_class(operation), model.filled(shape)[0])
    return request, [place for place in places(shape, request) if place.shape.metadata.get("sensitive")]


@cache
def with_secrets() -> tuple[str, ...]:
    return tuple(name for name in model.OPERATIONS if sensitive(name)[1])


@pytest.mark.parametrize("value", [[SECRET], f"{SECRET}\n", SECRET + "x" * 100_000], ids=["type", "pattern", "max"])
def test_a_sensitive_value_is_never_shown(value: Any, checked: SageMaker, strict: SageMaker) -> None:
    assert {"CreateModelCard", "UpdateModelCard", "CreateWorkforce", "CreateModelPackage"} <= set(with_secrets())
    for operation in with_secrets():
        request, found = sensitive(operation)
        for place in found:
            with place.holding(value):
                assert SECRET not in repr(request)
                with pytest.raises(InvalidRequestError) as caught:
                    strict.send(request)
                assert [problem.path for problem in caught.value.problems] == [place.path] * len(caught.value.problems)
                for text in (str(caught.value), repr(caught.value), repr(caught.value.problems)):
                    assert SECRET not in text
                with pytest.raises((InvalidRequestError, InvalidRequestWarning)) as warned:
                    checked.send(request)
                assert SECRET not in str(warned.value)


# --- no request could be made, or no answer came ----------------------------------------------------------------------


def assert_is_botocores_too(error: errors.SageMakerError) -> None:
    assert isinstance(error, BotoCoreError)
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is type(error)
    assert str(twin) == str(error)


def test_an_endpoint_that_refuses_connections() -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with (
            SageMaker(session=model.session(), endpoint_url=url, config=model.quiet()) as sm,
            pytest.raises(errors.TransportError, match=url) as caught,
        ):
            sm.compilation_jobs.describe("resnet")
    assert caught.value.operation == "DescribeCompilationJob"
    assert caught.value.retryable
    assert_is_botocores_too(caught.value)


def test_a_connection_that_is_cut_off(server: ModelServer, checked: SageMaker) -> None:
    server.drop("DescribeCompilationJob")
    with pytest.raises(errors.TransportError) as caught:
        checked.compilation_jobs.describe("resnet")
    assert [request.operation for request in server.requests] == ["DescribeCompilationJob"]
    server.requests.clear()
    assert_is_botocores_too(caught.value)


def test_nobody_to_sign_as(server: ModelServer) -> None:
    session = boto3.Session(region_name=REGION)
    with (
        SageMaker(session=session, endpoint_url=server.url, config=model.quiet()) as sm,
        pytest.raises(errors.CredentialsError) as caught,
    ):
        sm.compilation_jobs.describe("resnet")
    assert caught.value.operation == "DescribeCompilationJob"
    assert_is_botocores_too(caught.value)


def test_nowhere_to_send_to() -> None:
    for made in (SageMaker(), SageMaker(session=boto3.Session("AKID", "secret"))):
        with made as sm, pytest.raises(errors.ConfigurationError, match="region") as caught:
            sm.compilation_jobs.describe("resnet")
        assert_is_botocores_too(caught.value)


def test_a_profile_that_there_is_not() -> None:
    with SageMaker(profile="nobody") as sm, pytest.raises(errors.ConfigurationError, match="nobody"):
        sm.compilation_jobs.describe("resnet")


def test_an_endpoint_that_is_none() -> None:
    with (
        SageMaker(session=model.session(), endpoint_url="sagemaker") as sm,
        pytest.raises(errors.ConfigurationError, match="sagemaker"),
    ):
        sm.compilation_jobs.describe("resnet")
