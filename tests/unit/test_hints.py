"""First mistakes of a boto3 user: each error says what to write instead."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pytest

import sagemaker_typed.types
from sagemaker_typed import AsyncSageMaker, SageMaker, from_boto3
from sagemaker_typed._core.hints import explaining_at_first, nearest
from sagemaker_typed.enums import OpenEnum
from sagemaker_typed.resources.endpoints import Endpoints
from sagemaker_typed.structure import Structure, structure
from sagemaker_typed.types import DescribeEndpointOutput, EndpointStatus, TargetDevice, TrainingInstanceType

SM: Any = SageMaker(region="us-west-2")


def text_of(kind: type[Exception], call: Callable[[], object]) -> str:
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    return str(caught.value)


def text_of_missing(owner: Any, name: str) -> str:
    return text_of(AttributeError, lambda: getattr(owner, name))


# --- attributes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        (
            "create_compilation_job",
            "use sm.api.create_compilation_job(...) or sm.compilation_jobs.create(...)",
        ),
        ("describe_endpoint", "use sm.api.describe_endpoint(...) or sm.endpoints.describe(...)"),
        ("create_compilaton_job", "use sm.api.create_compilation_job(...) or sm.compilation_jobs.create(...)"),
        ("DescribeEndpoint", "use sm.api.describe_endpoint(...) or sm.endpoints.describe(...)"),
        ("endpoint", "did you mean sm.endpoints?"),
        ("compilation_job", "did you mean sm.compilation_jobs?"),
        ("boto_client", "did you mean sm.boto3_client?"),
        ("get_paginator", "sm.boto3_client.get_paginator(...)"),
        ("get_waiter", "sm.<group>.wait_until_<state>(...)"),
        ("exceptions", "sm.boto3_client.exceptions"),
        ("meta", "use sm.boto3_client.meta"),
    ],
)
def test_a_name_that_the_client_does_not_have(name: str, hint: str) -> None:
    text = text_of_missing(SM, name)
    assert text.startswith(f"'SageMaker' object has no attribute '{name}': ")
    assert hint in text


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("create_compilaton_job", "did you mean sm.api.create_compilation_job?"),
        ("CreateCompilationJob", "did you mean sm.api.create_compilation_job?"),
        ("endpoints", "did you mean sm.endpoints?"),
        ("get_waiter", "sm.boto3_client.get_waiter(...)"),
    ],
)
def test_a_name_that_the_flat_methods_do_not_have(name: str, hint: str) -> None:
    assert hint in text_of_missing(SM.api, name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("get", "use sm.endpoints.describe(...)"),
        ("remove", "use sm.endpoints.delete(...)"),
        ("describe_endpoint", "use sm.endpoints.describe(...)"),
        ("describe_endpoint_config", "use sm.endpoint_configs.describe(...)"),
        ("descibe", "did you mean sm.endpoints.describe?"),
        ("wait", "use sm.endpoints.wait_until_in_service(...)"),
        ("wait_in_service", "did you mean sm.endpoints.wait_until_in_service?"),
        ("xyzzy", "sm.endpoints has create, describe, list, update, delete"),
    ],
)
def test_a_name_that_a_group_does_not_have(name: str, hint: str) -> None:
    text = text_of_missing(SM.endpoints, name)
    assert text.startswith(f"'Endpoints' object has no attribute '{name}': ")
    assert hint in text


def test_a_name_that_nothing_is_near() -> None:
    assert text_of_missing(SM, "xyzzyx") == "'SageMaker' object has no attribute 'xyzzyx'"
    assert text_of_missing(SM.api, "xyzzyx") == "'Api' object has no attribute 'xyzzyx'"


def test_a_class_that_there_is_not() -> None:
    text = text_of_missing(sagemaker_typed.types, "CreateCompilationJobRequst")
    assert text.endswith("has no attribute 'CreateCompilationJobRequst': did you mean CreateCompilationJobRequest?")
    assert text_of_missing(sagemaker_typed.types, "_Tag").endswith("has no attribute '_Tag'")


@pytest.mark.parametrize("name", ["_repr_html_", "__wrapped__", "_ipython_display_", "__rich__", "_endpoints"])
def test_a_private_name_that_somebody_looks_for_gets_no_hint(name: str) -> None:
    for owner in (SM, SM.api, SM.endpoints, TargetDevice):
        assert not hasattr(owner, name)
        assert getattr(owner, name, None) is None
        assert text_of_missing(owner, name).endswith(f" has no attribute {name!r}")


def test_python_adds_no_guess_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from sagemaker_typed import SageMaker; SageMaker().endpoint"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1].lower().count("did you mean") == 1


def test_who_looks_around_finds_no_trap() -> None:
    names = dict(inspect.getmembers(SM.endpoints))
    assert {"create", "describe", "list"} <= names.keys()
    assert copy.copy(SM.endpoints).describe.__func__ is SM.endpoints.describe.__func__
    assert "describe_endpoint" in dir(SM.api)
    blank = object.__new__(type(SM.endpoints))
    assert not hasattr(blank, "_sender")


def test_an_attribute_error_inside_a_property_is_shown() -> None:
    class Broken(SageMaker):
        @property
        def boto3_client(self) -> Any:
            raise AttributeError("from within")

    assert text_of(AttributeError, lambda: Broken().boto3_client) == "from within"


# --- keywords ---------------------------------------------------------------------------------------------------------


def test_keywords_in_the_form_of_boto3() -> None:
    text = text_of(TypeError, lambda: SM.compilation_jobs.create(CompilationJobName="a", RoleArn="b"))
    assert "unexpected keyword argument 'CompilationJobName'" in text
    assert "use compilation_job_name instead of CompilationJobName, role_arn instead of RoleArn" in text
    text = text_of(TypeError, lambda: SM.api.describe_endpoint(EndpointName="x"))
    assert "use endpoint_name instead of EndpointName" in text


def test_keywords_with_a_typo() -> None:
    assert "use endpoint_name instead of endpont_name" in text_of(
        TypeError, lambda: SM.endpoints.describe(endpont_name="x")
    )
    text = text_of(TypeError, lambda: SM.endpoints.describe("x", xyzzy=1))
    assert "xyzzy is not one of its keywords: endpoint_name" in text


def test_keywords_of_boto3s_waiters_and_sessions() -> None:
    text = text_of(
        TypeError, lambda: SM.endpoints.wait_until_in_service(EndpointName="x", WaiterConfig={"MaxAttempts": 3})
    )
    assert "use endpoint_name instead of EndpointName" in text
    assert "for WaiterConfig use timeout and poll" in text
    made: Any = SageMaker
    assert "use region instead of region_name" in text_of(TypeError, lambda: made(region_name="us-west-2"))
    assert "use profile instead of profile_name" in text_of(TypeError, lambda: made(profile_name="dev"))
    assert "session=boto3.Session(...)" in text_of(TypeError, lambda: made(aws_access_key_id="AKID"))


def test_a_dict_of_boto3s_where_arguments_are_expected() -> None:
    for call in (SM.api.describe_endpoint, SM.endpoints.describe):
        text = text_of(TypeError, lambda call=call: call({"EndpointName": "x"}))  # type: ignore[misc]
        assert text.startswith("Endpoints.describe() ")
        assert "endpoint_name=..." in text
    assert "sort_by=..." in text_of(TypeError, lambda: SM.endpoints.list({"SortBy": "Name"}))


def test_arguments_that_are_missing_or_too_many_are_told_as_python_tells_them() -> None:
    def describe(self: object, endpoint_name: str) -> None: ...

    describe.__qualname__ = "Endpoints.describe"
    plain: Any = describe
    for args in ((), ("a", "b")):
        expected = text_of(TypeError, lambda args=args: plain(None, *args))  # type: ignore[misc]
        assert text_of(TypeError, lambda args=args: SM.endpoints.describe(*args)) == expected  # type: ignore[misc]


def test_a_type_error_from_within_a_method_is_left_alone() -> None:
    class Failing(SageMaker):
        def send(self, request: object, /) -> Any:
            raise TypeError("got an unexpected keyword argument 'EndpointName'")

    text = text_of(TypeError, lambda: Failing().endpoints.describe("x"))
    assert text == "got an unexpected keyword argument 'EndpointName'"


def test_a_method_looks_as_it_was_written() -> None:
    method = SM.endpoints.describe
    assert str(inspect.signature(method)) == "(endpoint_name: 'str') -> 'DescribeEndpointOutput'"
    assert (method.__name__, method.__qualname__) == ("describe", "Endpoints.describe")
    assert inspect.getsource(method).lstrip().startswith("def describe(self, endpoint_name: str)")


# --- classes ----------------------------------------------------------------------------------------------------------


def box() -> Any:
    """A class that nobody has made an object of."""

    @structure
    class Box(Structure):
        lid_size: int
        side_color: str | None = None

    return Box


def test_a_class_is_told_its_keywords() -> None:
    made = box()
    text = text_of(TypeError, lambda: made(LidSize=1, side_colour="red"))
    assert "use lid_size instead of LidSize, side_color instead of side_colour" in text
    assert "from_boto3(Box, ...)" in text
    text = text_of(TypeError, lambda: made({"LidSize": 1}))
    assert "lid_size=..." in text
    assert "from_boto3(Box, ...)" in text
    assert text_of(TypeError, lambda: made()).endswith("missing 1 required keyword-only argument: 'lid_size'")
    assert made(lid_size=1).side_color is None


def test_a_generated_class_is_told_its_keywords() -> None:
    code = "from sagemaker_typed.types import InputConfig; InputConfig(S3Uri='s3://b/k', framework='KERAS')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "TypeError: " in done.stderr
    assert "use s3_uri instead of S3Uri" in done.stderr.splitlines()[-1]


def test_after_its_first_objects_a_class_has_its_own_init() -> None:
    class Box:
        def __init__(self, *, lid_size: int) -> None:
            self.lid_size = lid_size

    own, made = Box.__init__, explaining_at_first(Box, 3)
    assert made is Box
    assert str(inspect.signature(Box)) == "(*, lid_size: 'int') -> 'None'"
    wrong: Any = Box
    for _ in range(3):
        assert "use lid_size" in text_of(TypeError, lambda: wrong(LidSize=1))  # a failure is not counted
        assert Box.__init__ is not own
        assert Box(lid_size=1).lid_size == 1
    assert Box.__init__ is own
    assert Box(lid_size=2).lid_size == 2


def test_an_init_of_the_users_own_stays() -> None:
    class Box:
        def __init__(self, *, lid_size: int) -> None:
            self.lid_size = lid_size

    explaining_at_first(Box, 1)
    before: Any = Box.__init__

    def counting(self: Any, **given: Any) -> None:
        before(self, **given)

    Box.__init__ = counting  # type: ignore[method-assign,assignment]
    assert Box(lid_size=1).lid_size == 1
    assert Box.__init__ is counting


# --- enums ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("enum", "name", "hints"),
    [
        (TargetDevice, "ML_C55", ["did you mean TargetDevice.ML_C5?", 'TargetDevice("ml_c55")']),
        (TargetDevice, "XYZZY", ['TargetDevice("xyzzy")']),
        (TrainingInstanceType, "ML_M55_XLARGE", ["ML_M5_XLARGE?", 'TrainingInstanceType("ml.m55.xlarge")']),
        (EndpointStatus, "IN_SERVICES", ["EndpointStatus.IN_SERVICE?", 'EndpointStatus("InServices")']),
        (EndpointStatus, "InService", ["did you mean EndpointStatus.IN_SERVICE?"]),
    ],
)
def test_a_member_that_an_enum_does_not_have(enum: Any, name: str, hints: list[str]) -> None:
    text = text_of_missing(enum, name)
    assert text.startswith(f"type object {enum.__name__!r} has no attribute {name!r}: ")
    for hint in hints:
        assert hint in text
    assert not hasattr(enum, name)


def test_an_enum_is_an_enum_still() -> None:
    class Color(OpenEnum):
        RED = "red"
        name_ = "n"
        _own = "own"

    assert list(Color) == ["red", "n", "own"]
    private: Any = Color
    assert (Color.RED.value, Color["RED"], private._own) == ("red", Color.RED, "own")
    assert {"RED", "name_"} <= set(dir(Color))
    for member in (TargetDevice.ML_C5, TargetDevice("ml_new")):
        again = pickle.loads(pickle.dumps(member))
        assert (again, type(again)) == (member, TargetDevice)
        assert copy.deepcopy(member) is member


# --- what is near -----------------------------------------------------------------------------------------------------


def test_case_and_punctuation_do_not_count() -> None:
    known = ["ml_c5", "ml.m5.xlarge", "InService"]
    for text, expected in (("ML-C5", "ml_c5"), ("mlm5xlarge", "ml.m5.xlarge"), ("IN_SERVICE", "InService")):
        assert nearest(text, known) == expected
    assert nearest("xyzzy", known) is None
    assert nearest("xyzzy", []) is None


# --- answers read as boto3's dicts ------------------------------------------------------------------------------------


def answer() -> DescribeEndpointOutput:
    return from_boto3(DescribeEndpointOutput, {"EndpointName": "e"})


@pytest.mark.parametrize(
    ("read", "kind", "hint"),
    [
        (lambda it: it["EndpointArn"], TypeError, "write .endpoint_arn"),
        (lambda it: it["endpoint_arn"], TypeError, "write .endpoint_arn"),
        (lambda it: it["Qqq"], TypeError, "its members are attributes"),
        (lambda it: it[0], TypeError, "its members are attributes"),
        (list, TypeError, "its members are attributes"),
        (lambda it: it.EndpointArn, AttributeError, "did you mean .endpoint_arn?"),
        (lambda it: it.endpoint_nme, AttributeError, "did you mean .endpoint_name?"),
        (lambda it: it.get("EndpointArn"), AttributeError, "the members are attributes"),
        (lambda it: it.items(), AttributeError, "to_boto3(...)"),
    ],
)
def test_an_answer_that_is_read_as_a_dict_says_how_it_is_read(
    read: Callable[[Any], object], kind: type[Exception], hint: str
) -> None:
    with pytest.raises(kind) as caught:
        read(answer())
    assert hint in str(caught.value)
    assert "DescribeEndpointOutput" in str(caught.value)


def test_an_answer_has_nothing_more_than_before() -> None:
    assert not hasattr(answer(), "_private")
    assert not hasattr(answer(), "qqq")
    assert getattr(answer(), "qqq", 3) == 3
    assert copy.deepcopy(answer()) == answer()
    assert not isinstance(answer(), (Mapping, Sequence))


@pytest.mark.parametrize(("key", "hint"), [("Endpoints", "iterate over it"), (0, "first()"), (slice(3), "list(pages)")])
def test_pages_that_are_read_as_a_dict_or_a_list_say_how_they_are_read(key: Any, hint: str) -> None:
    pages: Any = SageMaker(region="us-west-2").endpoints.list()
    with pytest.raises(TypeError, match="each with endpoints") as caught:
        pages[key]
    assert hint in str(caught.value)
    assert pages


@pytest.mark.parametrize("make", [SageMaker, AsyncSageMaker])
def test_a_replacement_under_a_wrong_name_is_refused(make: Any) -> None:
    """It would replace nothing, and the call would reach the service."""
    sm = make(region="us-west-2")
    with pytest.raises(AttributeError, match=r"did you mean sm\.endpoints\.describe\?"):
        sm.endpoints.describ = None
    sm.endpoints.describe = len
    assert sm.endpoints.describe("four") == 4
    del sm.endpoints.describe
    assert sm.endpoints.describe != len


def test_a_users_subclass_of_a_group_has_attributes_of_its_own() -> None:
    class Mine(Endpoints):
        pass

    mine: Any = Mine(cast("Any", SageMaker(region="us-west-2")))
    mine.seen = 3
    assert mine.seen == 3
    with pytest.raises(AttributeError, match=r"did you mean sm\.endpoints\.describe\?"):
        mine.describ("x")
