"""Pages as pandas frames: their columns are those of the items' class, also where there are no items."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from sagemaker_typed import AsyncPages, Pages, from_boto3, types

pytest.importorskip("pandas")

TAG_COLUMNS = ["key", "value"]
EXPERIMENT_COLUMNS = [
    "experiment_name", "experiment_arn", "display_name", "description", "creation_time", "last_modified_time", "tags",
]  # fmt: skip


class Sender:
    """Answers each request with the next page."""

    def __init__(self, cls: Any, *answers: Mapping[str, Any]) -> None:
        self.pages = [from_boto3(cls, answer) for answer in answers]
        self.requests: list[Any] = []

    def send(self, request: Any) -> Any:
        self.requests.append(request)
        return self.pages.pop(0)


class AsyncSender(Sender):
    async def send(self, request: Any) -> Any:
        return super().send(request)


def frame_of(kind: str, cls: Any, request: Any, *answers: Mapping[str, Any], pick: str | None = None) -> Any:
    """Make the frame of pages of either kind, which have received every answer."""
    if kind == "Pages":
        sender = Sender(cls, *answers)
        frame = Pages(sender, request, pick).to_pandas()
    else:
        sender = AsyncSender(cls, *answers)
        pages: AsyncPages[Any, Any] = AsyncPages(sender, request, pick)
        frame = asyncio.run(pages.to_pandas())
    assert sender.pages == []
    return frame


KINDS = pytest.mark.parametrize("kind", ["Pages", "AsyncPages"])
ARN = "arn:aws:sagemaker:us-west-2:123456789012:endpoint/e"


@KINDS
def test_a_frame_has_the_items_of_every_page(kind: str) -> None:
    tags = [{"Key": key, "Value": key.upper()} for key in "abc"]
    answers = {"Tags": tags[:2], "NextToken": "t"}, {"Tags": tags[2:]}
    frame = frame_of(kind, types.ListTagsOutput, types.ListTagsInput(resource_arn=ARN), *answers)
    assert list(frame.columns) == TAG_COLUMNS
    assert frame.to_dict("list") == {"key": ["a", "b", "c"], "value": ["A", "B", "C"]}


@KINDS
def test_a_frame_without_items_has_the_columns_of_the_items(kind: str) -> None:
    frame = frame_of(kind, types.ListTagsOutput, types.ListTagsInput(resource_arn=ARN), {"Tags": []})
    assert (list(frame.columns), len(frame)) == (TAG_COLUMNS, 0)


@KINDS
@pytest.mark.parametrize(
    ("results", "names"),
    [
        ([], []),
        ([{}], []),
        ([{"Experiment": {"ExperimentName": "a"}}, {"Trial": {"TrialName": "t"}}, {"Experiment": {}}], ["a", None]),
    ],
)
def test_a_frame_of_what_a_search_finds_has_the_columns_of_the_kind(
    kind: str, results: list[Any], names: list[Any]
) -> None:
    request = types.SearchRequest(resource="Experiment")
    frame = frame_of(kind, types.SearchResponse, request, {"Results": results}, pick="experiment")
    assert set(EXPERIMENT_COLUMNS) <= set(frame.columns)
    assert "trial_name" not in frame.columns
    assert [None if name != name else name for name in frame["experiment_name"]] == names
    assert str(frame["creation_time"].dtype) == "datetime64[us, UTC]"


def test_the_items_of_a_picked_field() -> None:
    """An entry without the field counts as None, as `Pages` of a search give it."""
    request = types.SearchRequest(resource="Experiment")
    answer = {"Results": [{"Experiment": {"ExperimentName": "a"}}, {"Trial": {}}]}
    pages: Pages[Any, Any] = Pages(Sender(types.SearchResponse, answer), request, "experiment")
    first, second = pages
    assert (first.experiment_name, second) == ("a", None)
    whole: Pages[Any, Any] = Pages(Sender(types.SearchResponse, answer), request)
    assert [type(entry) for entry in whole] == [types.SearchRecord] * 2


@pytest.mark.parametrize(
    ("request_", "operation", "fields"),
    [
        (types.ListTagsInput(resource_arn=ARN), "ListTags", ("tags",)),
        (types.SearchRequest(resource="Experiment"), "Search", ("results",)),
        (types.QueryLineageRequest(), "QueryLineage", ("vertices", "edges")),
    ],
)
def test_the_fields_of_a_page_with_its_items(request_: Any, operation: str, fields: tuple[str, ...]) -> None:
    pages: Pages[Any, Any] = Pages(Sender(None), request_)
    assert pages.item_fields == fields
    assert repr(pages) == f"<Pages of {operation}>"


def test_lists_of_two_fields_come_one_after_the_other() -> None:
    answer = {"Vertices": [{"Arn": "v"}], "Edges": [{"SourceArn": "s"}]}
    pages: Pages[Any, Any] = Pages(Sender(types.QueryLineageResponse, answer), types.QueryLineageRequest())
    assert [type(item) for item in pages] == [types.Vertex, types.Edge]


@pytest.mark.parametrize("kind", [Pages, AsyncPages])
def test_the_next_token_is_the_requests_before_any_page(kind: Any) -> None:
    assert kind(None, types.ListModelsInput(next_token="t")).next_token == "t"
    assert kind(None, types.ListModelsInput()).next_token is None


def test_an_empty_token_is_none() -> None:
    pages: Pages[Any, Any] = Pages(
        Sender(types.ListTagsOutput, {"NextToken": ""}), types.ListTagsInput(resource_arn=ARN)
    )
    assert list(pages) == []
    assert pages.next_token is None


def test_asynchronous_pages_are_not_for_a_plain_loop() -> None:
    pages: AsyncPages[Any, Any] = AsyncPages(None, types.ListModelsInput())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="iterate over an 'AsyncPages' object with `async for`"):
        iter(pages)  # type: ignore[call-overload]
