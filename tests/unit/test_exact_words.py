"""Hints, problems and quotations to the letter, at each bound of their lengths."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from sagemaker_typed import errors, types
from sagemaker_typed._core import hints, validate
from sagemaker_typed._core.messages import _from_arn
from sagemaker_typed._core.quoting import quoted, shortened
from sagemaker_typed._core.streams import Blob, Payload
from sagemaker_typed.errors import Problem
from sagemaker_typed.structure import Rule

PATHS = {
    "create_endpoint": "endpoints.create", "describe_endpoint": "endpoints.describe", "stop_job": "jobs.stop",
    "search": "search",
}  # fmt: skip


# --- hints ------------------------------------------------------------------------------------------------------------


CREATE = "use sm.api.create_endpoint(...) or sm.endpoints.create(...)"
NEWER = "A value newer than this version is written"


class Client:
    endpoints = None
    region = None
    _hidden = None


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("can_paginate", "every list method returns Pages; boto3's method is sm.boto3_client.can_paginate(...)"),
        ("exceptions", "the errors are in sagemaker_typed.errors; boto3's are in sm.boto3_client.exceptions"),
        ("generate_presigned_url", "use sm.boto3_client.generate_presigned_url(...)"),
        (
            "get_paginator",
            "iterate over sm.<group>.list(...), which returns Pages, or use sm.boto3_client.get_paginator(...)",
        ),
        ("get_waiter", "use sm.<group>.wait_until_<state>(...) or sm.boto3_client.get_waiter(...)"),
        ("meta", "use sm.boto3_client.meta"),
        (
            "waiter_names",
            "waits are sm.<group>.wait_until_<state>(...); boto3's are in sm.boto3_client.waiter_names",
        ),
    ],
)
def test_what_a_boto3_client_has(name: str, hint: str) -> None:
    assert hints.about_client(Client(), name, PATHS) == hint
    assert hints.about_api(name, PATHS) == hint


@pytest.mark.parametrize(
    ("name", "of_client", "of_api"),
    [
        ("create_endpoint", CREATE, "did you mean sm.api.create_endpoint?"),
        ("CreateEndpoint", CREATE, "did you mean sm.api.create_endpoint?"),
        ("endpoint", "did you mean sm.endpoints?", "did you mean sm.endpoints?"),
        ("endpoints", "did you mean sm.endpoints?", "did you mean sm.endpoints?"),
        ("regoin", "did you mean sm.region?", None),
        ("hidden", None, None),
        ("zzzz", None, None),
        ("e" * 300, None, None),
    ],
)  # fmt: skip
def test_names_of_the_client(name: str, of_client: str | None, of_api: str | None) -> None:
    assert hints.about_client(Client(), name, PATHS) == of_client
    assert hints.about_api(name, PATHS) == of_api


class Jobs:
    def describe(self) -> None: ...
    def delete(self) -> None: ...
    def stop(self) -> None: ...
    def wait_until_completed(self) -> None: ...
    def wait_until_stopped(self) -> None: ...


Jobs.__module__ = "sagemaker_typed.resources.jobs"


class Datasets:
    def upload(self) -> None: ...


Datasets.__module__ = "sagemaker_typed.resources.datasets.methods"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("create_endpoint", "use sm.endpoints.create(...)"),
        ("get", "use sm.jobs.describe(...)"),
        ("remove", "use sm.jobs.delete(...)"),
        ("cancel", "use sm.jobs.stop(...)"),
        ("terminate", "use sm.jobs.stop(...)"),
        ("wait", "use sm.jobs.wait_until_completed(...)"),
        ("descrbe", "did you mean sm.jobs.describe?"),
        ("stop_jobs", "did you mean sm.jobs.stop?"),
        ("zzz", "sm.jobs has describe, delete, stop, wait_until_completed, wait_until_stopped"),
    ],
)
def test_names_of_a_group(name: str, hint: str) -> None:
    assert hints.about_group(Jobs(), name, PATHS) == hint


@pytest.mark.parametrize(("name", "hint"), [("wait", "upload"), ("get", "upload"), ("x", "upload")])
def test_a_group_that_is_a_package_and_has_few_methods(name: str, hint: str) -> None:
    assert hints.about_group(Datasets(), name, PATHS) == f"sm.datasets has {hint}"


FIELDS = {"EndpointName": "endpoint_name", "EndpointArn": "endpoint_arn"}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("items", "to_boto3(...) returns boto3's dict"),
        ("keys", "to_boto3(...) returns boto3's dict"),
        ("values", "to_boto3(...) returns boto3's dict"),
        ("get", "the members are attributes, None if absent; to_boto3(...) returns a dict"),
        ("EndpointName", "did you mean .endpoint_name?"),
        ("endpointname", "did you mean .endpoint_name?"),
        ("zzz", None),
    ],
)
def test_names_of_a_structure(name: str, hint: str | None) -> None:
    assert hints.about_member(name, FIELDS) == hint


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("EndpointName", "write .endpoint_name"),
        ("endpoint_nam", "write .endpoint_name"),
        ("zzz", "its members are attributes"),
        (0, "its members are attributes"),
    ],
)
def test_keys_of_a_structure(key: object, hint: str) -> None:
    error = hints.about_item(Client(), key, FIELDS)
    assert str(error) == f"'Client' object is not a dict: {hint}; to_boto3(...) returns a dict"


@pytest.mark.parametrize(
    ("key", "kind", "hint"),
    [
        ("EndpointName", "Pages", "iterate over it to get the items"),
        (0, "Pages", "use first() for the first item, list(pages) for all"),
        (0, "AsyncPages", "use await first() for the first item, [item async for item in pages] for all"),
    ],
)
def test_keys_of_pages(key: object, kind: str, hint: str) -> None:
    error = hints.about_page_item(key, ["endpoints", "more"], kind)
    assert (
        str(error) == f"'{kind}' object has no items by key: {hint}; by_page() yields pages, each with endpoints, more"
    )
    assert str(hints.about_page_item(0, ["endpoints"])).startswith("'Pages' object has no items by key: use first()")


@pytest.mark.parametrize(
    ("name", "members", "hint"),
    [
        ("MLC5", {"ML_C5": "ml_c5", "ML_M5": "ml_m5"}, f'did you mean E.ML_C5? {NEWER} E("mlc5")'),
        ("ML_C5", {"ML_C5": "ml_c5"}, "did you mean E.ML_C5?"),
        ("ZZZZ", {"ML_C5": "ml_c5"}, 'a value newer than this version is written E("zzzz")'),
        ("ZZZZ", {"DONE": "DONE"}, 'a value newer than this version is written E("ZZZZ")'),
        ("ZZ_ZZ", {"ML_C5": "ml.c5"}, 'a value newer than this version is written E("zz.zz")'),
        ("ZZ_ZZ", {"ML_C5": "ml-c5"}, 'a value newer than this version is written E("zz-zz")'),
        ("ZZ_ZZ", {"IN_SERVICE": "InService"}, 'a value newer than this version is written E("ZzZz")'),
        ("ZZ_ZZ", {"IN_SERVICE": "in SERVICE"}, 'a value newer than this version is written E("...")'),
        ("ZZ_ZZ", {}, 'a value newer than this version is written E("...")'),
    ],
)  # fmt: skip
def test_members_of_an_enum(name: str, members: dict[str, str], hint: str) -> None:
    assert hints.about_enum(name, members, "E") == hint


def test_a_name_of_any_length_is_shown_in_part() -> None:
    assert len(hints.about_enum("Z" * 10_000, {"DONE": "DONE"}, "E")) < 400
    assert "Z" * 253 + "..." in str(hints.no_attribute(Client(), "Z" * 257))
    assert "Z" * 256 + "'" in str(hints.no_attribute(Client(), "Z" * 256))


def test_an_attribute_that_is_missing() -> None:
    plain = hints.no_attribute(Client(), "x")
    assert str(plain) == "'Client' object has no attribute 'x'"
    assert plain.name is None
    hinted = hints.no_attribute(Client, "x", "use y")
    assert str(hinted) == "type object 'Client' has no attribute 'x': use y"
    assert (hinted.name, hinted.obj) == ("x", None)


@pytest.mark.parametrize(
    ("text", "found"),
    [("EndpointName", "endpoint_name"), ("endpoint-nam", "endpoint_name"), ("model", "model"), ("zz", None), ("", None),
     ("e" * 257, None)],
)  # fmt: skip
def test_the_nearest(text: str, found: str | None) -> None:
    assert hints.nearest(text, ["endpoint_name", "model"]) == found


def test_a_name_of_the_longest_is_compared() -> None:
    assert hints.nearest("e" * 256, ["e" * 250]) == "e" * 250


class Group:
    @hints.explaining
    def create(self, job_name: str, *, role_arn: str, timeout: float = 1.0) -> str:
        return f"{job_name} {role_arn}"

    @hints.explaining
    def broken(self, job_name: str) -> str:
        return str(job_name + 1)  # type: ignore[operator]


def refused(*args: Any, **kwargs: Any) -> str:
    with pytest.raises(TypeError) as caught:
        Group().create(*args, **kwargs)
    return str(caught.value).removeprefix("Group.create() ")


@pytest.mark.parametrize(
    ("kwargs", "hint"),
    [
        ({"JobName": "a"}, "use job_name instead of JobName"),
        ({"JobName": "a", "RoleArn": "b"}, "use job_name instead of JobName, role_arn instead of RoleArn"),
        ({"zzz": 1}, "zzz is not one of its keywords: job_name, role_arn, timeout"),
        ({"PaginationConfig": {}}, "for PaginationConfig use max_results, the size of a page, and next_token"),
        ({"WaiterConfig": {}}, "for WaiterConfig use timeout and poll, in seconds"),
        ({"api_version": 1}, "for api_version use client=boto3.client(...)"),
        ({"aws_access_key_id": 1}, "for aws_access_key_id use session=boto3.Session(...)"),
        ({"aws_secret_access_key": 1}, "for aws_secret_access_key use session=boto3.Session(...)"),
        ({"aws_session_token": 1}, "for aws_session_token use session=boto3.Session(...)"),
        ({"use_ssl": 1}, "for use_ssl use client=boto3.client(...)"),
        ({"verify": 1}, "for verify use client=boto3.client(...)"),
    ],
)
def test_keywords(kwargs: dict[str, Any], hint: str) -> None:
    unknown = next(iter(kwargs))
    assert refused(**kwargs) == f"got an unexpected keyword argument '{unknown}': {hint}"


def test_dicts_where_arguments_are_expected() -> None:
    assert refused({"JobName": "a", "RoleArn": "b", 3: 4}) == (
        "Group.create() does not accept a dict of arguments; write its members as keywords: job_name=..., role_arn=..."
    ).removeprefix("Group.create() ")
    assert refused("a", {"RoleArn": "b"}).endswith(": write its members as keywords: role_arn=...")
    assert refused("a", {"Zzz": "b"}).endswith(": write its members as keywords: name=value")
    # A dict that holds none of its arguments may be a value, and other values are none of its business.
    assert Group().create({"zzz": 1}, role_arn="b") == "{'zzz': 1} b"  # type: ignore[arg-type]
    assert Group().create("zzz", role_arn="b") == "zzz b"
    assert refused("a") == "missing 1 required keyword-only argument: 'role_arn'"
    with pytest.raises(TypeError, match=r'^can only concatenate str \(not "int"\) to str$'):
        Group().broken("a")


def test_a_wrapper_makes_way_after_its_first_objects() -> None:
    class Small:
        def __init__(self, *, role_arn: str) -> None:
            self.role_arn = role_arn

    own = vars(Small)["__init__"]
    explained: Any = Small
    hints.explaining_at_first(explained, times=2)
    assert vars(Small)["__init__"] is not own
    for arguments, hint in (
        ({"roleArn": 1}, "use role_arn instead of roleArn"),
        ({"RoleArn": 1}, "use role_arn instead of RoleArn; from_boto3(Small, ...) makes one from a boto3 dict"),
    ):
        with pytest.raises(TypeError) as caught:
            explained(**arguments)
        assert str(caught.value).endswith(f": {hint}")
    with pytest.raises(TypeError, match=r"; from_boto3\(Small, ...\) makes one from a boto3 dict$"):
        explained({"RoleArn": 1})
    explained(role_arn="a")
    assert vars(Small)["__init__"] is not own
    explained(role_arn="a")
    assert vars(Small)["__init__"] is own


# --- quotations -------------------------------------------------------------------------------------------------------


class Ours:
    """Its repr would be long, or show a secret."""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x" * 60, "'" + "x" * 60 + "'"),
        ("x" * 61, "'" + "x" * 57 + "...'"),
        (b"x" * 60, "b'" + "x" * 60 + "'"),
        (b"x" * 61, "b'" + "x" * 57 + "...'"),
        (types.TargetDevice.ML_C5, "'ml_c5'"),
        ("https://u:secret@h/", "'https://u:***@h/'"),
        (2**256 - 1, str(2**256 - 1)),
        (2**256, "an integer of 257 bits"),
        (Ours(), "a Ours"),
        (bytearray(3), "a bytearray"),
        (Decimal("1.5"), "Decimal('1.5')"),
        (dt.date(2026, 1, 2), "datetime.date(2026, 1, 2)"),
        (3.5, "3.5"),
        (None, "None"),
        ([1, [2, [3]]], "[1, [2, [...]]]"),
        (list(range(9)), "[0, 1, 2, 3, 4, 5, ...]"),
    ],
)
def test_how_a_value_is_quoted(value: Any, text: str) -> None:
    assert quoted(value) == text


def test_no_quotation_is_longer() -> None:
    assert len(quoted("\x00" * 100)) == 2 + 57 * 4 + 3
    assert len(quoted(["\x00" * 100] * 6)) == 400
    assert quoted(["\x00" * 100] * 6).endswith("...")


def test_how_a_text_is_cut() -> None:
    assert [shortened("abcdef", length) for length in (4, 5, 6, 7)] == ["a...", "ab...", "abcdef", "abcdef"]


# --- problems ---------------------------------------------------------------------------------------------------------


def problems(type_: Any, value: Any, **rule: Any) -> list[tuple[str, str, str]]:
    usual: dict[str, Any] = {"min": None, "max": None, "pattern": None, "sensitive": False, "items": None, "keys": None}
    found: list[Problem] = []
    validate._of_type(type_, Rule(**{**usual, **rule}))(value, "at", found.append)
    return [(each.path, each.rule, each.detail) for each in found]


AS_JSON = "; for a JSON text, use json.dumps(...)"


def expected(wanted: str, found: str, hint: str = "") -> list[tuple[str, str, str]]:
    return [("at", "type", f"{wanted} is expected, not {found}{hint}")]


@pytest.mark.parametrize(
    ("type_", "value", "found"),
    [
        (str, 3, expected("a str", "int")),
        (str, b"x", expected("a str", "bytes")),
        (str, {"a": 1}, expected("a str", "dict", f"{AS_JSON}, which gives '{{\"a\": 1}}'")),
        (str, [1], expected("a str", "list", "; for a JSON text, use json.dumps(...), which gives '[1]'")),
        (str, {1j: 1}, expected("a str", "dict")),
        (int, "3", expected("an int", "str")),
        (int, True, expected("an int", "bool")),
        (int, 3.0, expected("an int", "float")),
        (float, "3", expected("a float", "str")),
        (float, True, expected("a float", "bool")),
        (bool, 1, expected("a bool", "int")),
        (Blob, 3, expected("a bytes", "int")),
        (Blob, {"a": 1}, expected("a bytes", "dict", "; json.dumps(...) makes a JSON text from it")),
        (Payload, [1], expected("a bytes", "list", "; json.dumps(...) makes a JSON text from it")),
        (list[str], "x", expected("a list", "str")),
        (dict[str, str], [1], expected("a dict", "list")),
        (types.TargetDevice, 3, expected("a TargetDevice", "int")),
        (types.EndpointStatus, 3, expected("an EndpointStatus", "int")),
        (types.Tag, {"Key": "k"}, expected("a Tag", "dict", "; from_boto3(Tag, ...) makes one from a boto3 dict")),
        (types.Tag, 3, expected("a Tag", "int")),
        (Any, {1, 2}, expected("a JSON value", "set")),
        (Any, {"a": [1, {3: None}]}, [("at['a'][1] (key 3)", "type", "a str is expected, not int")]),
        (Any, {"a": [1, object()]}, [("at['a'][1]", "type", "a JSON value is expected, not object")]),
        (Any, {"a": [1, None, 2.5, True, "x"]}, []),
        (float, Decimal("1.5"), []),
        (float, float("inf"), [("at", "finite", "inf, but AWS documents only finite numbers")]),
        (float, Decimal("sNaN"), [("at", "finite", "Decimal('sNaN'), but AWS documents only finite numbers")]),
        (list[int], [1, "2", 3, None], [
            ("at[1]", "type", "an int is expected, not str"), ("at[3]", "type", "an int is expected, not NoneType"),
        ]),
        (dict[str, int], {"a": "b", 3: 4}, [
            ("at['a']", "type", "an int is expected, not str"), ("at (key 3)", "type", "a str is expected, not int"),
        ]),
    ],
)  # fmt: skip
def test_types(type_: Any, value: Any, found: list[tuple[str, str, str]]) -> None:
    assert problems(type_, value) == found


@pytest.mark.parametrize(
    ("type_", "value", "what"),
    [
        (str, "ab", "'ab' has 2 characters"),
        (int, 2, "2"),
        (float, 2.0, "2.0"),
        (float, Decimal(2), "Decimal('2')"),
        (Blob, b"ab", "2 bytes"),
        (Blob, "\xe4", "2 bytes"),
        (Blob, bytearray(2), "2 bytes"),
        (list[str], ["a", "b"], "2 items"),
        (dict[str, str], {"a": "b", "c": "d"}, "2 entries"),
    ],
)
def test_bounds(type_: Any, value: Any, what: str) -> None:
    assert problems(type_, value, min=2, max=2) == []
    assert problems(type_, value, min=3) == [("at", "min", f"{what}, but the minimum is 3")]
    assert problems(type_, value, max=1) == [("at", "max", f"{what}, but the maximum is 1")]


def test_patterns_and_secrets() -> None:
    assert problems(str, "abc", pattern="[a-c]+") == []
    assert problems(str, "abd", pattern="[a-c]+") == [("at", "pattern", "'abd' does not match [a-c]+")]
    assert problems(str, "abc\n", pattern="[a-c]+") == [("at", "pattern", "'abc\\n' does not match [a-c]+")]
    secret = {"pattern": "[a-c]+", "sensitive": True}
    assert problems(str, "xyz", **secret) == [("at", "pattern", "a sensitive text does not match [a-c]+")]
    assert problems(str, "xyz", sensitive=True, min=5) == [
        ("at", "min", "a sensitive text has 3 characters, but the minimum is 5")
    ]
    # What is too long is not held against the pattern as well.
    assert [rule for _, rule, _ in problems(str, "xyz", pattern="[a-c]+", max=2)] == ["max"]
    assert [rule for _, rule, _ in problems(str, "xyz", pattern="[a-c]+", max=3)] == ["pattern"]


def test_an_integer_beyond_all_floats() -> None:
    assert problems(float, 10**400) == [
        ("at", "finite", "an integer of 1329 bits, but AWS documents only finite numbers")
    ]


def test_a_json_text_that_would_not_fit_is_not_hinted_at() -> None:
    assert problems(str, [1], max=3)[0][2].endswith("'[1]'")
    assert problems(str, [1], max=2) == expected("a str", "list")
    assert problems(str, [1], pattern=r"\[1\]")[0][2].endswith("'[1]'")
    assert problems(str, [1], pattern=r"\[2\]") == expected("a str", "list")
    hint = "; for a JSON text, use json.dumps(...)"
    assert problems(str, [1], sensitive=True) == expected("a str", "list", hint)


def test_unknown_values_of_enums() -> None:
    few = "ENABLED, DISABLED"
    assert problems(types.FeatureStatus, "ENABLE") == [
        ("at", "enum", f"'ENABLE' is not a known FeatureStatus; did you mean 'ENABLED'? Known: {few}")
    ]
    assert problems(types.FeatureStatus, "zzz") == [("at", "enum", f"'zzz' is not a known FeatureStatus. Known: {few}")]
    many = [each.value for each in types.TrainingInstanceType]
    ((_, _, text),) = problems(types.TrainingInstanceType, "zzz")
    assert text.endswith(f"Known: {', '.join(many[:40])}, ... ({len(many)} values)")


def test_long_keys_of_maps_are_cut_in_paths() -> None:
    assert problems(dict[str, int], {"k" * 2000: "x"})[0][0] == "at['" + "k" * 2000 + "']"
    assert problems(dict[str, int], {"k" * 2001: "x"})[0][0] == "at['" + "k" * 1997 + "...']"


def test_required_members() -> None:
    found: list[Problem] = []
    validate._structure(types.Tag)(types.Tag(key=None, value="v"), "", found.append)  # type: ignore[arg-type]
    validate._structure(types.Tag)(types.Tag(key=None, value="v"), "tags[3]", found.append)  # type: ignore[arg-type]
    assert [(each.path, each.rule, each.detail) for each in found] == [
        ("key", "required", "required by Tag, but not given"),
        ("tags[3].key", "required", "required by Tag, but not given"),
    ]


def test_an_empty_message_is_none() -> None:
    assert str(errors.InvalidRequestError([Problem("at", "type", "bad")])).endswith("at: bad")


# --- ARNs in messages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "kind", "name"),
    [
        ("model/m", "model", "m"),
        ("model/a:b:c", "model", "a:b:c"),
        ("training-job/t/x", "training job", "t/x"),
        ("pipeline/p/execution/e", "pipeline execution", "e"),
        ("pipeline/p", "pipeline", "p"),
        ("whatever", None, "whatever"),
    ],
)
def test_the_resource_of_an_arn(resource: str, kind: str | None, name: str) -> None:
    kinds = {"pipeline/*/execution": "pipeline execution", "training job": "training job"}
    assert _from_arn(f"arn:aws:sagemaker:us-west-2:123456789012:{resource}", kinds) == (kind, name)
