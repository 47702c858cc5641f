"""Prices and activation conditions, against AWS's page of 2020-03-26 and its page on the JSON of conditions."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from decimal import Context, Decimal, Inexact, Rounded, localcontext
from functools import reduce
from typing import Any, cast

import pytest

from sagemaker_typed import SageMaker, from_boto3, to_boto3
from sagemaker_typed import types as t
from sagemaker_typed.errors import InvalidRequestError
from sagemaker_typed.human_review import (
    PRICES,
    USD,
    Conditions,
    ModerationLabel,
    Sampling,
    TaskType,
    amount_of,
    form_key,
    missing_form_key,
    moderation_label,
)

# As the page lists them, some from the lowest and some from the highest.
PAGE: dict[TaskType, str] = {
    "bounding_box": "0.036 0.048 0.060 0.072 0.120 0.240 0.360 0.480 0.600 0.720 0.840 0.960 1.080 1.200",
    "classification": (
        "0.012 0.024 0.036 0.048 0.060 0.072 0.120 0.240 0.360 0.480 0.600 0.720 0.840 0.960 1.080 1.200"
    ),
    "semantic_segmentation": "0.840 0.960 1.080 1.200",
    "textract_forms": (
        "2.400 2.280 2.160 2.040 1.920 1.800 1.680 1.560 1.440 1.320 1.200 1.080 0.960 0.840 0.720 0.600 0.480 0.360 "
        "0.240 0.120 0.072 0.060 0.048 0.036 0.024 0.012"
    ),
    "rekognition_moderation": (
        "1.200 1.080 0.960 0.840 0.720 0.600 0.480 0.360 0.240 0.120 0.072 0.060 0.048 0.036 0.024 0.012"
    ),
    "custom_review": (
        "1.200 1.080 0.960 0.840 0.720 0.600 0.480 0.360 0.240 0.120 0.072 0.060 0.048 0.036 0.024 0.012"
    ),
}


def test_the_pages_prices() -> None:
    assert {task: sorted(map(Decimal, text.split())) for task, text in PAGE.items()} == {
        task: list(prices) for task, prices in PRICES.items()
    }


@pytest.mark.parametrize("price", sorted({price for prices in PRICES.values() for price in prices}))
def test_each_price_there_and_back(price: Decimal) -> None:
    wire = to_boto3(USD.of(price))
    mills = wire["Dollars"] * 1000 + wire["Cents"] * 10 + wire["TenthFractionsOfACent"]
    assert mills == price * 1000
    assert wire["Cents"] < 100
    assert wire["TenthFractionsOfACent"] < 10
    described = from_boto3(t.USD, wire)
    assert amount_of(described) == price == USD.of(str(price)).amount
    assert described == USD.of(price)
    assert USD.of(price) == described


def test_the_issue_of_floats() -> None:
    assert to_boto3(USD.of("0.036")) == {"Dollars": 0, "Cents": 3, "TenthFractionsOfACent": 6}
    with pytest.raises(InvalidRequestError, match="exact"):
        USD.of(0.036)  # type: ignore[arg-type]


def test_it_is_the_structure_of_a_request() -> None:
    price = t.PublicWorkforceTaskPrice(amount_in_usd=USD.of("1.2", "bounding_box"))
    assert to_boto3(price) == {"AmountInUsd": {"Dollars": 1, "Cents": 20, "TenthFractionsOfACent": 0}}
    assert pickle.loads(pickle.dumps(price)) == price


@pytest.mark.parametrize(
    ("amount", "task", "said"),
    [
        ("0.0365", None, "three decimals"),
        ("3", None, "from 0 to 2.999"),
        ("-0.012", None, "from 0 to 2.999"),
        ("a lot", None, "is not an amount"),
        ("nan", None, "is not an amount"),
        (True, None, "exact"),
        ("0.012", "bounding_box", "0.036 or 0.048"),
        ("0.5", "classification", "0.480 or 0.600"),
        ("0.036", "painting", "one of bounding_box"),
    ],
)
def test_no_price(amount: Any, task: Any, said: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        USD.of(amount, task)
    assert said in str(caught.value)


# --- conditions -------------------------------------------------------------------------------------------------------

# In the form of AWS's pages on the schema, on Amazon Rekognition and on Amazon Textract.
CONDITIONS: list[tuple[Callable[[], Conditions], dict[str, Any]]] = [
    (
        lambda: Conditions.rekognition(Sampling(5)),
        {"Conditions": [{"ConditionType": "Sampling", "ConditionParameters": {"RandomSamplingPercentage": 5}}]},
    ),
    (
        lambda: Conditions.rekognition(
            (moderation_label("Suggestive", less_than=98) & moderation_label("Violence", greater_than=98))
            | (moderation_label("Nudity", at_least=50, at_most=80) & Sampling(0.5))
        ),
        {
            "Conditions": [
                {
                    "Or": [
                        {
                            "And": [
                                {
                                    "ConditionType": "ModerationLabelConfidenceCheck",
                                    "ConditionParameters": {
                                        "ModerationLabelName": "Suggestive",
                                        "ConfidenceLessThan": 98,
                                    },
                                },
                                {
                                    "ConditionType": "ModerationLabelConfidenceCheck",
                                    "ConditionParameters": {
                                        "ModerationLabelName": "Violence",
                                        "ConfidenceGreaterThan": 98,
                                    },
                                },
                            ]
                        },
                        {
                            "And": [
                                {
                                    "ConditionType": "ModerationLabelConfidenceCheck",
                                    "ConditionParameters": {
                                        "ModerationLabelName": "Nudity",
                                        "ConfidenceLessThanEquals": 80,
                                        "ConfidenceGreaterThanEquals": 50,
                                    },
                                },
                                {"ConditionType": "Sampling", "ConditionParameters": {"RandomSamplingPercentage": 0.5}},
                            ]
                        },
                    ]
                }
            ]
        },
    ),
    (
        lambda: Conditions.textract(
            form_key(
                "Mail address", aliases=["Mail Address:", "Mailing Add:"], key_value_less_than=50, word_less_than=60
            ),
            missing_form_key("Phone number", aliases=["Phone:"]),
            form_key(key_value_greater_than=90),
        ),
        {
            "Conditions": [
                {
                    "ConditionType": "ImportantFormKeyConfidenceCheck",
                    "ConditionParameters": {
                        "ImportantFormKey": "Mail address",
                        "ImportantFormKeyAliases": ["Mail Address:", "Mailing Add:"],
                        "KeyValueBlockConfidenceLessThan": 50,
                        "WordBlockConfidenceLessThan": 60,
                    },
                },
                {
                    "ConditionType": "MissingImportantFormKey",
                    "ConditionParameters": {"ImportantFormKey": "Phone number", "ImportantFormKeyAliases": ["Phone:"]},
                },
                {
                    "ConditionType": "ImportantFormKeyConfidenceCheck",
                    "ConditionParameters": {"ImportantFormKey": "*", "KeyValueBlockConfidenceGreaterThan": 90},
                },
            ]
        },
    ),
]


@pytest.mark.parametrize(("make", "document"), CONDITIONS)
def test_conditions_there_and_back(make: Callable[[], Conditions], document: dict[str, Any]) -> None:
    text = make()
    assert json.loads(text) == document
    config = t.HumanLoopActivationConditionsConfig(human_loop_activation_conditions=text)
    assert json.loads(to_boto3(config)["HumanLoopActivationConditions"]) == document
    assert [each.to_document() for each in Conditions.parse(text)] == document["Conditions"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Conditions.rekognition(), "at least one condition"),
        (lambda: Conditions.rekognition(missing_form_key("a")), "Rekognition has no condition MissingFormKey"),
        (lambda: Conditions.textract(Sampling(1) | moderation_label(less_than=5)), "Textract has no condition"),
        (lambda: Conditions.textract("a"), "must be a condition"),  # type: ignore[arg-type]
        (lambda: moderation_label("a"), "at least one bound"),
        (lambda: form_key("a"), "at least one bound"),
        (lambda: moderation_label("a", less_than=101), "from 0 to 100"),
        (lambda: moderation_label("a", less_than="5"), "must be a percentage"),  # type: ignore[arg-type]
        (lambda: moderation_label("", less_than=5), "must be a non-empty string"),
        (lambda: missing_form_key("a", aliases="b"), "a list of strings"),
        (lambda: Sampling(0), "from 0.01 to 100"),
        (lambda: Sampling(float("nan")), "must be a percentage"),
    ],
)
def test_no_condition(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        make()
    assert said in str(caught.value)


def test_five_levels() -> None:
    condition: Any = Sampling(1)
    for level in range(4):
        condition = (condition | Sampling(2)) if level % 2 else (condition & Sampling(2))
    Conditions.rekognition(condition)
    with pytest.raises(InvalidRequestError, match="6 levels"):
        Conditions.rekognition(condition & Sampling(3))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"Conditions": 5}',
        '{"Conditions": [5]}',
        '{"Conditions": [{"ConditionType": "Sampling"}]}',
        '{"Conditions": [{"ConditionType": "Weather", "ConditionParameters": {}}]}',
        '{"Conditions": [{"ConditionType": "MissingImportantFormKey", "ConditionParameters": {}}]}',
        json.dumps({"Conditions": [{"And": [{"And": [{"And": [{"And": [{"And": [{}]}]}]}]}]}]}),
        "[" * 100_000,
    ],
)
def test_no_conditions(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        Conditions.parse(text)


def test_conditions_are_no_truth_values() -> None:
    with pytest.raises(TypeError, match="instead of `and`"):
        bool(ModerationLabel("a", {}))


def test_conditions_may_be_a_mapping() -> None:
    document: dict[str, Any] = {"Conditions": [Sampling(5).to_document()]}
    config = t.HumanLoopActivationConditionsConfig(human_loop_activation_conditions=document)
    assert config.human_loop_activation_conditions == json.dumps(document)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"task_keywords": ["a"] * 6}, "human_loop_config.task_keywords"),
        ({"task_keywords": ["a" * 31]}, "human_loop_config.task_keywords[0]"),
        ({"task_count": 4}, "human_loop_config.task_count"),
        ({"task_time_limit_in_seconds": 29}, "human_loop_config.task_time_limit_in_seconds"),
    ],
)
def test_keywords_and_limits_of_tasks(changes: dict[str, Any], path: str) -> None:
    settings: dict[str, Any] = {
        "workteam_arn": "arn:aws:sagemaker:us-west-2:123456789012:workteam/private-crowd/team",
        "human_task_ui_arn": "arn:aws:sagemaker:us-west-2:123456789012:human-task-ui/ui",
        "task_title": "Look",
        "task_description": "Look at it",
        "task_count": 1,
    }
    sm = SageMaker(region="us-west-2", validation="strict")
    with pytest.raises(InvalidRequestError) as caught:
        sm.flow_definitions.create(
            "flow",
            human_loop_config=t.HumanLoopConfig(**{**settings, **changes}),
            output_config=t.FlowDefinitionOutputConfig(s3_output_path="s3://bucket/out"),
            role_arn="arn:aws:iam::123456789012:role/review",
        )
    assert [problem.path for problem in caught.value.problems] == [path]


@pytest.mark.parametrize("context", [Context(prec=2), Context(prec=9, traps=[Inexact, Rounded])])
def test_prices_are_exact_in_any_decimal_context(context: Context) -> None:
    with localcontext(context):
        price = USD.of("1.234")
        assert to_boto3(price) == {"Dollars": 1, "Cents": 23, "TenthFractionsOfACent": 4}
        assert price.amount.as_tuple() == Decimal("1.234").as_tuple()
        with pytest.raises(InvalidRequestError):
            USD.of("0.0360000000000000000001")


@pytest.mark.parametrize("other", ["x", None, True])
def test_a_condition_is_joined_with_conditions_only(other: Any) -> None:
    label = moderation_label("Violence", at_least=40)
    with pytest.raises(TypeError, match="no condition"):
        label & other
    with pytest.raises(TypeError, match="no condition"):
        label | other


def test_odd_conditions_are_one_clear_error() -> None:
    label = moderation_label("Violence", at_least=40)
    deep = reduce(lambda made, n: made | label if n % 2 else made & label, range(5000), cast(Any, label))
    document = json.dumps(
        {"Conditions": [{"ConditionType": "x", "ConditionParameters": {"ImportantFormKeyAliases": 3}}]}
    )
    cases: list[Callable[[], object]] = [
        lambda: Conditions.rekognition(deep),
        lambda: Conditions.parse(document),
        lambda: Conditions.parse(cast(Any, None)),
        lambda: missing_form_key("a", aliases=cast(Any, 3)),
    ]
    for make in cases:
        with pytest.raises(InvalidRequestError):
            make()
