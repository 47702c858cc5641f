"""Asynchronous pages: one request a page, none before the first item is asked for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed import AsyncPages, AsyncSageMaker, SageMaker, errors, from_boto3
from tests.aio.test_calls import given
from tests.contract import model
from tests.support import samples
from tests.support.model_server import ModelServer

pytestmark = pytest.mark.usefixtures("way")


def program(server: ModelServer, operation: str, *tokens: str | None, empty: tuple[int, ...] = ()) -> None:
    shape = model.output_shape(operation)
    for index, token in enumerate(tokens):
        page = {name: value for name, value in samples.fill(shape, variant=0).items() if name != "NextToken"}
        if index in empty:
            page = {name: [] if name in model.items(operation) else value for name, value in page.items()}
        if token:
            page["NextToken"] = token
        server.respond(operation, samples.to_wire(shape, page), times=1)


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.PAGED)
def test_items_and_pages_are_those_of_the_synchronous_client(
    operation: str, server: ModelServer, sm: SageMaker, aio: AsyncSageMaker
) -> None:
    def pages(client: Any) -> Any:
        method = getattr(client.api, xform_name(operation))
        if operation in model.DESCRIPTIONS:
            group, _, verb = client.api._paths[xform_name(operation)].partition(".")
            method = getattr(getattr(client, group), f"{verb}_pages")
        return method(**given(operation))

    program(server, operation, "t1", "t2", None, empty=(1,))
    expected = list(pages(sm))
    bodies = [each.body for each in server.requests]
    server.clear()
    program(server, operation, "t1", "t2", None, empty=(1,))
    ours = pages(aio)
    assert isinstance(ours, AsyncPages)
    assert server.requests == []

    async def items() -> list[Any]:
        return [item async for item in ours]

    assert asyncio.run(items()) == expected
    assert [each.body for each in server.requests] == bodies
    assert ours.next_token is None
    program(server, operation, "t1", "t2", None, empty=(0,))

    async def by_page() -> list[Any]:
        return [page.next_token async for page in ours.by_page()]

    assert asyncio.run(by_page()) == ["t1", "t2", None]
    server.clear()
    program(server, operation, "t1", None, empty=(0,))
    assert asyncio.run(ours.first()) == expected[0]
    assert len(server.requests) == 2


def test_a_token_that_comes_twice_is_an_error(server: ModelServer, aio: AsyncSageMaker) -> None:
    program(server, "ListModels", "t1", "t1")

    async def items() -> list[Any]:
        return [item async for item in aio.models.list()]

    with pytest.raises(errors.PaginationError, match="t1"):
        asyncio.run(items())


def test_nothing_is_fetched_ahead_and_a_list_resumes(server: ModelServer, aio: AsyncSageMaker) -> None:
    program(server, "ListModels", "t1", "t2")

    async def two_pages() -> str | None:
        pages = aio.models.list()
        seen = 0
        async for _ in pages.by_page():
            seen += 1
            if seen == 2:
                break
        return pages.next_token

    assert asyncio.run(two_pages()) == "t2"
    assert len(server.requests) == 2
    assert aio.models.list(next_token="t2").next_token == "t2"


def test_no_item_is_none(server: ModelServer, aio: AsyncSageMaker) -> None:
    program(server, "ListModels", None, empty=(0,))
    assert asyncio.run(aio.models.list().first()) is None


def test_mistakes_are_explained(aio: AsyncSageMaker) -> None:
    pages: Any = aio.models.list()
    with pytest.raises(TypeError, match="async for"):
        list(pages)
    with pytest.raises(TypeError, match="await first"):
        pages[0]
    assert repr(pages) == "<AsyncPages of ListModels>"
    assert AsyncPages[int, str]
    assert pages.item_fields == ("models",)
    assert from_boto3(model.response_class("ListModels"), {"Models": []}).models == []
