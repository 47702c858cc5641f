"""Which bodies are responses of the service, for shapes as botocore makes them from a model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.model import ServiceModel

from sagemaker_typed._core.bodies import as_error, error_within, excerpt, judge, readable

# `Renamed` is called "other" in the body, and `Tag` is a header.
MODEL: dict[str, Any] = {
    "metadata": {"serviceId": "test", "protocol": "rest-json"},
    "operations": {},
    "shapes": {
        "Text": {"type": "string"},
        "Nothing": {"type": "structure", "members": {}},
        "Answer": {
            "type": "structure",
            "required": ["Renamed", "Tag"],
            "members": {
                "Renamed": {"shape": "Text", "locationName": "other"},
                "Tag": {"shape": "Text", "location": "header", "locationName": "x-tag"},
                "Optional": {"shape": "Text"},
            },
        },
        "Stream": {"type": "structure", "payload": "Body", "members": {"Body": {"shape": "Text"}}},
    },
}
REQUIRED = "has none of its required members"
OTHER_TYPE = "names a type that is neither its own nor a known error"


def shape(name: str) -> Any:
    return ServiceModel(MODEL).shape_for(name)


@pytest.mark.parametrize(
    ("name", "body", "flaw"),
    [
        ("Answer", b'{"other": "x"}', None),
        ("Answer", b'{"other": ""}', None),
        ("Answer", b'{"other": null}', REQUIRED),
        ("Answer", b'{"Renamed": "x"}', REQUIRED),
        ("Answer", b'{"x-tag": "x", "Optional": "x"}', REQUIRED),
        ("Answer", b"", "is empty"),
        ("Answer", b" \n", "is empty"),
        ("Answer", b"[]", "is not a JSON object but a list"),
        ("Answer", b'"x"', "is not a JSON object but a text"),
        ("Answer", b"true", "is not a JSON object but a boolean"),
        ("Answer", b"null", "is not a JSON object but null"),
        ("Answer", b"12", "is not a JSON object but a number"),
        ("Answer", b"1.5", "is not a JSON object but a number"),
        ("Answer", b'{"__type": "a#Other"}', OTHER_TYPE),
        ("Answer", b'{"__type": "a#Answer", "other": "x"}', None),
        ("Answer", b'{"__type": "a#Answer"}', REQUIRED),
        ("Answer", b'{"__type": "a#Other", "Optional": "x"}', REQUIRED),
        ("Answer", b'{"__type": 5, "other": "x"}', None),
        ("Nothing", b"", None),
        ("Nothing", b"{}", None),
        ("Nothing", b'{"new": 1}', None),
        ("Nothing", b'{"__type": "a#Other"}', OTHER_TYPE),
        (None, b"", None),
        (None, b"{}", None),
        (None, b'{"__type": "a#Other"}', OTHER_TYPE),
        ("Stream", b"\xff", None),
    ],
)
def test_the_flaw_of_an_answer(name: str | None, body: bytes, flaw: str | None) -> None:
    assert judge({}, body, name and shape(name), pages=False)[1] == flaw


def test_an_empty_page_would_look_like_the_end_of_the_list() -> None:
    for name in ("Nothing", None):
        assert judge({}, b"", name and shape(name), pages=True) == ({}, "is empty")
    assert judge({}, b"{}", shape("Nothing"), pages=True) == ({}, None)


def test_the_flaw_of_what_is_not_json_says_what_the_parser_says() -> None:
    for body in (b"<html>", b'{"other": '):
        flaw = judge({}, body, shape("Answer"), pages=False)[1]
        assert flaw is not None
        assert flaw.startswith("is not JSON (")
    assert judge({}, b"[" * 100_000, None, pages=False)[1] is not None


def test_members_are_returned_without_what_botocore_adds_itself() -> None:
    body = b'{"other": "x", "ResponseMetadata": {"RequestId": "forged"}}'
    assert judge({}, body, shape("Answer"), pages=False) == ({"other": "x"}, None)
    assert judge({}, b'{"other": 1, "b": 2}', shape("Answer"), pages=False) == ({"other": 1, "b": 2}, None)


@pytest.mark.parametrize(
    ("announced", "missing"),
    [("3", 1), ("2", 0), ("1", 0), ("0", 0), (None, 0), ("", 0), ("-5", 0), ("x", 0), ("0000000000000000000000003", 1),
     ("9" * 5000, 9_999_999_999_999_999_997)],
)  # fmt: skip
def test_bytes_that_are_missing(announced: str | None, missing: int) -> None:
    headers = {} if announced is None else {"content-length": announced}
    flaw = f"was cut off: {missing} bytes of its body are missing" if missing else None
    for name in ("Nothing", None):
        assert judge(headers, b"{}", name and shape(name), pages=False) == ({}, flaw)
    assert judge({"content-length": "99"}, b"{}", shape("Stream"), pages=False) == ({}, None)  # it is read later


@pytest.mark.parametrize(
    ("body", "reads"),
    [(b"{}", True), (b'{"a": [1]}', True), (b"", False), (b"[]", False), (b"{", False), (b'{"a": "\xff"}', False)],
)
def test_what_botocores_parser_can_read(body: bytes, reads: bool) -> None:
    assert readable(body) is reads


@pytest.mark.parametrize(
    ("headers", "body", "found"),
    [
        ({}, b'{"__type": "a#ResourceNotFound", "message": "m"}', {"__type": "a#ResourceNotFound", "message": "m"}),
        ({}, b'{"__type": "a#Unheard", "message": "m"}', None),
        ({}, b'{"__type": "a#ResourceNotFound", "other": "x"}', None),
        ({}, b'{"__type": "a#Answer"}', None),
        ({}, b'{"other": "ResourceNotFound"}', None),
        ({}, b'["__type"]', None),
        ({"x-amzn-errortype": "b#Unheard:http://x"}, b'{"message": "m"}', {"__type": "Unheard", "message": "m"}),
        ({"x-amzn-errortype": "Unheard"}, b"<p>", {"__type": "Unheard", "message": "<p>"}),
        ({"x-amzn-errortype": ""}, b'{"message": "m"}', None),
    ],
)
def test_an_error_that_came_with_a_success(headers: dict[str, str], body: bytes, found: Any) -> None:
    error = error_within(headers, body, shape("Answer"))
    assert (None if error is None else json.loads(error)) == found


ID = {"x-amzn-requestid": "1"}
TYPE = {"x-amzn-errortype": "A"}


@pytest.mark.parametrize(
    ("status", "headers", "body", "in_code", "ours", "kept"),
    [
        (400, {}, b'{"__type": "a#A", "message": "m"}', False, True, True),
        (400, {}, b'{"__type": "a#", "message": "m"}', False, False, False),
        (400, {}, b'{"__type": 5}', False, False, False),
        (400, {}, b'{"code": "A"}', False, False, False),
        (400, {}, b'{"code": "A"}', True, True, True),
        (400, {}, b'{"Code": "A"}', True, True, True),
        (400, {}, b'{"code": ""}', True, False, False),
        (400, ID, b'{"code": 5}', False, True, True),
        (400, ID, b'{"code": 5}', True, True, False),
        (400, ID, b'{"Code": 5}', True, True, False),
        (400, ID, b'{"message": "m"}', False, True, True),
        (400, TYPE, b'{"message": "m"}', False, True, True),
        (399, {**ID, **TYPE}, b'{"__type": "a#A"}', False, False, False),
        (399, {**ID, **TYPE}, b"", False, False, True),
        (400, ID, b"", False, True, True),
        (404, {}, b"", False, False, True),
        (404, {}, b"<html>", False, False, False),
        (404, ID, b"<html>", False, False, False),
        (404, TYPE, b"<html>", False, True, False),
        (429, {}, b"slow down", False, True, False),
        (428, {}, b"slow down", False, False, False),
        (499, {}, b'{"message": "m"}', False, False, False),
        (500, {}, b'{"message": "m"}', False, True, True),
        (500, {}, b'{"__type": 5}', False, True, False),
        (500, {}, b" <html> ", False, True, True),
        (503, {}, b"<p>", False, True, False),
        (499, TYPE, b"<html>", False, True, False),
    ],
)  # fmt: skip
def test_who_sent_an_error(
    status: int, headers: dict[str, str], body: bytes, in_code: bool, ours: bool, kept: bool
) -> None:
    form, theirs = as_error(status, headers, body, in_code=in_code)
    assert theirs is ours
    assert form == (body if kept else json.dumps({"message": excerpt(body)}).encode())


LONG = "x" * 30


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("  two\n words ", "two words"),
        ("a\x1b[0mb", "a\\x1b[0mb"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 197 + "..."),
        ('"text"', "..."),
        ('["a", "b"]', "[..., ...]"),
        ('{"Name": "v", "Other": 5}', '{"Name": ..., "Other": ...}'),
        ('{"' + "n" * 64 + '": 1}', '{"' + "n" * 64 + '": ...}'),
        ('{"' + "n" * 65 + '": 1}', "{... ...}"),
        ('said {"Name": "v"}', 'said {"Name": ...}'),
        ("http://h/p?q=1#f", "http://h/p?..."),
        ("http://h/p#f", "http://h/p#..."),
        ("http://h/p", "http://h/p"),
        (f"a '{LONG}' b", "a '...' b"),
        (f'a "{LONG}" b', 'a "..." b'),
        (f"a '{LONG}", "a '...'"),
        ("a 'word' b", "a 'word' b"),
        (f"<xml><Id>{LONG}</Id>", "<xml><Id>...</Id>"),
        ("<xml><Id>short</Id>", "<xml><Id>short</Id>"),
        (f"<html><Id>{LONG}</Id>", f"<html><Id>{LONG}</Id>"),
        (f"<!DOCTYPE html><Id>{LONG}</Id>", f"<!DOCTYPE html><Id>{LONG}</Id>"),
        (f"a > {LONG}", f"a > {LONG}"),
        ("a\x1b[31mb\x00", r"a\x1b[31mb\x00"),
        ("a\u202eb\U000e0001", r"a\u202eb\U000e0001"),
        ("caf\xe9 \u65e5", "caf\xe9 \u65e5"),
    ],
)
def test_what_an_error_may_show(text: str, shown: str) -> None:
    assert excerpt(text.encode()) == shown
