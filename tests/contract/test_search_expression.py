"""`SearchExpression` is the one shape that holds itself."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from sagemaker_typed import SageMaker, from_boto3, to_boto3
from sagemaker_typed.errors import InvalidRequestError
from sagemaker_typed.types import (
    BooleanOperator,
    Filter,
    NestedFilters,
    Operator,
    SearchExpression,
    SearchRequest,
    SearchSortOrder,
)
from tests.contract import model
from tests.contract.comparison import differences, unlike
from tests.support.model_server import ModelServer

LEVELS = 3


def typed(level: int) -> SearchExpression:
    return SearchExpression(
        filters=[Filter(name=f"Name{level}", operator="Contains", value=str(level)), Filter(name="Other")],
        nested_filters=[
            NestedFilters(
                nested_property_name="InputDataConfig",
                filters=[Filter(name="InputDataConfig.ChannelName", operator=Operator.EQUALS, value="train")],
            )
        ],
        sub_expressions=[typed(level + 1), typed(level + 1)] if level < LEVELS else None,
        operator=BooleanOperator.AND if level % 2 else "Or",
    )


def plain(level: int) -> dict[str, Any]:
    expression: dict[str, Any] = {
        "Filters": [{"Name": f"Name{level}", "Operator": "Contains", "Value": str(level)}, {"Name": "Other"}],
        "NestedFilters": [
            {
                "NestedPropertyName": "InputDataConfig",
                "Filters": [{"Name": "InputDataConfig.ChannelName", "Operator": "Equals", "Value": "train"}],
            }
        ],
        "Operator": "And" if level % 2 else "Or",
    }
    if level < LEVELS:
        expression["SubExpressions"] = [plain(level + 1), plain(level + 1)]
    return expression


def test_it_converts_both_ways_at_every_level() -> None:
    expression = from_boto3(SearchExpression, plain(0))
    assert expression == typed(0)
    assert list(differences(model.MODEL.shape_for("SearchExpression"), expression, plain(0))) == []
    assert list(unlike(to_boto3(typed(0)), plain(0))) == []
    assert pickle.loads(pickle.dumps(expression)) == copy.deepcopy(expression) == expression
    other = copy.deepcopy(expression)
    deepest = other
    for _ in range(LEVELS):
        assert deepest.sub_expressions is not None
        deepest = deepest.sub_expressions[-1]
    deepest.operator = BooleanOperator("Xor")
    assert other != expression


def test_it_is_sent(server: ModelServer, boto: Any, checked: SageMaker) -> None:
    boto.search(Resource="TrainingJob", SearchExpression=plain(0), SortOrder="Descending", MaxResults=100)
    checked.search("TrainingJob", search_expression=typed(0), sort_order=SearchSortOrder.DESCENDING).first()
    checked.send(
        SearchRequest(
            resource="TrainingJob",
            search_expression=from_boto3(SearchExpression, plain(0)),
            sort_order="Descending",
            max_results=100,
        )
    )
    theirs, ours, sent = [request.body for request in server.requests]
    assert theirs == ours == sent
    assert theirs["SearchExpression"] == plain(0)


def test_a_problem_is_found_at_every_level(server: ModelServer, checked: SageMaker) -> None:
    expression = plain(0)
    path, level = "search_expression", expression
    for _ in range(LEVELS):
        path, level = f"{path}.sub_expressions[1]", level["SubExpressions"][1]
    level["NestedFilters"][0]["Filters"][0]["Name"] = ""
    with pytest.raises(InvalidRequestError) as caught:
        checked.search("TrainingJob", search_expression=from_boto3(SearchExpression, expression)).first()
    (problem,) = caught.value.problems
    assert problem.path == f"{path}.nested_filters[0].filters[0].name"
    assert problem.rule == "min"
    assert server.requests == []
