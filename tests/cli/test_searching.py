"""`search`: its language, held against the Python form and against plain Python on the same records."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sagemaker_typed import to_boto3
from sagemaker_typed.cli._expressions import NotACondition, parse_condition, parse_property
from sagemaker_typed.search import Condition, field, hyper_parameter, metric, nested, parse, tag
from sagemaker_typed.testing import LocalSageMaker
from tests.cli.support import TRAINING, run

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def sent(condition: Condition) -> Any:
    return to_boto3(condition.to_expression())


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ('TrainingJobName.contains("resnet")', field("TrainingJobName").contains("resnet")),
        ('field("TrainingJobName") == "a"', field("TrainingJobName") == "a"),
        ('"a" == TrainingJobName', field("TrainingJobName") == "a"),
        ('0.9 < metric("accuracy")', metric("accuracy") > 0.9),
        ("Metrics.accuracy >= -0.5", metric("accuracy") >= -0.5),
        ('tag("team") in ("a", "b")', tag("team").is_in("a", "b")),
        ('tag("team") not in ["a", "b"]', ~tag("team").is_in("a", "b")),
        ("FailureReason.exists()", field("FailureReason").exists()),
        ("not FailureReason.exists()", ~field("FailureReason").exists()),
        ("~FailureReason.exists()", ~field("FailureReason").exists()),
        ('hyper_parameter("epochs") == "3"', hyper_parameter("epochs") == "3"),
        ('CreationTime > "2026-01-31"', field("CreationTime") > datetime(2026, 1, 31, tzinfo=UTC)),
        (
            'CreationTime.after("2026-01-31T12:00:00+02:00")',
            field("CreationTime").after(datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ),
        ('CreationTime > ago("1d12h")', field("CreationTime") > NOW - timedelta(days=1, hours=12)),
        (
            'CreationTime.between(datetime(2026, 1, 1, tzinfo=UTC), ago("1h"))',
            field("CreationTime").between(datetime(2026, 1, 1, tzinfo=UTC), NOW - timedelta(hours=1)),
        ),
        (
            'nested("InputDataConfig", ChannelName == "train", CompressionType == "Gzip")',
            nested("InputDataConfig", field("ChannelName") == "train", field("CompressionType") == "Gzip"),
        ),
        (
            'A == "1" and B == "2" or not (C == "3" and D == "4")',
            ((field("A") == "1") & (field("B") == "2")) | ~((field("C") == "3") & (field("D") == "4")),
        ),
        ("EnableNetworkIsolation == true", field("EnableNetworkIsolation") == True),  # noqa: E712
    ],
)
def test_what_a_text_means(text: str, condition: Condition) -> None:
    assert sent(parse_condition(text, now=lambda: NOW)) == sent(condition)


NAMES = st.sampled_from(["TrainingJobName", "TrainingJobStatus", "ResourceConfig.InstanceType"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters=",", exclude_categories=("Cs", "Cc")), min_size=1)
LEAVES = st.one_of(
    st.builds(lambda name, value: field(name) == value, NAMES, TEXTS),
    st.builds(lambda name, value: field(name) != value, NAMES, TEXTS),
    st.builds(lambda name: field(name).exists(), NAMES),
    st.builds(lambda name, values: field(name).is_in(*values), NAMES, st.lists(TEXTS, min_size=1, max_size=3)),
    st.builds(lambda number: metric("m") > number, st.floats(-1e6, 1e6)),
    st.builds(
        lambda moment: field("CreationTime") > moment,
        st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    ),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a & b, inner, inner),
        st.builds(lambda a, b: a | b, inner, inner),
        inner.map(lambda a: ~a),
    ),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CONDITIONS)
def test_what_a_condition_prints_is_read_back(condition: Condition) -> None:
    assert sent(parse_condition(str(condition))) == sent(condition)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CONDITIONS)
def test_what_an_expression_prints_is_read_back(condition: Condition) -> None:
    """Its values are texts."""
    expression = condition.to_expression()
    assert sent(parse_condition(str(parse(expression)))) == to_boto3(expression)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "invalid syntax"),
        ("TrainingJobStatus = 5", "invalid syntax at character"),
        ("TrainingJobStatus", "TrainingJobStatus is not a condition"),
        ('__import__("os").system("true")', "is not a condition"),
        ("(lambda: 1)() == 1", "is not a property"),
        ('A == B.c("x")', "is not a value"),
        ('A > 1 & B == "x"', "put each in parentheses, or write and, or"),
        ("1 < A < 2", "put each in parentheses"),
        ('A in "abc"', 'is not a list: write ("a", "b")'),
        ('A in ("a", 5)', "5 is not a text"),
        ('A.startswith("x")', "is not a condition"),
        ("A.exists(1, 2)", "field('A').exists"),
        ('CreationTime > "yesterday"', "'yesterday' is not a time"),
        ('CreationTime > ago("soon")', "is not a duration"),
        ("A is 5", "is not a comparison that SageMaker has"),
        ("A == f'{1}'", "is not a value"),
        ("(" * 5000, "nested"),
        ("not " * 20_000 + 'A == "1"', "nested too deeply"),
        ("x" * 200_000, "too long"),
    ],
)
def test_what_is_not_a_condition(text: str, said: str) -> None:
    with pytest.raises(NotACondition) as caught:
        parse_condition(text)
    assert said in str(caught.value)


def test_properties_to_sort_by() -> None:
    assert parse_property('metric("a:b")') == "Metrics.a:b"
    assert parse_property("CreationTime") == "CreationTime"
    assert parse_property("Metrics.train:loss") == "Metrics.train:loss"


def test_hits(local: LocalSageMaker) -> None:
    client = local.boto3_client("sagemaker")
    for name, team in (("resnet-1", "vision"), ("resnet-2", "audio"), ("bert-1", "text")):
        client.create_training_job(**{**TRAINING, "TrainingJobName": name}, Tags=[{"Key": "team", "Value": team}])
    found = run(
        "search", "training-job", 'tag("team") in ("vision", "audio")', "--sort-by", "TrainingJobName", "--ascending"
    )
    assert (found.exit_code, found.stderr) == (0, "")
    head, *rows = found.stdout.splitlines()
    assert head.split()[:2] == ["TrainingJobName", "TrainingJobStatus"]
    assert [row.split()[0] for row in rows] == ["resnet-1", "resnet-2"]
    query = ["--query", "Results[].TrainingJob.TrainingJobName"]
    assert json.loads(run("search", "training-jobs", 'TrainingJobName == "bert-1"', *query).stdout) == ["bert-1"]
    assert len(json.loads(run("search", "TrainingJob", *query, "--max", "2").stdout)) == 2
    assert run("search", "training-job", 'TrainingJobName == "none"').stderr == "none\n"


def test_explain_sends_nothing(local: LocalSageMaker) -> None:
    document = json.loads(run("search", "trial-component", 'tag("a") == "b"', "--explain").stdout)
    assert document == {"Filters": [{"Name": "Tags.a", "Operator": "Equals", "Value": "b"}]}
    assert local.calls == {}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["compilation-job", 'A == "1"'], "KIND: SageMaker searches for no 'compilation-job'"),
        (["training-jo", 'A == "1"'], "did you mean training-job?"),
        (["training-job", 'TrainingJobNam == "1"'], "did you mean TrainingJobName?"),
        (["training-job", "TrainingJobName > 5"], "for which SageMaker has no >"),
        (["training-job", "A ="], "EXPRESSION: invalid syntax"),
        (["training-job", 'A == "1"', "--query", "a["], "--query"),
    ],
)
def test_a_wrong_search_is_one_line_and_sends_nothing(local: LocalSageMaker, arguments: list[str], text: str) -> None:
    result = run("search", *arguments)
    assert result.exit_code == 2
    assert text in result.stderr
    assert local.calls == {}
