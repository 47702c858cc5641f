"""Every paged operation, over HTTP: one request a page, an empty page is not the end, and a token does not come twice."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed import Pages, SageMaker, from_boto3
from sagemaker_typed.errors import PaginationError
from sagemaker_typed.structure import members_of
from tests.contract import model
from tests.contract.comparison import differences
from tests.support import samples
from tests.support.model_server import ModelServer

TOKENS = ("token-1", "token-2")


def pages_of(sm: SageMaker, operation: str, **more: Any) -> Pages[Any, Any]:
    """What the method gives for the least that it may be called with."""
    request = from_boto3(model.request_class(operation), model.minimal_request(operation))
    required = model.required(operation)
    given = {
        member.field: getattr(request, member.field) for member in members_of(type(request)) if member.wire in required
    }
    method = getattr(sm.api, xform_name(operation))
    if operation in model.DESCRIPTIONS:
        method = getattr(method.__self__, f"{method.__name__}_pages")
    pages = method(**given, **more)
    assert isinstance(pages, Pages)
    return pages


def page(operation: str, variant: int) -> dict[str, Any]:
    """A page as boto3 gives it, without a token."""
    filled = samples.fill(model.output_shape(operation), variant=variant)
    return {name: value for name, value in filled.items() if name != "NextToken"}


def emptied(operation: str, plain: dict[str, Any]) -> dict[str, Any]:
    return {name: [] if name in model.items(operation) else value for name, value in plain.items()}


def program(server: ModelServer, operation: str, *answers: dict[str, Any]) -> None:
    for answer in answers:
        server.respond(operation, samples.to_wire(model.output_shape(operation), answer), times=1)


def sent(server: ModelServer) -> list[tuple[str | None, int | None]]:
    """The token and the page size of each request."""
    return [(request.body.get("NextToken"), request.body.get("MaxResults")) for request in server.requests]


def test_before_the_first_page_the_next_token_is_the_one_that_was_given(server: ModelServer, sm: SageMaker) -> None:
    assert sm.models.list().next_token is None
    assert sm.models.list(next_token="token-1").next_token == "token-1"
    assert server.requests == []


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.PAGED)
def test_every_item_of_every_page_is_given(operation: str, server: ModelServer, sm: SageMaker) -> None:
    first, last = page(operation, 0), page(operation, 1)
    program(
        server,
        operation,
        {**first, "NextToken": TOKENS[0]},
        {**emptied(operation, first), "NextToken": TOKENS[1]},
        last,
    )
    names = model.items(operation)
    expected = [(name, item) for plain in (first, last) for name in names for item in plain[name]]
    assert expected

    pages = pages_of(sm, operation)
    size = model.page_size(operation)
    assert server.requests == []
    assert pages.next_token is None
    items = iter(pages)
    assert server.requests == []
    found = [next(items)]
    # The page after this one is not asked for before it is needed.
    assert sent(server) == [(None, size)]
    assert pages.next_token == TOKENS[0]
    found += items
    assert sent(server) == [(None, size), (TOKENS[0], size), (TOKENS[1], size)]
    assert pages.next_token is None

    assert len(found) == len(expected)
    shape = model.output_shape(operation)
    for item, (name, plain) in zip(found, expected, strict=True):
        assert list(differences(shape.members[name].member, item, plain)) == []
    # What else was asked for is asked for each time.
    bodies = [{**request.body, "NextToken": None} for request in server.requests]
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.PAGED)
def test_a_token_that_comes_twice_is_an_error(operation: str, server: ModelServer, sm: SageMaker) -> None:
    answer = {**page(operation, 0), "NextToken": TOKENS[0]}
    program(server, operation, answer, {**answer, "NextToken": TOKENS[1]}, answer)
    with pytest.raises(PaginationError, match=f"{operation}.*{TOKENS[0]}"):
        list(pages_of(sm, operation))
    assert [token for token, _ in sent(server)] == [None, *TOKENS]


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.PAGED)
def test_pages_are_typed_and_can_be_resumed(operation: str, server: ModelServer, sm: SageMaker) -> None:
    program(server, operation, {**page(operation, 0), "NextToken": TOKENS[0]}, page(operation, 1))
    pages = pages_of(sm, operation, next_token="start", **({"max_results": 1} if model.page_size(operation) else {}))
    found = list(pages.by_page())
    assert [type(each) for each in found] == [model.response_class(operation)] * 2
    assert [each.next_token for each in found] == [TOKENS[0], None]
    assert [token for token, _ in sent(server)] == ["start", TOKENS[0]]
    assert {size for _, size in sent(server)} == {1 if model.page_size(operation) else None}


def test_a_token_that_the_caller_gave_counts_as_seen(server: ModelServer, sm: SageMaker) -> None:
    program(server, "ListModels", {**page("ListModels", 0), "NextToken": "start"})
    with pytest.raises(PaginationError):
        list(sm.models.list(next_token="start"))
    assert len(server.requests) == 1


def test_the_first_item_takes_no_more_pages_than_it_must(server: ModelServer, sm: SageMaker) -> None:
    filled = page("ListModels", 0)
    program(
        server,
        "ListModels",
        {**emptied("ListModels", filled), "NextToken": TOKENS[0]},
        {**filled, "NextToken": TOKENS[1]},
    )
    item = sm.models.list().first()
    assert item is not None
    assert item.model_name == filled["Models"][0]["ModelName"]
    assert len(server.requests) == 2


def test_nothing_is_no_first_item(server: ModelServer, sm: SageMaker) -> None:
    program(server, "ListModels", {"Models": []}, {"Models": []})
    assert sm.models.list().first() is None
    assert list(sm.models.list()) == []


def test_an_empty_token_is_the_end(server: ModelServer, sm: SageMaker) -> None:
    program(server, "ListModels", {**page("ListModels", 0), "NextToken": ""})
    assert len(list(sm.models.list())) == 2
    assert len(server.requests) == 1


def test_each_iteration_starts_anew(server: ModelServer, sm: SageMaker) -> None:
    pages = sm.models.list()
    for _ in range(2):
        program(server, "ListModels", {**page("ListModels", 0), "NextToken": TOKENS[0]}, page("ListModels", 1))
        assert len(list(pages)) == 4
    assert [token for token, _ in sent(server)] == [None, TOKENS[0]] * 2


def test_a_request_that_is_sent_gives_one_page_of_the_services_own_size(server: ModelServer, sm: SageMaker) -> None:
    response: Any = sm.send(from_boto3(model.request_class("ListModels"), {}))
    assert type(response) is model.response_class("ListModels")
    assert sent(server) == [(None, None)]


def test_the_caller_may_ask_for_smaller_pages(server: ModelServer, sm: SageMaker) -> None:
    program(server, "ListModels", {"Models": []})
    assert list(sm.models.list(max_results=7)) == []
    assert sent(server) == [(None, 7)]
