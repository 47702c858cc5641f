"""What a boto3 user writes out of habit is answered with what to write here, for every operation and structure."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed import SageMaker
from sagemaker_typed.structure import Response, members_of
from tests.contract import model

SM: Any = SageMaker(region="us-west-2")
# Those that belong to no resource stand on `sm` itself.
ON_THE_CLIENT = ("GetSearchSuggestions", "QueryLineage", "Search")


@pytest.mark.parametrize("operation", [name for name in model.OPERATIONS if name not in ON_THE_CLIENT])
def test_a_method_of_boto3s_client(operation: str) -> None:
    name = xform_name(operation)
    with pytest.raises(AttributeError) as caught:
        getattr(SM, name)
    text = str(caught.value)
    assert f"use sm.api.{name}(...) or sm." in text
    group, _, method = text.rpartition(" or sm.")[2].removesuffix("(...)").partition(".")
    assert getattr(getattr(SM, group), method) == getattr(SM.api, name)


@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_keywords_of_boto3s_method(operation: str) -> None:
    given = dict.fromkeys(model.input_shape(operation).members)
    fields = {member.wire: member.field for member in members_of(model.request_class(operation))}
    method = getattr(SM.api, xform_name(operation))
    with pytest.raises(TypeError) as caught:
        method(**given) if given else method(Name="x")
    for wire in given:
        assert f"{fields[wire]} instead of {wire}" in str(caught.value)
    if given:
        with pytest.raises(TypeError) as caught:
            method(given)
        for wire in given:
            assert f"{fields[wire]}=..." in str(caught.value)


def test_keywords_of_a_structure() -> None:
    seen = 0
    for name in model.STRUCTURES:
        cls: Any = model.structure(name)
        members = members_of(cls)
        if not members or issubclass(cls, Response):
            continue
        with pytest.raises(TypeError) as caught:
            cls(**{member.wire: None for member in members})
        if "instead of" in str(caught.value):  # not if the tests that ran before made a hundred of them
            seen += 1
            for member in members:
                assert f"{member.field} instead of {member.wire}" in str(caught.value)
    assert seen > 500
