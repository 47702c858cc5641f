"""The signature of every method is what the model says of the operation's input and output."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache

import pytest
from botocore import xform_name

from sagemaker_typed import SageMaker
from sagemaker_typed.structure import members_of
from tests.contract import model, type_names

KEYWORD_ONLY = inspect.Parameter.KEYWORD_ONLY


@cache
def signature(operation: str) -> inspect.Signature:
    return inspect.signature(getattr(SageMaker().api, xform_name(operation)))


def fields(operation: str) -> Mapping[str, str]:
    """Field -> wire name."""
    return {member.field: member.wire for member in members_of(model.request_class(operation))}


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_a_parameter_stands_for_each_member(operation: str) -> None:
    shape, wires = model.input_shape(operation), fields(operation)
    parameters = dict(signature(operation).parameters)
    if operation == "Search":  # a condition stands for the expression, and a sort for the property and the order
        assert parameters.pop("where").annotation == "Condition | None"
        assert parameters.pop("sort_by").annotation == "str | Sort | None"
        wires.pop("sort_by")
    assert sorted(wires[name] for name in parameters) == sorted(shape.members.keys() & set(wires.values()))
    for name, parameter in parameters.items():
        annotation = type_names.argument(shape.members[wires[name]])
        if wires[name] in model.required(operation):
            assert parameter.default is inspect.Parameter.empty, parameter
            assert parameter.annotation == annotation
        else:
            assert parameter.default is None, parameter
            assert parameter.annotation == f"{annotation} | None"


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_only_an_identifier_may_be_positional(operation: str) -> None:
    shape, required = model.input_shape(operation), model.required(operation)
    texts = [name for name in required if shape.members[name].type_name == "string"]
    parameters = list(signature(operation).parameters.values())
    positional = [parameter for parameter in parameters if parameter.kind is not KEYWORD_ONLY]
    assert positional in ([], parameters[:1])
    for identifier in positional:
        assert identifier.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        assert fields(operation)[identifier.name] in texts
    if operation.startswith(("Create", "Describe", "Update", "Delete", "Start", "Stop")):
        # Of several required texts only a person can say which one is the identifier; of one, nobody need be asked.
        assert positional or len(texts) != 1


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_the_output_is_returned(operation: str) -> None:
    output = model.output_shape(operation)
    if output is None:
        expected = "None"
    elif operation in model.PAGED and operation not in model.DESCRIPTIONS:
        items = [type_names.member(output.members[name].member) for name in model.items(operation)]
        expected = f"Pages[{' | '.join(items)}, {output.name}]"
    else:
        expected = output.name
    assert signature(operation).return_annotation == expected
    # Whatever lists gives pages.
    assert expected.startswith("Pages[") or not operation.startswith("List")
