"""The Resource Groups Tagging API on the URL of SageMaker, as boto3 and its paginators ask it."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.conftest import no_retries
from tests.local.support import error_of, request

ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture
def tagging(local: LocalSageMaker) -> Any:
    return local.boto3_client("resourcegroupstaggingapi", config=no_retries())


def tagged(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def model(sm: Any, name: str, **tags: str) -> str:
    answer = sm.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"}, Tags=tagged(**tags)
    )
    return str(answer["ModelArn"])


def arns(answer: Any) -> list[str]:
    return [found["ResourceARN"] for found in answer["ResourceTagMappingList"]]


def test_what_has_tags_is_found_whatever_its_kind(sm: Any, tagging: Any) -> None:
    first = model(sm, "first", team="vision", stage="test")
    model(sm, "bare")
    job = sm.create_compilation_job(**request("job", Tags=tagged(team="vision")))["CompilationJobArn"]
    domain = sm.create_domain(
        DomainName="studio",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
        Tags=tagged(team="platform"),
    )["DomainArn"]
    assert sorted(arns(tagging.get_resources())) == sorted([first, job, domain])
    assert arns(tagging.get_resources(ResourceTypeFilters=["sagemaker:model", "sagemaker:domain"])) == [domain, first]
    assert arns(tagging.get_resources(ResourceTypeFilters=["ec2:instance"])) == []
    assert arns(tagging.get_resources(ResourceARNList=[first])) == [first]
    (found,) = tagging.get_resources(ResourceTypeFilters=["sagemaker:model"])["ResourceTagMappingList"]
    assert found["Tags"] == tagged(team="vision", stage="test")


def test_filters_hold_together_and_values_apart(sm: Any, tagging: Any) -> None:
    one = model(sm, "one", team="vision", stage="test")
    two = model(sm, "two", team="speech", stage="test")
    model(sm, "three", team="vision")
    stage = {"Key": "stage"}
    both = {"Key": "team", "Values": ["vision", "speech"]}
    assert arns(tagging.get_resources(TagFilters=[stage])) == [one, two]
    assert arns(tagging.get_resources(TagFilters=[stage, both])) == [one, two]
    assert arns(tagging.get_resources(TagFilters=[stage, {"Key": "team", "Values": ["vision"]}])) == [one]
    assert arns(tagging.get_resources(TagFilters=[{"Key": "team", "Values": ["Vision"]}])) == []


def test_pages_keys_and_values(sm: Any, tagging: Any) -> None:
    made = [model(sm, f"m{number:03}", team=f"t{number % 3}", order=str(number)) for number in range(7)]
    pages = list(tagging.get_paginator("get_resources").paginate(ResourcesPerPage=3))
    assert [len(page["ResourceTagMappingList"]) for page in pages] == [3, 3, 1]
    assert [arn for page in pages for arn in arns(page)] == made
    assert tagging.get_tag_keys()["TagKeys"] == ["order", "team"]
    assert tagging.get_tag_values(Key="team")["TagValues"] == ["t0", "t1", "t2"]
    code, _, status = error_of(tagging.get_resources, PaginationToken="bWFkZSB1cA==")
    assert (code, status) == ("PaginationTokenExpiredException", 400)


def test_tags_are_put_and_taken_away_by_arn(sm: Any, tagging: Any) -> None:
    arn = model(sm, "mine", old="1", kept="2")
    nobody = arn.replace("mine", "nobody")
    answer = tagging.tag_resources(ResourceARNList=[arn, nobody], Tags={"new": "3"})
    assert list(answer["FailedResourcesMap"]) == [nobody]
    assert answer["FailedResourcesMap"][nobody]["ErrorCode"] == "InvalidParameterException"
    assert tagging.untag_resources(ResourceARNList=[arn], TagKeys=["old"])["FailedResourcesMap"] == {}
    assert sm.list_tags(ResourceArn=arn)["Tags"] == tagged(kept="2", new="3")


def test_a_region_has_its_own(local: LocalSageMaker, sm: Any, tagging: Any) -> None:
    model(sm, "here", team="vision")
    there = local.boto3_client("resourcegroupstaggingapi", region_name="eu-west-1")
    assert arns(there.get_resources()) == []
    assert len(arns(tagging.get_resources())) == 1


def test_what_cannot_be_asked_is_refused(sm: Any, tagging: Any) -> None:
    arn = model(sm, "mine", team="vision")
    code, message, _ = error_of(tagging.get_resources, ResourceARNList=[arn], TagFilters=[{"Key": "team"}])
    assert code == "InvalidParameterException"
    assert "ResourceARNList" in message
    code, _, status = error_of(tagging.get_compliance_summary)
    assert (code, status) == ("NotImplemented", 501)


def test_faults_and_counts_know_its_operations(local: LocalSageMaker, tagging: Any) -> None:
    local.fail_next("GetResources", "ThrottledException")
    assert error_of(tagging.get_resources)[0] == "ThrottledException"
    tagging.get_resources()
    assert local.calls["GetResources"] == 2
