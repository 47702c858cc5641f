"""Search conditions: the filters of AWS's page of 2020-03-26, every limit, and random ones against a plain evaluator."""

from __future__ import annotations

import enum
import json
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagemaker_typed import search, to_boto3
from sagemaker_typed._helpers.conditions import Leaf
from sagemaker_typed.cli._expressions import parse_condition
from sagemaker_typed.errors import InvalidRequestError
from sagemaker_typed.resources import fields
from sagemaker_typed.search import Condition, field, hyper_parameter, metric, nested, parse, tag
from sagemaker_typed.types import Operator, ResourceType, SearchExpression, SearchSortOrder, TrainingJobStatus

JOB = ResourceType.TRAINING_JOB


def boto3s(condition: Condition, resource: ResourceType | None = JOB) -> dict[str, Any]:
    return to_boto3(condition.to_expression(resource))


# --- the page ---------------------------------------------------------------------------------------------------------

# As printed, with operators by their API names: the page writes GREATER_THAN in its examples.
PAGE: list[tuple[Condition, dict[str, Any]]] = [
    (metric("accuracy") > 0.9, {"Name": "Metrics.accuracy", "Operator": "GreaterThan", "Value": "0.9"}),
    (
        hyper_parameter("learning_rate") < 0.5,
        {"Name": "HyperParameters.learning_rate", "Operator": "LessThan", "Value": "0.5"},
    ),
    (field("FailureReason").exists(), {"Name": "FailureReason", "Operator": "Exists"}),
    (field("TrainingJobName") == "job", {"Name": "TrainingJobName", "Operator": "Equals", "Value": "job"}),
    (tag("team") == "vision", {"Name": "Tags.team", "Operator": "Equals", "Value": "vision"}),
]


@pytest.mark.parametrize(("condition", "expected"), PAGE)
def test_the_pages_filters(condition: Condition, expected: dict[str, Any]) -> None:
    assert boto3s(condition) == {"Filters": [expected]}


def test_the_pages_nested_filters() -> None:
    condition = nested(
        "InputDataConfig",
        field("ChannelName") == "train",
        field("DataSource.S3DataSource.S3Uri").contains("cat/data"),
    )
    filters = [
        {"Name": "InputDataConfig.ChannelName", "Operator": "Equals", "Value": "train"},
        {"Name": "InputDataConfig.DataSource.S3DataSource.S3Uri", "Operator": "Contains", "Value": "cat/data"},
    ]
    assert boto3s(condition) == {"NestedFilters": [{"NestedPropertyName": "InputDataConfig", "Filters": filters}]}
    joined = nested(
        "InputDataConfig", (field("ChannelName") == "train") & (field("InputDataConfig.RecordWrapperType") == "None")
    )
    assert [each["Name"] for each in boto3s(joined)["NestedFilters"][0]["Filters"]] == [
        "InputDataConfig.ChannelName",
        "InputDataConfig.RecordWrapperType",
    ]


def test_the_pages_operators() -> None:
    """`NotEquals`, `GreaterThanOrEqualTo` and the others, each by its sign."""
    time = field("CreationTime")
    when = datetime(2020, 3, 26, 12, 30, 15, 999_999, tzinfo=timezone(timedelta(hours=2)))
    found = [
        each["Operator"]
        for condition in (time == when, time != when, time > when, time >= when, time < when, time <= when)
        for each in boto3s(condition)["Filters"]
        if each["Value"] == "2020-03-26T10:30:15"
    ]
    assert found == ["Equals", "NotEquals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"]


# The page's text, character for character, and the condition that it reads as.
PRINTED: list[tuple[str, str]] = [
    ('{ "Name": "Metrics.accuracy", "Operator": "GREATER_THAN", "Value": "0.9" }', "(metric('accuracy') > '0.9')"),
    (
        '{ "Name": "HyperParameters.learning_rate", "Operator": "LESS_THAN", "Value": "0.5" }',
        "(hyper_parameter('learning_rate') < '0.5')",
    ),
    (
        '{"Name":"InputDataConfig.ChannelName", "Operator":"EQUALS", "Value":"train"}',
        "(field('InputDataConfig.ChannelName') == 'train')",
    ),
    (
        '{"Name":"InputDataConfig.DataSource.S3DataSource.S3Uri", "Operator":"CONTAINS", "Value":"cat/data"}',
        "field('InputDataConfig.DataSource.S3DataSource.S3Uri').contains('cat/data')",
    ),
    ('{"Name": "FailureReason"}', "field('FailureReason').exists()"),
    ('{"Name": "TrainingJobName", "Value": "a"}', "(field('TrainingJobName') == 'a')"),
]


@pytest.mark.parametrize(("printed", "source"), PRINTED)
def test_the_pages_own_spelling_is_read(printed: str, source: str) -> None:
    read = parse({"Filters": [json.loads(printed)]})
    assert str(read) == source
    (sent,) = boto3s(read)["Filters"]
    assert sent["Operator"] in {str(operator) for operator in Operator}
    assert {**json.loads(printed), "Operator": sent["Operator"]} == sent


def test_the_words_of_the_page_on_limits() -> None:
    """ "Only one Contains operator", "not supported for text-based properties", "only supported for" these."""
    for condition, said in (
        (field("TrainingJobName").contains("a") & field("FailureReason").contains("b"), "SageMaker takes one"),
        (field("TrainingJobName") > 5, "is a text, for which SageMaker has no >"),
        (field("CreationTime").contains("2020"), "is a timestamp, and Contains is for texts only"),
    ):
        with pytest.raises(InvalidRequestError, match=said):
            condition.to_expression(JOB)


def test_contains_at_will_where_the_feature_stores_guide_does_so() -> None:
    condition = field("FeatureGroupName").contains("a") & field("Description").contains("b")
    expression = to_boto3(condition.to_expression(ResourceType.FEATURE_GROUP))
    assert [each["Operator"] for each in expression["Filters"]] == ["Contains", "Contains"]


# --- names that editors complete --------------------------------------------------------------------------------------


def test_properties_by_name() -> None:
    fields = search.TrainingJobFields
    assert boto3s(fields.training_job_name == "a") == boto3s(field("TrainingJobName") == "a")
    assert str(fields.resource_config.instance_type) == "field('ResourceConfig.InstanceType')"
    data = fields.input_data_config
    written = nested(data, data.channel_name == "train", data.data_source.s3_data_source.s3_uri.contains("cat/data"))
    assert boto3s(written) == {
        "NestedFilters": [
            {
                "NestedPropertyName": "InputDataConfig",
                "Filters": [
                    {"Name": "InputDataConfig.ChannelName", "Operator": "Equals", "Value": "train"},
                    {
                        "Name": "InputDataConfig.DataSource.S3DataSource.S3Uri",
                        "Operator": "Contains",
                        "Value": "cat/data",
                    },
                ],
            }
        ]
    }
    assert repr(data) == "ChannelProperties('InputDataConfig')"


def test_every_kind_of_resource_has_its_names() -> None:
    """The public module names the generated classes; each name is a property of that kind of resource."""
    names = {name for name in search.__all__ if name.endswith("Fields")}
    assert names == set(fields.__all__)
    for name in names:
        cls: Any = getattr(search, name)
        kind = {"TrialFields": "ExperimentTrial", "TrialComponentFields": "ExperimentTrialComponent"}
        resource = ResourceType(kind.get(name, name.removesuffix("Fields")))
        assert resource.is_known
        for attribute, member in vars(cls).items():
            if isinstance(member, Leaf):
                getattr(cls, attribute).exists().to_expression(resource)
    with pytest.raises(AttributeError, match="NoSuchFields"):
        getattr(search, "NoSuchFields")  # noqa: B009


# --- levels -----------------------------------------------------------------------------------------------------------

A, B, C, D = (field(f"HyperParameters.{letter}") == letter for letter in "abcd")


def names(expression: Mapping[str, Any]) -> Any:
    """An expression as an operator and letters."""
    letters = [each["Value"] for each in expression.get("Filters", ())]
    return [expression.get("Operator"), *letters, *map(names, expression.get("SubExpressions", ()))]


@pytest.mark.parametrize(
    ("condition", "levels"),
    [
        (A, [None, "a"]),
        (A & B & C, ["And", "a", "b", "c"]),
        (A & (B & (C & D)), ["And", "a", "b", "c", "d"]),
        (A | B, ["Or", "a", "b"]),
        (A | (B | C) | D, ["Or", "a", "b", "c", "d"]),
        (A & (B | C), ["And", "a", ["Or", "b", "c"]]),
        ((A & B) | (C & D), ["Or", ["And", "a", "b"], ["And", "c", "d"]]),
        ((A | B) & (C | D), ["And", ["Or", "a", "b"], ["Or", "c", "d"]]),
    ],
)
def test_as_few_levels_as_possible(condition: Condition, levels: Any) -> None:
    assert names(boto3s(condition)) == levels


def test_more_than_a_list_holds() -> None:
    condition = A
    for index in range(40):
        condition = condition & (hyper_parameter(f"p{index}") == "x")
    expression = boto3s(condition)
    assert [len(expression["Filters"]), *(len(each["Filters"]) for each in expression["SubExpressions"])] == [20, 20, 1]
    assert {expression["Operator"], *(each["Operator"] for each in expression["SubExpressions"])} == {"And"}


# --- what turns round -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "opposite"),
    [
        (field("FailureReason").exists(), "~field('FailureReason').exists()"),
        (~field("FailureReason").exists(), "field('FailureReason').exists()"),
        (metric("loss") > 1, "(metric('loss') <= 1)"),
        (metric("loss") >= 1, "(metric('loss') < 1)"),
        (tag("team") == "a", "(tag('team') != 'a')"),
        (tag("team").is_in("a", "b"), "(tag('team') != 'a') & (tag('team') != 'b')"),
        ((metric("a") > 1) & (metric("b") < 1), "(metric('a') <= 1) | (metric('b') >= 1)"),
        ((metric("a") > 1) | (metric("b") < 1), "(metric('a') <= 1) & (metric('b') >= 1)"),
    ],
)
def test_the_opposite(condition: Condition, opposite: str) -> None:
    assert str(~condition) == opposite


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: field("TrainingJobName") > "a", "is a text"),  # type: ignore[operator]
        (lambda: tag("team") > 5, "is a text"),
        (lambda: metric("accuracy").contains("x"), "for texts only"),
        (lambda: field("CreationTime").contains("x"), "for texts only"),
        (lambda: field("BillableTimeInSeconds") == "long", "is a number"),
        (lambda: field("CreationTime") == "yesterday", "is a timestamp"),
        (lambda: field("CreationTime") == 5, "is a timestamp"),
        (lambda: field("TrainingJobNane") == "a", "did you mean TrainingJobName?"),
        (lambda: field("InputDataConfig.ChannelNane") == "a", "did you mean ChannelName?"),
        (lambda: field("ResourceConfig.InstanceCount").is_in("1"), "for texts only"),
        (lambda: tag("a").contains("x") & tag("b").contains("y"), "SageMaker takes one"),
        (lambda: ~tag("a").contains("x"), "cannot turn Contains round"),
        (lambda: ~nested("InputDataConfig", field("ChannelName") == "a"), "cannot turn nested round"),
        (lambda: nested("InputDataConfig", A | B), "joined by &"),
        (lambda: nested("InputDataConfig"), "one condition at least"),
        (lambda: tag("a").is_in(), "one text at least"),
        (lambda: tag("a").is_in("x,y"), "without a comma"),
        (lambda: field("CreationTime").after(datetime(2024, 1, 1)), "time zone"),
        (lambda: metric("a") > float("nan"), "finite"),
        (lambda: field(""), "name of a property"),
    ],
)
def test_refused(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        make().to_expression(JOB)
    assert said in str(caught.value)


def test_more_than_fifty_conditions() -> None:
    condition = A
    for index in range(50):
        condition = condition | (hyper_parameter(f"p{index}") == "x")
    with pytest.raises(InvalidRequestError, match="51 conditions; SageMaker takes 50"):
        condition.to_expression()


def test_all_that_is_wrong_is_said_at_once() -> None:
    condition = (field("Nothing") == "a") & (tag("b") > 5)
    with pytest.raises(InvalidRequestError) as caught:
        condition.to_expression(JOB)
    assert [problem.path for problem in caught.value.problems] == ["Nothing", "Tags.b"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: bool(A),
        lambda: bool(field("a")),
        lambda: A and B,
        lambda: metric("a") > 1 & (metric("b") > 2),  # type: ignore[operator]
        lambda: A & "b",  # type: ignore[operator]
    ],
)
def test_pythons_traps(make: Callable[[], Any]) -> None:
    with pytest.raises(TypeError):
        make()


def test_every_kind_of_resource_has_properties() -> None:
    """But for those whose hits the service does not describe: images."""
    without = []
    for resource in ResourceType:
        try:
            (field("NoSuchProperty") == "a").to_expression(resource)
        except InvalidRequestError:
            continue
        without.append(resource)
    assert without == [ResourceType.IMAGE, ResourceType.IMAGE_VERSION]


# --- text and back ----------------------------------------------------------------------------------------------------


def test_it_reads_like_the_source() -> None:
    condition = (
        field("TrainingJobName").contains("resnet")
        & (metric("accuracy") > 0.9)
        & (tag("team").is_in("a", "b") | ~field("FailureReason").exists())
        & nested("InputDataConfig", field("ChannelName") == "train")
    )
    text = (
        "field('TrainingJobName').contains('resnet') & (metric('accuracy') > 0.9) & "
        "(tag('team').is_in('a', 'b') | ~field('FailureReason').exists()) & "
        "nested('InputDataConfig', field('ChannelName') == 'train')"
    )
    assert str(condition) == repr(condition) == text
    assert str(eval(text)) == text
    assert str(metric("accuracy").descending()) == "metric('accuracy').descending()"


def test_sorting() -> None:
    assert metric("accuracy").descending() == ("Metrics.accuracy", "Descending")
    assert field("CreationTime").ascending().sort_order is SearchSortOrder.ASCENDING


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-7, "0.0000001"), (1e22, "10000000000000000000000"), (3, "3"), (Decimal("1E-3"), "0.001"), (True, "true")],
)
def test_numbers_have_no_exponent(value: Any, text: str) -> None:
    assert boto3s(hyper_parameter("x") == value)["Filters"][0]["Value"] == text


def test_a_filter_without_an_operator() -> None:
    """As the page has it: with a value it is Equals, without one that the property has any."""
    filters = [{"Name": "FailureReason"}, {"Name": "TrainingJobName", "Value": "a"}]
    condition = parse({"Filters": filters})
    assert str(condition) == "field('FailureReason').exists() & (field('TrainingJobName') == 'a')"


@pytest.mark.parametrize("expression", [{}, SearchExpression(), {"SubExpressions": [{}]}])
def test_an_expression_without_a_condition(expression: Any) -> None:
    with pytest.raises(InvalidRequestError, match="no condition"):
        parse(expression)


# --- a plain evaluator ------------------------------------------------------------------------------------------------

TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "NotEquals": operator.ne,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def holds(expression: Mapping[str, Any], values: Mapping[str, int]) -> bool:
    """Whether a search expression holds, as AWS's page explains it."""
    found = [
        TESTS[each["Operator"]](values[each["Name"].removeprefix("Metrics.")], int(each["Value"]))
        for each in expression.get("Filters", ())
    ]
    found += [holds(each, values) for each in expression.get("SubExpressions", ())]
    return any(found) if expression.get("Operator") == "Or" else all(found)


SIGNS = (operator.eq, operator.ne, operator.gt, operator.ge, operator.lt, operator.le)
LEAVES = st.tuples(st.sampled_from("xyz"), st.sampled_from(SIGNS), st.integers(0, 3)).map(
    lambda drawn: (
        drawn[1](metric(drawn[0]), drawn[2]),
        lambda values: drawn[1](values[drawn[0]], drawn[2]),
    )
)
Both = tuple[Condition, Callable[[Mapping[str, int]], bool]]


def grown(inner: st.SearchStrategy[Both]) -> st.SearchStrategy[Both]:
    pairs = st.tuples(inner, inner)
    return (
        pairs.map(lambda two: (two[0][0] & two[1][0], lambda values: two[0][1](values) and two[1][1](values)))
        | pairs.map(lambda two: (two[0][0] | two[1][0], lambda values: two[0][1](values) or two[1][1](values)))
        | inner.map(lambda one: (~one[0], lambda values: not one[1](values)))
    )


@settings(deadline=None)
@given(st.recursive(LEAVES, grown, max_leaves=25), st.fixed_dictionaries({name: st.integers(0, 3) for name in "xyz"}))
def test_random_conditions(both: Both, values: dict[str, int]) -> None:
    condition, expected = both
    expression = boto3s(condition)
    assert holds(expression, values) == expected(values)
    assert boto3s(parse(expression)) == expression
    assert boto3s(eval(str(condition))) == expression


# --- values of other libraries, and other odd ones -------------------------------------------------------------------


class Enum(str, enum.Enum):  # noqa: UP042 - older than StrEnum, and str() of it gives its name
    X = "x"


class Int(enum.IntEnum):
    THREE = 3


@pytest.mark.parametrize(
    ("value", "printed", "sent"),
    [
        (TrainingJobStatus.COMPLETED, "'Completed'", "Completed"),
        (Enum.X, "'x'", "x"),
        (Int.THREE, "3", "3"),
        (True, "True", "true"),
        (
            datetime(5, 1, 1, tzinfo=UTC),
            "datetime.datetime(5, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)",
            "0005-01-01T00:00:00",
        ),
        (
            datetime(2026, 1, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")),
            "datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)",
            "2026-01-01T00:00:00",
        ),
    ],
)
def test_a_value_prints_as_the_source_of_what_is_sent(value: Any, printed: str, sent: str) -> None:
    condition = field("A") == value
    assert str(condition) == f"(field('A') == {printed})"
    assert to_boto3(condition.to_expression())["Filters"] == [{"Name": "A", "Operator": "Equals", "Value": sent}]
    assert parse_condition(str(condition), lambda: datetime.now(UTC)) == condition


def test_values_of_numpy_and_pandas_are_python_values() -> None:
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    pairs = [
        (metric("a") > np.float64(0.9), metric("a") > 0.9),
        (metric("a") > np.float32(0.5), metric("a") > 0.5),
        (metric("a") > np.int64(3), metric("a") > 3),
        (field("A") == np.str_("x"), field("A") == "x"),
        (field("A").is_in(np.str_("x")), field("A").is_in("x")),
        (field("A").after(pd.Timestamp("2026-01-01", tz="UTC")), field("A").after(moment)),
    ]
    for given_, plain in pairs:
        assert str(given_) == str(plain)
        assert given_.to_expression() == plain.to_expression()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: metric("a") > 10**5000, "at most 1024 digits"),
        (lambda: metric("a") > Decimal("1E+999999"), "at most 1024 digits"),
        (lambda: metric("a") > Decimal("sNaN"), "finite"),
        (lambda: metric("a") > cast(Any, Fraction(1, 3)), "a number or a datetime"),
        (lambda: field("A").contains(cast(Any, 3)), "contains takes a text"),
        (lambda: field("A").after(datetime.min.replace(tzinfo=timezone(timedelta(hours=2)))), "years 1 to 9999"),
        (lambda: field("A").after(pytest.importorskip("pandas").NaT), "a datetime is needed"),
        (lambda: nested("", field("b") == "x"), "the name of a property"),
        (lambda: parse(cast(Any, "field('a') == 'x'")), "a SearchExpression"),
        (lambda: parse(cast(Any, None)), "a SearchExpression"),
        (lambda: parse({"Filters": [{"Nme": "A"}]}), "without a name"),
        (lambda: parse({"Filters": [{"Name": "A", "Operator": "In"}]}), "In needs one text"),
    ],
)
def test_an_odd_value_is_one_clear_error(make: Callable[[], object], says: str) -> None:
    with pytest.raises(InvalidRequestError, match=says):
        make()


def test_a_member_that_is_called_as_its_list_keeps_its_name_when_it_is_read_back() -> None:
    condition = nested("A", field("A.A.b") == "x")
    assert parse_condition(str(condition), lambda: datetime.now(UTC)) == condition
