"""ListCompilationJobs: pages, filters, order."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from botocore.config import Config

from sagemaker_typed.testing import LocalSageMaker
from tests.local.support import HandClock, error_of, names, request


@pytest.fixture
def seven(local: LocalSageMaker, sm: Any, clock: HandClock) -> list[str]:
    """Created ten seconds apart, in this order. a, b and c end COMPLETED, the others stay STARTING."""
    local.script("compilation_job", "*", ["STARTING"])
    for name in "abc":
        local.script("compilation_job", f"job-{name}", ["STARTING", "COMPLETED"], every=5)
    created = [f"job-{letter}" for letter in "dagbfce"]
    for name in created:
        sm.create_compilation_job(**request(name))
        clock.forward(10)
    return created


def test_the_default_is_creation_ascending(sm: Any, seven: list[str]) -> None:
    page = sm.list_compilation_jobs()
    assert names(page) == seven
    assert "NextToken" not in page


def test_nothing_to_list(sm: Any) -> None:
    assert names(sm.list_compilation_jobs()) == []


def test_a_page_has_ten_unless_told(local: LocalSageMaker, sm: Any) -> None:
    local.script("compilation_job", "*", ["STARTING"])
    for number in range(23):
        sm.create_compilation_job(**request(f"job-{number:02}"))
    first = sm.list_compilation_jobs()
    assert len(names(first)) == 10
    pages = list(sm.get_paginator("list_compilation_jobs").paginate(PaginationConfig={"PageSize": 7}))
    assert [len(names(page)) for page in pages] == [7, 7, 7, 2]
    assert sorted(name for page in pages for name in names(page)) == [f"job-{number:02}" for number in range(23)]


def test_a_full_last_page_has_no_token(sm: Any, seven: list[str]) -> None:
    first = sm.list_compilation_jobs(MaxResults=4)
    last = sm.list_compilation_jobs(MaxResults=3, NextToken=first["NextToken"])
    assert names(first) + names(last) == seven
    assert "NextToken" not in last


@pytest.mark.parametrize("sort_by", ["Name", "CreationTime", "Status"])
@pytest.mark.parametrize("sort_order", ["Ascending", "Descending"])
def test_order(sm: Any, seven: list[str], sort_by: str, sort_order: str) -> None:
    keys = {
        "Name": sorted(seven),
        "CreationTime": seven,
        # COMPLETED comes before STARTING; within a status by name
        "Status": sorted(seven),
    }
    expected = keys[sort_by] if sort_order == "Ascending" else keys[sort_by][::-1]
    assert names(sm.list_compilation_jobs(SortBy=sort_by, SortOrder=sort_order)) == expected
    pages = sm.get_paginator("list_compilation_jobs").paginate(
        SortBy=sort_by, SortOrder=sort_order, PaginationConfig={"PageSize": 2}
    )
    assert [name for page in pages for name in names(page)] == expected


def test_what_is_created_meanwhile_shifts_nothing(sm: Any, seven: list[str]) -> None:
    first = sm.list_compilation_jobs(SortBy="Name", MaxResults=3)
    sm.create_compilation_job(**request("job-aa"))
    sm.create_compilation_job(**request("job-z"))
    rest = sm.list_compilation_jobs(SortBy="Name", NextToken=first["NextToken"])
    assert names(first) + names(rest) == [*sorted(seven), "job-z"]


def test_the_times_filter_exclusively(sm: Any, seven: list[str], clock: HandClock) -> None:
    times = [job["CreationTime"] for job in sm.list_compilation_jobs()["CompilationJobSummaries"]]
    second = datetime.timedelta(seconds=1)
    between = {"CreationTimeAfter": times[1] + second, "CreationTimeBefore": times[4] + second}
    assert names(sm.list_compilation_jobs(**between)) == seven[2:5]
    assert names(sm.list_compilation_jobs(CreationTimeAfter=times[-1] + second)) == []


def test_the_modification_filter_sees_changes(
    local: LocalSageMaker, sm: Any, seven: list[str], clock: HandClock
) -> None:
    local.script("compilation_job", "late", ["STARTING", "INPROGRESS"], manual=True)
    sm.create_compilation_job(**request("late"))
    clock.forward(100)
    local.advance("compilation_job", "late")
    late = sm.describe_compilation_job(CompilationJobName="late")
    second = datetime.timedelta(seconds=1)
    assert late["LastModifiedTime"] == late["CreationTime"] + 100 * second
    assert names(sm.list_compilation_jobs(LastModifiedTimeAfter=late["LastModifiedTime"] - second)) == ["late"]
    assert names(sm.list_compilation_jobs(LastModifiedTimeBefore=late["LastModifiedTime"] - second)) == seven


def test_name_and_status_filters(sm: Any, seven: list[str]) -> None:
    assert names(sm.list_compilation_jobs(NameContains="b-f")) == ["job-f"]
    assert names(sm.list_compilation_jobs(StatusEquals="COMPLETED")) == ["job-a", "job-b", "job-c"]
    assert names(sm.list_compilation_jobs(StatusEquals="COMPLETED", NameContains="c")) == ["job-c"]
    assert names(sm.list_compilation_jobs(StatusEquals="FAILED")) == []


@pytest.mark.parametrize(
    ("output", "summary"),
    [
        ({"TargetDevice": "ml_c5"}, {"CompilationTargetDevice": "ml_c5"}),
        (
            {"TargetPlatform": {"Os": "LINUX", "Arch": "ARM64"}},
            {"CompilationTargetPlatformOs": "LINUX", "CompilationTargetPlatformArch": "ARM64"},
        ),
        (
            {"TargetPlatform": {"Os": "LINUX", "Arch": "ARM64", "Accelerator": "MALI"}},
            {
                "CompilationTargetPlatformOs": "LINUX",
                "CompilationTargetPlatformArch": "ARM64",
                "CompilationTargetPlatformAccelerator": "MALI",
            },
        ),
    ],
)
def test_a_summary_names_its_target(sm: Any, s3: Any, output: dict[str, Any], summary: dict[str, str]) -> None:
    sm.create_compilation_job(**request("job", OutputConfig={"S3OutputLocation": "s3://models/out", **output}))
    (listed,) = sm.list_compilation_jobs()["CompilationJobSummaries"]
    assert {member: value for member, value in listed.items() if member.startswith("CompilationTarget")} == summary


@pytest.mark.parametrize("size", [0, 101])
def test_the_page_size_has_bounds(local: LocalSageMaker, size: int) -> None:
    sm = local.boto3_client("sagemaker", config=Config(parameter_validation=False))
    code, message, _ = error_of(sm.list_compilation_jobs, MaxResults=size)
    assert code == "ValidationException"
    assert "maxResults" in message


def test_a_token_is_good_for_its_own_request_only(sm: Any, seven: list[str]) -> None:
    token = sm.list_compilation_jobs(MaxResults=2)["NextToken"]
    assert error_of(sm.list_compilation_jobs, NextToken=token, SortBy="Name")[0] == "ValidationException"
    assert error_of(sm.list_compilation_jobs, NextToken="not a token")[0] == "ValidationException"
    assert error_of(sm.list_compilation_jobs, NextToken="W10=")[0] == "ValidationException"
