"""The straight-line hooks of generated classes: what they make, of what, and how they fail."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import threading
import traceback
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import attrs
import pytest

from sagemaker_typed import errors, from_boto3, to_boto3
from sagemaker_typed._core.convert import hooks
from sagemaker_typed._core.convert.converter import Converter
from sagemaker_typed.types import (
    CompilationJobStatus,
    CompilationJobSummary,
    DescribeCompilationJobResponse,
    Framework,
    InputConfig,
    ListModelsInput,
    SearchExpression,
    Tag,
)

SUMMARY = {"CompilationJobName": "n", "CompilationJobStatus": "COMPLETED", "CompilationTargetDevice": "ml_new"}


def test_an_object_made_of_a_dict_is_one_like_any_other() -> None:
    made = from_boto3(CompilationJobSummary, SUMMARY)
    assert type(made) is CompilationJobSummary
    assert made.__class__ is CompilationJobSummary
    assert pickle.loads(pickle.dumps(made)) == made == copy.deepcopy(made)
    assert weakref.ref(made)() is made
    assert attrs.evolve(made, compilation_job_name="m").compilation_job_name == "m"
    made.compilation_job_status = "FAILED"  # type: ignore[assignment]  # as a user without a checker writes it
    assert made.compilation_job_status is CompilationJobStatus.FAILED
    with pytest.raises(AttributeError):
        made.no_such_field = 1  # type: ignore[attr-defined]


class Shouting(CompilationJobSummary):
    def shout(self) -> str:
        return self.compilation_job_name.upper()


@attrs.define(kw_only=True, eq=False, repr=False)
class Counted(InputConfig):
    seen: int = 0

    def __attrs_post_init__(self) -> None:
        self.seen += 1


def test_a_users_subclass_is_made_by_its_own_init() -> None:
    assert from_boto3(Shouting, SUMMARY).shout() == "N"
    made = from_boto3(Counted, {"S3Uri": "s3://b/k", "Framework": "PYTORCH", "New": 1})
    assert (made.seen, made.framework, made.unknown_members) == (1, Framework.PYTORCH, {"New": 1})
    assert to_boto3(made) == {"S3Uri": "s3://b/k", "Framework": "PYTORCH", "New": 1}


class Plain(Tag):
    """Its __init__ knows the members alone."""

    def __init__(self, *, key: str, value: str) -> None:
        super().__init__(key=key.upper(), value=value)


def test_an_init_of_the_users_own_need_know_no_more_than_the_members() -> None:
    assert from_boto3(Plain, {"Key": "k", "Value": "v"}).key == "K"
    with pytest.raises(TypeError, match="unknown_members"):
        from_boto3(Plain, {"Key": "k", "Value": "v", "New": 1})


@pytest.mark.parametrize("name", ["My-Class [x]", "ﬁne", "def"])
def test_a_class_may_be_called_anything(name: str) -> None:
    made = type(name, (InputConfig,), {})
    assert from_boto3(made, {"S3Uri": "s3://b/k"}).s3_uri == "s3://b/k"
    assert to_boto3(made(s3_uri="s3://b/k", framework="MXNET")) == {"S3Uri": "s3://b/k", "Framework": "MXNET"}


class Odd(Mapping[str, Any]):
    """A mapping that is no dict."""

    def __getitem__(self, key: str) -> Any:
        return SUMMARY[key]

    def __iter__(self) -> Iterator[str]:
        return iter(SUMMARY)

    def __len__(self) -> int:
        return len(SUMMARY)


@pytest.mark.parametrize("mapping", [OrderedDict(SUMMARY), MappingProxyType(SUMMARY), Odd()])
def test_any_mapping_will_do(mapping: Mapping[str, Any]) -> None:
    assert from_boto3(CompilationJobSummary, mapping) == from_boto3(CompilationJobSummary, SUMMARY)


def test_what_was_given_stays_apart_from_what_was_made() -> None:
    given = {"Filters": [{"Name": "n", "Operator": "Equals", "Value": "v"}], "NestedFilters": []}
    made = from_boto3(SearchExpression, given)
    made.filters.clear()  # type: ignore[union-attr]
    made.nested_filters.append(None)  # type: ignore[union-attr, arg-type]
    assert len(given["Filters"]) == 1
    assert given["NestedFilters"] == []


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"CompilationJobStatus": 1}, "CompilationJobStatus: 1 is not a text"),
        ({"CompilationJobStatus": []}, r"CompilationJobStatus: \[\] is not a text"),
        ({"CreationTime": {}}, "CreationTime: {} is not a timestamp"),
        ({"InputConfig": "x"}, "InputConfig: a str where a mapping was expected"),
        ({"InputConfig": {"Framework": {}}}, "InputConfig: Framework: {} is not a text"),
        ({"VpcConfig": {"Subnets": "x"}}, "VpcConfig: Subnets: a str where a list was expected"),
        ({"StoppingCondition": []}, "StoppingCondition: a list where a mapping"),
    ],
)
def test_an_error_names_the_place(value: dict[str, Any], place: str) -> None:
    with pytest.raises(errors.ConversionError, match=f"^DescribeCompilationJobResponse: {place}"):
        from_boto3(DescribeCompilationJobResponse, value)


def test_an_error_names_the_place_where_the_type_was_not_imported_yet() -> None:
    """In a process of its own: which modules are there decides how a member is read."""
    script = """
from sagemaker_typed import errors, from_boto3
from sagemaker_typed.types import DescribeEndpointOutput, ListTrainingJobsForHyperParameterTuningJobResponse as Jobs

for cls, value, place in [
    (DescribeEndpointOutput, {"EndpointStatus": []}, "EndpointStatus: [] is not a text"),
    (Jobs, {"TrainingJobSummaries": [{"ObjectiveStatus": {}}]}, "TrainingJobSummaries: ObjectiveStatus: {} is not a text"),
]:
    try:
        from_boto3(cls, value)
    except errors.ConversionError as error:
        assert str(error).startswith(f"{cls.__name__}: {place}"), error
    else:
        raise AssertionError(place)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_error_far_down_takes_one_walk() -> None:
    """Two walks a level would take 2 ** 60."""
    expression: dict[str, Any] = {"Operator": []}
    for _ in range(60):
        expression = {"SubExpressions": [expression]}
    with pytest.raises(errors.ConversionError, match=r"(SubExpressions: ){60}Operator: \[\] is not a text"):
        from_boto3(SearchExpression, expression)


class Broken(dict[str, Any]):
    """A mapping that fails in its own way."""

    asked = 0

    def get(self, key: str, default: Any = None) -> Any:
        Broken.asked += 1
        raise TypeError("no such luck")


def test_a_mappings_own_error_is_told_once_and_as_it_is() -> None:
    expression: dict[str, Any] = Broken()
    for _ in range(30):
        expression = {"SubExpressions": [expression]}
    with pytest.raises(TypeError, match="no such luck"):
        from_boto3(SearchExpression, expression)
    assert Broken.asked == 1


@pytest.mark.parametrize("moment", [datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))), 1e300, float("nan")])
def test_what_is_beyond_all_dates_names_its_place(moment: Any) -> None:
    with pytest.raises(errors.ConversionError, match=r"CreationTime: .* is not a timestamp"):
        from_boto3(DescribeCompilationJobResponse, {"CreationTime": moment})


def test_metadata_wins_over_an_unknown_member_of_that_name() -> None:
    metadata = {"RequestId": "r", "HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}
    made = from_boto3(DescribeCompilationJobResponse, {"New": 1, "ResponseMetadata": metadata})
    assert list(to_boto3(made)) == ["New", "ResponseMetadata"]
    made.unknown_members = {"ResponseMetadata": 2}
    assert to_boto3(made)["ResponseMetadata"] == metadata


def test_threads_may_all_be_the_first() -> None:
    for _ in range(10):
        converter, start = Converter(), threading.Barrier(8)
        made: list[Any] = []

        def run(converter: Any = converter, start: Any = start, made: list[Any] = made) -> None:
            start.wait()
            made.append(converter.structure({"InputConfig": {"Framework": "MXNET"}}, DescribeCompilationJobResponse))

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(made) == 8
        assert {each.input_config.framework for each in made} == {Framework.MXNET}


def test_cattrs_converts_types_that_no_generated_class_has() -> None:
    """With the library's own conversions of their parts."""
    converter = Converter()
    read = converter.structure([1718000000.5], set[datetime])
    assert read == {datetime(2024, 6, 10, 6, 13, 20, 500000, timezone.utc)}  # noqa: UP017
    (tags,) = converter.structure([[{"Key": "k", "Value": "v", "Fresh": 1}]], tuple[list[Tag]])
    assert tags[0].unknown_members == {"Fresh": 1}
    (framework,) = converter.structure(["NO_SUCH"], frozenset[Framework])
    assert (type(framework), framework.value, framework.is_known) == (Framework, "NO_SUCH", False)
    assert converter.unstructure({Framework.MXNET: [Tag(key="k", value="v")]}) == {
        "MXNET": [{"Key": "k", "Value": "v"}]
    }

    class Text(str):
        __slots__ = ()

    assert converter.structure(None, Text) is None  # as for `str`


def test_what_an_answer_leaves_out_is_not_imported() -> None:
    script = (
        "import sys\n"
        "from sagemaker_typed import from_boto3, types\n"
        "home = 'sagemaker_typed.types.shared.vpc_config'\n"
        "cls = types.DescribeTrainingJobResponse\n"
        "assert from_boto3(cls, {'TrainingJobName': 'n'}).vpc_config is None\n"
        "assert home not in sys.modules\n"
        "assert from_boto3(cls, {'VpcConfig': {'Subnets': ['a']}}).vpc_config.subnets == ['a']\n"
        "assert home in sys.modules\n"
        "assert from_boto3(cls, {'VpcConfig': {'Subnets': ['b']}}).vpc_config.subnets == ['b']\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


ANSWER = {
    "CompilationJobName": "n",
    "CompilationJobStatus": "COMPLETED",
    "CreationTime": 1718000000.5,
    "InputConfig": {"S3Uri": "s3://a/b.tar.gz", "Framework": "PYTORCH", "Fresh": 1},
    "Fresh": {"a": [1]},
}


def test_without_the_twin_the_objects_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """`blank_of` makes the road shorter; here every object is made by its class's own `__init__`."""
    usual = Converter().structure(ANSWER, DescribeCompilationJobResponse)
    monkeypatch.setattr(hooks, "blank_of", lambda cls: None)
    made = Converter().structure(ANSWER, DescribeCompilationJobResponse)
    assert made == usual
    assert type(made) is DescribeCompilationJobResponse
    assert made.unknown_members == usual.unknown_members == {"Fresh": {"a": [1]}}
    assert made.input_config.unknown_members == {"Fresh": 1}
    assert made.creation_time == datetime(2024, 6, 10, 6, 13, 20, 500000, timezone.utc)  # noqa: UP017
    assert made.compilation_job_status is CompilationJobStatus.COMPLETED


def test_a_traceback_shows_the_lines_of_a_hook() -> None:
    class Broken(Mapping[str, Any]):
        def __getitem__(self, key: str) -> Any:
            raise RuntimeError("of the mapping")

        def __iter__(self) -> Iterator[str]:
            return iter(("CompilationJobName",))

        def __len__(self) -> int:
            return 1

    with pytest.raises(RuntimeError) as caught:
        from_boto3(CompilationJobSummary, Broken())
    shown = "".join(traceback.format_exception(caught.value))
    assert '"<sagemaker_typed read sagemaker_typed.types.compilation_jobs.CompilationJobSummary>"' in shown
    assert "self.compilation_job_name = get('CompilationJobName')" in shown


def test_an_object_begins_as_its_own_class_or_its_twin() -> None:
    class Sub(Tag):
        pass

    assert hooks.blank_of(Tag) is Tag
    twin = hooks.blank_of(CompilationJobSummary)  # its enum is converted when it is assigned
    assert twin is not None
    assert twin is not CompilationJobSummary
    assert twin.__setattr__ is object.__setattr__
    assert twin.__slots__ == CompilationJobSummary.__slots__  # type: ignore[attr-defined]
    assert hooks.blank_of(Sub) is None


def test_a_time_needs_its_zone_to_become_boto3s() -> None:
    aware = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5)))
    assert to_boto3(ListModelsInput(creation_time_after=aware))["CreationTimeAfter"] is aware
    with pytest.raises(errors.InvalidRequestError) as caught:
        to_boto3(ListModelsInput(creation_time_after=datetime(2026, 1, 1)))
    assert [(problem.path, problem.rule) for problem in caught.value.problems] == [("creation_time_after", "timezone")]
