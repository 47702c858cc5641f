"""Typed objects are values: they compare by what they hold, and copies and pickles hold the same."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import attrs
import pytest

from sagemaker_typed import from_boto3, to_boto3
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.structure import Structure, members_of
from tests.contract import model
from tests.contract.comparison import differences, unlike
from tests.support.elsewhere import PROTOCOLS, there_and_back, told

UNKNOWN = {"ZzNew": {"Deep": [1, None, "x"]}}


@pytest.mark.surface
@pytest.mark.parametrize("name", model.STRUCTURES)
def test_a_structure_survives_each_kind_of_copy(name: str) -> None:
    cls = model.structure(name)
    for plain in model.filled(model.MODEL.shape_for(name)):
        value = from_boto3(cls, {**plain, **UNKNOWN})
        twins = [
            pickle.loads(pickle.dumps(value)),
            copy.copy(value),
            copy.deepcopy(value),
            attrs.evolve(value),
            from_boto3(cls, to_boto3(value)),
        ]
        for twin in twins:
            assert type(twin) is cls
            assert twin is not value
            assert twin == value
            assert twin.unknown_members == UNKNOWN
        assert repr(twins[0]) == repr(value)
        assert_owns_its_parts(copy.deepcopy(value), value)
        for member in members_of(cls):
            assert_is_told_apart_by(member.field, value)
    assert_what_is_not_there_is_none(name)


@pytest.mark.surface
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_structure_and_enum_arrives_in_another_interpreter(protocol: int) -> None:
    made: list[Any] = [
        from_boto3(model.structure(name), {**plain, **UNKNOWN})
        for name in model.STRUCTURES
        for plain in list(model.filled(model.MODEL.shape_for(name)))[:1]
    ]
    made += [member for name in model.ENUMS for cls in [model.enum(name)] for member in [*cls, cls("ZzNew")]]
    assert len(made) > 3000
    for value, (there, back) in zip(made, there_and_back(made, protocol), strict=True):
        assert there == told(value)
        assert type(back) is type(value)
        assert back == value
        assert not isinstance(value, OpenEnum) or back is value or not value.is_known


def assert_owns_its_parts(twin: Structure, value: Structure) -> None:
    before = {id(part) for part in model.structures_in(value)}
    assert not before & {id(part) for part in model.structures_in(twin)}


def assert_is_told_apart_by(field: str, value: Any) -> None:
    if getattr(value, field) is not None:
        other = attrs.evolve(value, **{field: None})
        assert other != value
        assert getattr(value, field) is not None


def assert_what_is_not_there_is_none(name: str) -> None:
    """Whatever the model and the type say: the service leaves out what it requires, and sends null."""
    cls = model.structure(name)
    absent: dict[str, Any] = {}
    null = dict.fromkeys(model.MODEL.shape_for(name).members)
    for plain in (absent, null):
        value = from_boto3(cls, plain)
        assert not any(getattr(value, member.field) is not None for member in members_of(cls))
        assert not value.unknown_members
        assert to_boto3(value) == {}
        assert value == from_boto3(cls, absent) == pickle.loads(pickle.dumps(value)) == copy.deepcopy(value)
        assert repr(value) == f"{name}()"


@pytest.mark.surface
@pytest.mark.parametrize("name", model.STRUCTURES)
def test_what_may_be_written_becomes_what_is_read(name: str) -> None:
    """Plain texts for enums, at every depth of lists and maps; and any sequence for a list."""
    shape, cls = model.MODEL.shape_for(name), model.structure(name)
    for plain in model.filled(shape):
        value = from_boto3(cls, plain)
        given = {member.field: getattr(value, member.field) for member in members_of(cls)}
        made = cls(**{field: with_plain_texts(each) for field, each in given.items()})
        assert list(differences(shape, made, plain)) == []
        assert made == value
        for field, each in given.items():
            setattr(made, field, with_plain_texts(each))
        assert list(differences(shape, made, plain)) == []
        for field, each in given.items():
            setattr(made, field, tuple(each) if isinstance(each, list) else each)
        assert list(unlike(to_boto3(made), plain)) == []


def with_plain_texts(value: Any) -> Any:
    if isinstance(value, OpenEnum):
        return value.value
    if isinstance(value, list):
        return [with_plain_texts(item) for item in value]
    if isinstance(value, dict):
        return {with_plain_texts(key): with_plain_texts(item) for key, item in value.items()}
    return value


def test_objects_of_two_classes_differ_though_their_members_agree() -> None:
    one = from_boto3(model.structure("StopCompilationJobRequest"), {"CompilationJobName": "c"})
    other = from_boto3(model.structure("DescribeCompilationJobRequest"), {"CompilationJobName": "c"})
    assert one != other
    assert one != {"CompilationJobName": "c"}


def test_objects_can_be_changed_and_so_do_not_hash() -> None:
    value = from_boto3(model.structure("Tag"), {"Key": "a", "Value": "b"})
    with pytest.raises(TypeError, match="unhashable"):
        hash(value)


def test_an_attribute_that_is_no_member_cannot_be_set() -> None:
    value: Any = from_boto3(model.structure("Tag"), {"Key": "a"})
    with pytest.raises(AttributeError, match="kye"):
        value.kye = "b"


def test_an_enum_attribute_is_of_its_enum_however_it_was_written() -> None:
    value: Any = from_boto3(model.structure("OutputConfig"), {"S3OutputLocation": "s3://b"})
    device = model.enum("TargetDevice")
    for text in ("ml_c5", device("ml_c5"), "ml_new", device("ml_new")):
        value.target_device = text
        assert type(value.target_device) is device
        assert type(attrs.evolve(value, target_device=text).target_device) is device
        assert value.target_device == text
