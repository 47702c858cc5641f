"""The lists of jobs, endpoints, notebook instances and flow definitions: defaults, order, pages, filters."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.serialize import JSONSerializer

from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._model import load_model
from tests.local.checked import checked_client
from tests.local.families import FAMILIES, NOTEBOOK, TRAINING, Family, by_kind, training_body
from tests.local.support import HandClock, error_of

MILLISECOND = datetime.timedelta(milliseconds=1)
SECOND = datetime.timedelta(seconds=1)
CREATED = ("job-d", "job-a", "job-g", "job-b", "job-f", "job-c", "job-e")
"""Ten seconds apart, in this order."""

every_family = pytest.mark.parametrize("family", FAMILIES, ids=by_kind)


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return checked_client(local)


@cache
def botocore_model() -> Any:
    """With its documentation, which ours is without."""
    return botocore.session.Session().get_service_model("sagemaker")


def statuses(family: Family) -> tuple[str, ...]:
    return tuple(load_model().enum(f"{family.noun}Status"))


@pytest.fixture
def seven(local: LocalSageMaker, sm: Any, clock: HandClock) -> Callable[[Family], tuple[str, ...]]:
    def make(family: Family) -> tuple[str, ...]:
        family.needs(sm)
        for index, name in enumerate(CREATED):
            if family.life:
                # The first three and the last one share a status.
                state = statuses(family)[0 if index in (0, 1, 2, 6) else index % 3]
                local.script(family.kind, name, [state], on="create")
            family.create(sm, name)
            clock.forward(10)
        return CREATED

    return make


def keys(family: Family, sm: Any) -> dict[str, Callable[[str], Any]]:
    """What each value of SortBy compares; ARNs, and so names, tell apart what is the same in that."""
    order = {name: number for number, name in enumerate(CREATED)}
    found: dict[str, Callable[[str], Any]] = {"Name": str, "CreationTime": order.__getitem__}
    if family.life:
        found["Status"] = lambda name: (family.status(sm, name), name)
    return found


@every_family
def test_the_documented_order(sm: Any, seven: Any, family: Family) -> None:
    seven(family)
    assert family.listed(sm) == sorted(CREATED, key=keys(family, sm)[family.sort_by], reverse=family.descending)


@every_family
@pytest.mark.parametrize("order", ["Ascending", "Descending"])
def test_every_order(sm: Any, seven: Any, family: Family, order: str) -> None:
    seven(family)
    known = keys(family, sm)
    for sort_by in family.filters().get("SortBy", {"enum": []})["enum"]:
        expected = sorted(CREATED, key=known[sort_by], reverse=order == "Descending")
        assert family.listed(sm, SortBy=sort_by, SortOrder=order) == expected
    expected = sorted(CREATED, key=known[family.sort_by], reverse=order == "Descending")
    assert family.listed(sm, SortOrder=order) == expected


@every_family
def test_pages(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    family.needs(sm)
    created = [f"item-{number:02}" for number in range(25)]
    for name in created:
        family.create(sm, name)
    first = family.page(sm)
    assert len(family.names(first)) == 10
    assert "NextToken" in first
    sizes, seen, token = [], list[str](), {}
    while True:
        page = family.page(sm, MaxResults=7, SortOrder="Ascending", **token)
        sizes.append(len(family.names(page)))
        seen += family.names(page)
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
        clock.forward(1)
    assert (sizes, seen) == ([7, 7, 7, 4], created)
    assert "NextToken" not in family.page(sm, MaxResults=25)
    assert family.names(family.page(sm, MaxResults=100, SortOrder="Descending")) == created[::-1]


@every_family
def test_what_is_created_meanwhile_shifts_nothing(sm: Any, seven: Any, family: Family) -> None:
    seven(family)
    first = family.page(sm, SortOrder="Descending", MaxResults=3)
    family.create(sm, "job-zz")
    expected = sorted(CREATED, key=keys(family, sm)[family.sort_by], reverse=True)
    rest = family.page(sm, SortOrder="Descending", NextToken=first["NextToken"])
    assert family.names(first) + family.names(rest) == expected


@every_family
def test_a_token_is_good_for_its_own_query(sm: Any, seven: Any, family: Family) -> None:
    seven(family)
    token = family.page(sm, MaxResults=2)["NextToken"]
    assert len(family.listed(sm, NextToken=token)) == 5
    for wrong in ({"NextToken": token, "SortOrder": "Ascending"}, {"NextToken": "nonsense"}):
        code, _, http = error_of(lambda wrong=wrong: family.page(sm, **wrong))
        assert (code, http) == ("ValidationException", 400)


@every_family
def test_every_filter_is_known_here(family: Family) -> None:
    common = {"SortBy", "SortOrder", "NextToken", "MaxResults", "NameContains", "StatusEquals"}
    common |= {f"{what}Time{side}" for what in ("Creation", "LastModified") for side in ("Before", "After")}
    special = {
        TRAINING.kind: {"WarmPoolStatusEquals", "TrainingPlanArnEquals"},
        NOTEBOOK.kind: {
            "NotebookInstanceLifecycleConfigNameContains",
            "DefaultCodeRepositoryContains",
            "AdditionalCodeRepositoryEquals",
        },
    }
    assert set(family.filters()) <= common | special.get(family.kind, set())


@every_family
def test_the_name_filter(sm: Any, seven: Any, family: Family) -> None:
    if "NameContains" not in family.filters():
        pytest.skip("the list has no such filter")
    seven(family)
    family.create(sm, "other")
    assert family.listed(sm, NameContains="b-f") == ["job-f"]
    assert len(family.listed(sm, NameContains="job")) == 7
    assert family.listed(sm, NameContains="JOB") == []


@every_family
def test_the_status_filter(sm: Any, seven: Any, family: Family) -> None:
    if "StatusEquals" not in family.filters():
        pytest.skip("the list has no such filter")
    seven(family)
    stands = {name: family.status(sm, name) for name in CREATED}
    assert len(set(stands.values())) == 3
    for status in statuses(family):
        wanted = sorted(name for name in CREATED if stands[name] == status)
        assert sorted(family.listed(sm, StatusEquals=status)) == wanted


@every_family
def test_the_creation_filters(sm: Any, seven: Any, family: Family) -> None:
    seven(family)
    times = {item[family.name_member]: item["CreationTime"] for item in family.page(sm)[family.results]}
    after, before = times[CREATED[1]] + SECOND, times[CREATED[4]] + SECOND
    assert sorted(family.listed(sm, CreationTimeAfter=after)) == sorted(CREATED[2:])
    assert sorted(family.listed(sm, CreationTimeBefore=before)) == sorted(CREATED[:5])
    assert sorted(family.listed(sm, CreationTimeAfter=after, CreationTimeBefore=before)) == sorted(CREATED[2:5])
    assert family.listed(sm, CreationTimeAfter=before, CreationTimeBefore=after) == []


# botocore 1.36 sends whole seconds.
sends_milliseconds = pytest.mark.skipif(
    float(JSONSerializer()._timestamp_unixtimestamp(datetime.datetime(2024, 1, 1, 0, 0, 0, 500000))) % 1 == 0,
    reason="the installed botocore sends times in whole seconds",
)


@sends_milliseconds
@every_family
def test_the_exact_moment_of_the_creation(sm: Any, seven: Any, family: Family) -> None:
    """Whether it is taken in stands in botocore's documentation of the list."""
    seven(family)
    members = botocore_model().operation_model(family.list_operation).input_shape.members
    includes = "greater than or equal" in members["CreationTimeAfter"].documentation
    moment = {item[family.name_member]: item["CreationTime"] for item in family.page(sm)[family.results]}[CREATED[3]]
    listed = {
        (name, change): sorted(family.listed(sm, **{f"CreationTime{name}": moment + change * MILLISECOND}))
        for name in ("After", "Before")
        for change in (-1, 0, 1)
    }
    assert listed == {
        ("After", -1): sorted(CREATED[3:]),
        ("After", 0): sorted(CREATED[3:] if includes else CREATED[4:]),
        ("After", 1): sorted(CREATED[4:]),
        ("Before", -1): sorted(CREATED[:3]),
        ("Before", 0): sorted(CREATED[:3]),
        ("Before", 1): sorted(CREATED[:4]),
    }


@sends_milliseconds
@every_family
def test_the_exact_moment_of_a_change(sm: Any, seven: Any, family: Family) -> None:
    if "LastModifiedTimeAfter" not in family.filters():
        pytest.skip("the list has no such filter")
    seven(family)
    moments = {item[family.name_member]: item["LastModifiedTime"] for item in family.page(sm)[family.results]}
    moment = moments[CREATED[3]]
    later = sorted(name for name in CREATED if moments[name] > moment)
    earlier = sorted(name for name in CREATED if moments[name] < moment)
    assert sorted(family.listed(sm, LastModifiedTimeAfter=moment)) == later
    assert sorted(family.listed(sm, LastModifiedTimeBefore=moment)) == earlier
    assert CREATED[3] in family.listed(sm, LastModifiedTimeAfter=moment - MILLISECOND)
    assert CREATED[3] in family.listed(sm, LastModifiedTimeBefore=moment + MILLISECOND)


@every_family
def test_the_modification_filters(local: LocalSageMaker, sm: Any, seven: Any, clock: HandClock, family: Family) -> None:
    if "LastModifiedTimeAfter" not in family.filters():
        pytest.skip("the list has no such filter")
    seven(family)
    clock.forward(100)
    local.script(family.kind, "job-a", [family.life[-1]], on="now")
    changed = {item[family.name_member]: item["LastModifiedTime"] for item in family.page(sm)[family.results]}
    late = changed["job-a"] - SECOND
    assert changed["job-a"] == max(changed.values())
    assert family.listed(sm, LastModifiedTimeAfter=late) == ["job-a"]
    assert sorted(family.listed(sm, LastModifiedTimeBefore=late)) == sorted(set(CREATED) - {"job-a"})


@every_family
def test_a_list_is_of_one_region(local: LocalSageMaker, sm: Any, family: Family) -> None:
    there = checked_client(local, "eu-west-1")
    for client in (sm, there):
        family.needs(client)
    here, far = family.create(sm, "job"), family.create(there, "job")
    assert (here.split(":")[3], far.split(":")[3]) == ("us-west-2", "eu-west-1")
    family.create(there, "more")
    assert family.listed(sm) == ["job"]
    assert sorted(family.listed(there)) == ["job", "more"]


def test_training_jobs_of_a_plan(sm: Any) -> None:
    plan = "arn:aws:sagemaker:us-west-2:123456789012:training-plan/large"
    resources = {"InstanceType": "ml.p5.48xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10, "TrainingPlanArn": plan}
    TRAINING.create(sm, "planned", **training_body(ResourceConfig=resources))
    TRAINING.create(sm, "plain")
    (item,) = sm.list_training_jobs(TrainingPlanArnEquals=plan)["TrainingJobSummaries"]
    assert (item["TrainingJobName"], item["TrainingPlanArn"]) == ("planned", plan)
    assert TRAINING.listed(sm, TrainingPlanArnEquals=f"{plan}-2") == []
    assert TRAINING.listed(sm, WarmPoolStatusEquals="Available") == []


def test_notebook_instances_by_what_they_have(sm: Any) -> None:
    first, second = "https://example.com/one.git", "https://example.com/two.git"
    NOTEBOOK.create(sm, "plain")
    NOTEBOOK.create(sm, "rich", LifecycleConfigName="on-start", DefaultCodeRepository=first)
    NOTEBOOK.create(sm, "more", AdditionalCodeRepositories=[first, second])
    assert NOTEBOOK.listed(sm, NotebookInstanceLifecycleConfigNameContains="start") == ["rich"]
    assert NOTEBOOK.listed(sm, NotebookInstanceLifecycleConfigNameContains="stop") == []
    assert NOTEBOOK.listed(sm, DefaultCodeRepositoryContains="one") == ["rich"]
    assert NOTEBOOK.listed(sm, AdditionalCodeRepositoryEquals=second) == ["more"]
    assert NOTEBOOK.listed(sm, AdditionalCodeRepositoryEquals="https://example.com/t") == []
    (rich,) = sm.list_notebook_instances(NameContains="rich")["NotebookInstances"]
    assert rich["NotebookInstanceLifecycleConfigName"] == "on-start"
