"""Every filter and every order of the lists that the service model alone brings: what they let through, and what not."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.checked import checked_client
from tests.local.lives import Lives, input_of, named, plural
from tests.local.support import HandClock
from tests.local.test_lives_by_the_model import GENERIC, OPERATIONS, description

LISTED = [noun for noun in GENERIC if f"List{plural(noun)}" in OPERATIONS]
PAGING = {"NextToken", "MaxResults", "SortBy", "SortOrder"}
LATER = datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC)

NOT_SHOWN = {
    "ListApps.SpaceNameEquals",
    "ListClusters.TrainingPlanArn",
    "ListHubContents.MaxSchemaVersion",
    "ListInferenceExperiments.Type",
    "ListInferenceRecommendationsJobs.ModelNameEquals",
    "ListInferenceRecommendationsJobs.ModelPackageVersionArnEquals",
    "ListMlflowApps.AccountDefaultStatus",
    "ListMlflowApps.DefaultForDomainId",
    "ListModelCardExportJobs.ModelCardExportJobNameContains",
    "ListOptimizationJobs.OptimizationContains",
    "ListMonitoringSchedules.EndpointName",
    "ListMonitoringSchedules.MonitoringJobDefinitionName",
}
"""Filters on what a minimal resource has not; those that matter have tests by hand."""


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    clock = HandClock()
    with LocalSageMaker(clock=clock, every=1) as local:
        yield Lives(checked_client(local), lambda: clock.forward(20))


def items(lives: Lives, noun: str, **asked: Any) -> list[dict[str, Any]]:
    operation = f"List{plural(noun)}"
    page = lives.call(operation, {**named(operation, lives.one(noun)), **asked})
    [found] = [value for value in page.values() if isinstance(value, list)]
    return found


def shown(lives: Lives, noun: str) -> dict[str, Any]:
    known = lives.one(noun)
    described = description(lives.call(f"Describe{noun}", named(f"Describe{noun}", known)), f"Describe{noun}")
    flat = {name: value for each in described.values() if isinstance(each, dict) for name, value in each.items()}
    return {**flat, **known, **described, **items(lives, noun)[0]}


def samples_of(member: str, known: dict[str, Any], shape: Any) -> tuple[Any, Any] | None:
    """A value that lets the resource through, and one that does not; None where nothing tells."""
    if re.search("(After|Before)$", member):
        early = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
        return (early, LATER) if member.endswith("After") else (LATER, early)
    stem = re.sub("(Contains|Equals)$", "", member)
    own = stem if stem != "Name" else "no such member"
    found = known.get(own) or known.get(f"{own}Name")
    ends = stem or "Name"
    if found is None:
        longer = [value for name, value in known.items() if name.endswith(ends) and isinstance(value, str)]
        found = longer[0] if longer else None
    if isinstance(found, int):
        return found, found + 1
    choices = shape.metadata.get("enum", ())
    if choices and found not in choices:
        found = next((value for name, value in known.items() if name.endswith(ends) and value in choices), None)
    if not isinstance(found, str) or len(choices) == 1:
        return None
    others = [value for value in choices if value != found]
    wrong = others[0] if others else found[:-1] + ("1" if found[-1] == "0" else "0")
    return (found[:3] if member.endswith("Contains") else found), wrong


@pytest.mark.parametrize("noun", LISTED)
def test_every_filter(lives: Lives, noun: str) -> None:
    operation = f"List{plural(noun)}"
    required = input_of(operation).required_members
    known = shown(lives, noun)
    untold = set()
    for member, shape in input_of(operation).members.items():
        if member in PAGING or member in required or shape.type_name in ("list", "boolean"):
            continue
        # A minimal definition is about no endpoint, and its summary must name one all the same.
        about_nothing = noun.endswith("JobDefinition") and member == "EndpointName"
        pair = None if about_nothing else samples_of(member, known, shape)
        if pair is None:
            untold.add(f"{operation}.{member}")
            continue
        assert len(items(lives, noun, **{member: pair[0]})) == 1, member
        assert items(lives, noun, **{member: pair[1]}) == [], member
    assert {name for name in untold if not name.endswith("JobDefinitions.EndpointName")} <= NOT_SHOWN


@pytest.mark.parametrize("noun", [noun for noun in LISTED if "SortBy" in input_of(f"List{plural(noun)}").members])
def test_every_order(lives: Lives, noun: str) -> None:
    members = input_of(f"List{plural(noun)}").members
    orders = members["SortOrder"].metadata["enum"] if "SortOrder" in members else [None]
    for sort_by in members["SortBy"].metadata["enum"]:
        for order in orders:
            asked = {"SortBy": sort_by, **({"SortOrder": order} if order else {})}
            assert len(items(lives, noun, **asked)) == 1
