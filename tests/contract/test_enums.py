"""Every enum of the model is an open enum of its name: the model's texts are known, and any other lives as well."""

from __future__ import annotations

import copy
import json
import pickle
import re
import typing
from typing import Any

import pytest

from sagemaker_typed import types
from sagemaker_typed.enums import OpenEnum
from tests.contract import model

UNKNOWN = ("zz.New-Value/1", "", "UNKNOWN_TO_SENTINELS", "None ", "ä")


@pytest.mark.surface
@pytest.mark.parametrize("name", model.ENUMS)
def test_the_members_are_the_texts_of_the_model(name: str) -> None:
    cls = model.enum(name)
    assert cls.__name__ == cls.__qualname__ == name
    assert issubclass(cls, OpenEnum)
    assert [member.value for member in cls] == list(dict.fromkeys(model.ENUMS[name]))
    assert typing.get_args(getattr(types, f"{name}Value")) == tuple(member.value for member in cls)
    # No aliases: each name is a text of its own.
    assert len(cls.__members__) == len(list(cls))
    for member in cls:
        assert re.fullmatch("[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", member.name), member
        assert letters(member.name.removeprefix("VALUE_")) == letters(member.value)
        assert getattr(cls, member.name) is member


def letters(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text.lower())


@pytest.mark.surface
@pytest.mark.parametrize("name", model.ENUMS)
def test_a_known_value_goes_round(name: str) -> None:
    cls = model.enum(name)
    for text in model.ENUMS[name]:
        member = cls(text)
        assert member in list(cls)
        assert member is cls(member)
        assert member.is_known
        assert_is_its_text(member, text)
        assert pickle.loads(pickle.dumps(member)) is member
        assert copy.copy(member) is member
        assert copy.deepcopy([member])[0] is member


@pytest.mark.surface
@pytest.mark.parametrize("name", model.ENUMS)
def test_an_unknown_value_is_a_member_like_any_other(name: str) -> None:
    cls = model.enum(name)
    known = dict(cls.__members__)
    for text in UNKNOWN:
        member = cls(text)
        assert not member.is_known
        assert_is_its_text(member, text)
        assert member == cls(text)
        assert member.name == text
        for twin in (pickle.loads(pickle.dumps(member)), copy.copy(member), copy.deepcopy([member])[0], cls(member)):
            assert type(twin) is cls
            assert twin == member
            assert_is_its_text(twin, text)
            assert not twin.is_known
        assert repr(text) in repr(member)
    others: list[Any] = [None, 7, b"x", ("x",)]
    for value in others:
        with pytest.raises(ValueError, match=name):
            cls(value)
    # It leaves no trace: the enum is still that of the model.
    assert dict(cls.__members__) == known
    assert [member.value for member in cls] == list(model.ENUMS[name])


def assert_is_its_text(member: OpenEnum, text: str) -> None:
    assert isinstance(member, str)
    assert member.value == text
    assert type(member.value) is str
    assert member == text
    assert text == member
    assert member != f"{text}x"
    assert hash(member) == hash(text)
    assert {text: 1}[member] == 1
    assert text in {member}
    assert str(member) == f"{member}" == text
    assert type(str(member)) is str
    assert json.dumps({"value": member}) == json.dumps({"value": text})
    assert json.dumps({member: 1}) == json.dumps({text: 1})


def test_a_value_called_unknown_is_no_sentinel() -> None:
    for cls in (types.ActionStatus, types.RoutingStatus):
        assert cls.UNKNOWN.is_known
        assert cls("Unknown") is cls.UNKNOWN
        assert not cls("UNKNOWN").is_known
        assert cls("UNKNOWN") != cls.UNKNOWN


def test_equal_texts_of_two_enums_are_equal() -> None:
    """Both are texts; a member is told from another by its text alone."""
    texts: list[str] = [types.SortOrder("Ascending"), types.ActionStatus("Ascending"), "Ascending"]
    assert len(set(texts)) == 1
