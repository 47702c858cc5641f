"""What a run knows of the resource that a request creates: its name, how it is looked up, described and stopped."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_typed import errors, types
from sagemaker_typed._waiting.creating import QUEUED, UNKNOWN, Creation, Kinds, hopeless, quota_of, taken
from sagemaker_typed.resources.runs import RUNS
from sagemaker_typed.resources.waitable import waiter_of
from sagemaker_typed.structure import Request
from tests.support.account import request as compilation
from tests.support.simulated import api

EXECUTION = "arn:aws:sagemaker:us-west-2:1:pipeline/p/execution/x"


def execution(name: str | None = "nightly", token: str | None = None) -> Request[Any]:
    return types.StartPipelineExecutionRequest(
        pipeline_name="p", pipeline_execution_display_name=name, client_request_token=token
    )


def image(token: str | None = None) -> Request[Any]:
    return types.CreateImageVersionRequest(image_name="i", base_image="b", client_token=token)


def package(name: str | None = None, group: str | None = "g", token: str | None = None) -> Request[Any]:
    return types.CreateModelPackageInput(model_package_name=name, model_package_group_name=group, client_token=token)


def quota() -> Request[Any]:
    return types.CreateComputeQuotaRequest(
        name="q",
        cluster_arn="arn:c",
        compute_quota_config=types.ComputeQuotaConfig(),
        compute_quota_target=types.ComputeQuotaTarget(team_name="t"),
    )


def user() -> Request[Any]:
    return types.CreateUserProfileRequest(domain_id="d", user_profile_name="u")


def pipeline() -> Request[Any]:
    return types.CreatePipelineRequest(pipeline_name="p", client_request_token="t" * 32, role_arn="r")


def domain() -> Request[Any]:
    settings = types.UserSettings(execution_role="r")
    return types.CreateDomainRequest(domain_name="d", auth_mode="IAM", default_user_settings=settings)


def notebook() -> Request[Any]:
    return types.StartNotebookInstanceInput(notebook_instance_name="n")


def creation(request: Request[Any], *, look: bool = True) -> Creation:
    return Kinds(RUNS, waiter_of, look=look).creation(request)


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "name", "title", "state"),
    [
        (compilation("a"), "a", "compilation job 'a'", UNKNOWN),
        (user(), "d/u", "user profile 'd/u'", UNKNOWN),
        (pipeline(), "p", "pipeline 'p'", UNKNOWN),
        (quota(), "arn:c/q", "compute quota 'arn:c/q'", UNKNOWN),
        (notebook(), "n", "notebook instance 'n'", UNKNOWN),
        (execution(), "p/nightly", "pipeline execution 'p/nightly'", UNKNOWN),
        (execution(token="t" * 32), "p/nightly", "pipeline execution 'p/nightly'", UNKNOWN),
        (execution(None, "t" * 32), f"p/{'t' * 32}", f"pipeline execution 'p/{'t' * 32}'", UNKNOWN),
        # Only the answer tells which version or package it is, so that nothing can be looked up before.
        (image("token"), "i/token", "image version 'i/token'", QUEUED),
        (package(token="token"), "g/token", "model package 'g/token'", QUEUED),
        (package("m", None), "m", "model package 'm'", UNKNOWN),
    ],
)
def test_the_name_and_where_it_begins(request_: Request[Any], name: str, title: str, state: str) -> None:
    made = creation(request_)
    assert (made.own_name, made.name, made.title, made.state) == (name, name, title, state)
    assert creation(request_, look=False).state == QUEUED


def test_of_a_new_creation_nothing_has_come_yet() -> None:
    made = creation(compilation("a"))
    assert (made.deadline, made.bounded, made.retry_at, made.failures) == (math.inf, False, -math.inf, 0)
    assert (made.refusal, made.lost, made.taken) == (None, False, None)


@pytest.mark.parametrize("given", [None, 3, "ab", compilation("a")])
def test_one_thing_is_not_several_requests(given: Any) -> None:
    kinds = Kinds(RUNS, waiter_of, look=True)
    with pytest.raises(errors.InvalidRequestError) as caught:
        kinds.creations(given)
    expected = errors.Problem("requests", "type", f"several requests, not a {type(given).__name__}")
    assert caught.value.problems == (expected,)
    assert kinds.creations(iter([])) == []


def test_without_a_token_of_the_caller_each_request_gets_one_of_its_own() -> None:
    given = image()
    one, other = creation(given, look=False), creation(given, look=False)
    tokens: list[Any] = [each.request.client_token for each in (one, other)]  # type: ignore[attr-defined]
    assert len(set(tokens)) == 2
    assert all(len(token) == 36 for token in tokens)
    assert one.own_name == "i"
    assert given.client_token is None  # type: ignore[attr-defined]
    assert creation(image("token")).request.client_token == "token"  # type: ignore[attr-defined]
    assert (one.repeatable, creation(compilation("a")).repeatable) == (True, False)
    assert (Creation.repeats_alike(given), Creation.repeats_alike(image("token"))) == (False, True)


@pytest.mark.parametrize(
    ("request_", "path", "text"),
    [
        (image(), "client_token", "needed with exist_ok, as no other member tells one image version from the next"),
        (package(), "client_token", "needed with exist_ok, as no other member tells one model package from the next"),
        (package(None, None), "model_package_name", "the name of the model package"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(request_: Request[Any], path: str, text: str) -> None:
    kinds = Kinds(RUNS, waiter_of, look=True)
    with pytest.raises(errors.InvalidRequestError) as caught:
        kinds.creation(request_)
    assert caught.value.problems == (errors.Problem(f"request.{path}", "required", text),)
    with pytest.raises(errors.InvalidRequestError) as caught:
        kinds.creations([compilation("a"), request_])
    assert caught.value.problems == (errors.Problem(f"requests[1].{path}", "required", text),)


def test_requests_that_are_wrong_are_all_named() -> None:
    kinds = Kinds(RUNS, waiter_of, look=False)
    with pytest.raises(errors.InvalidRequestError) as caught:
        kinds.creations([compilation("a"), "b", types.DescribeModelInput(model_name="m"), compilation("a")])
    assert [(each.path, each.rule) for each in caught.value.problems] == [
        ("requests[1]", "type"),
        ("requests[2]", "enum"),
        ("requests[3]", "unique"),
    ]
    assert caught.value.problems[2].detail == "a unique name: requests[0] already creates the compilation job 'a'"
    assert [each.title for each in kinds.creations((compilation("a"), user()))] == [
        "compilation job 'a'",
        "user profile 'd/u'",
    ]
    for several in ("ab", compilation("a"), 7):
        with pytest.raises(errors.InvalidRequestError, match="several requests, not a "):
            kinds.creations(several)


# --- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "answer", "describe", "stop", "key"),
    [
        (
            compilation("a"),
            None,
            types.DescribeCompilationJobRequest(compilation_job_name="a"),
            types.StopCompilationJobRequest(compilation_job_name="a"),
            "a",
        ),
        (user(), None, types.DescribeUserProfileRequest(domain_id="d", user_profile_name="u"), None, "d/u"),
        (notebook(), None, types.DescribeNotebookInstanceInput(notebook_instance_name="n"), None, "n"),
        (
            execution(),
            SimpleNamespace(pipeline_execution_arn=EXECUTION),
            types.DescribePipelineExecutionRequest(pipeline_execution_arn=EXECUTION),
            None,
            EXECUTION,
        ),
        (
            image("token"),
            SimpleNamespace(image_version_arn="arn:aws:sagemaker:us-west-2:1:image-version/i/12"),
            types.DescribeImageVersionRequest(image_name="i", version=12),
            None,
            "i/token",
        ),
    ],
)
def test_how_it_is_described_and_stopped(
    request_: Request[Any], answer: Any, describe: Request[Any], stop: Request[Any] | None, key: str
) -> None:
    made = creation(request_)
    assert made.identified is (answer is None)
    for nothing in (None, SimpleNamespace(**dict.fromkeys(vars(answer or SimpleNamespace())))):
        made.answered(nothing)
        assert made.identified is (answer is None)
    made.answered(answer)
    assert made.identified
    assert made.describe_request() == describe
    assert made.key == key
    if stop is not None or made.run.stop is None:
        assert made.stop_request() == stop
    made.answered(SimpleNamespace(**dict.fromkeys(vars(answer or SimpleNamespace()), "another/9")))
    assert made.describe_request() == describe  # the first answer counts


def test_a_resource_without_a_name_is_looked_up_in_a_list() -> None:
    made = creation(execution())
    find = made.run.find
    assert find is not None
    assert made.list_request(find, None) == types.ListPipelineExecutionsRequest(
        pipeline_name="p", sort_order="Descending", max_results=100
    )
    assert made.list_request(find, "t").next_token == "t"  # type: ignore[attr-defined]
    others = types.ListPipelineExecutionsResponse(
        pipeline_execution_summaries=[
            types.PipelineExecutionSummary(pipeline_execution_display_name=name, pipeline_execution_arn=f"arn:{name}")
            for name in ("other", None)
        ]
    )
    assert made.listed(find, others) is False
    assert made.listed(find, types.ListPipelineExecutionsResponse()) is False
    assert not made.identified
    ours = [*(others.pipeline_execution_summaries or ()), None]
    for arn in (EXECUTION, "arn:older"):
        ours.append(
            types.PipelineExecutionSummary(pipeline_execution_display_name="nightly", pipeline_execution_arn=arn)
        )
    assert made.listed(find, SimpleNamespace(pipeline_execution_summaries=ours))
    assert made.describe_request() == types.DescribePipelineExecutionRequest(pipeline_execution_arn=EXECUTION)
    nameless = creation(execution(None, "t" * 32))
    assert not nameless.listed(find, others)
    plain = creation(domain())
    assert plain.run.find is not None
    assert plain.list_request(plain.run.find, None) == types.ListDomainsRequest(max_results=100)
    scoped = creation(quota())
    assert scoped.run.find is not None
    assert scoped.list_request(scoped.run.find, None).cluster_arn == "arn:c"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("status", "under_way"),
    [("Pending", True), ("InService", True), ("Stopped", False), ("Failed", False), (None, True), ("New", False)],
)
def test_whether_it_has_started(status: str | None, under_way: bool) -> None:
    assert creation(notebook()).under_way(SimpleNamespace(notebook_instance_status=status)) is under_way


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "is_taken"),
    [
        ("ResourceInUse", True),
        ("ConflictException", True),
        ("ResourceLimitExceeded", False),
        ("ValidationException", False),
    ],
)
def test_which_refusals_may_mean_that_the_name_is_taken(code: str, is_taken: bool) -> None:
    assert taken(api(code)) is is_taken


@pytest.mark.parametrize(
    ("limit", "delta", "expected"), [(0, 1, True), (4, 5, True), (4, 4, False), (4, 1, False), (None, None, False)]
)
def test_a_request_above_the_whole_quota_is_hopeless(limit: int | None, delta: int | None, expected: bool) -> None:
    text = "The account-level service limit 'ml.p3 for training job usage' is {} Instances, with current utilization of {} Instances and a request delta of {} Instances."  # noqa: E501
    message = "Too many." if limit is None else text.format(limit, 1, delta)
    error = errors.ResourceLimitExceededError(
        {"Error": {"Code": "ResourceLimitExceeded", "Message": message}}, "Create"
    )
    assert hopeless(error) is expected


def test_a_quota_is_about_the_operation_and_its_instance_types() -> None:
    assert quota_of(compilation("a")) == ("CreateCompilationJob",)
    kinds: list[Any] = ["ml.m5.large", "ml.c5.large", "ml.m5.large", None]
    variants = [
        types.ProductionVariant(variant_name=str(index), model_name="m", instance_type=kind)
        for index, kind in enumerate(kinds)
    ]
    made = types.CreateEndpointConfigInput(endpoint_config_name="c", production_variants=variants)
    assert quota_of(made) == ("CreateEndpointConfig", "ml.c5.large", "ml.m5.large")
