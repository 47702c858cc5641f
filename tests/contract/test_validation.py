"""Each rule that the model has is held at each place of each request, and at no other place.

`standard` refuses what cannot be right and warns of what the service may have loosened since; `strict` refuses both.
That neither refuses what is right stands in `test_requests.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from sagemaker_typed import SageMaker, from_boto3
from sagemaker_typed.errors import InvalidRequestError, InvalidRequestWarning
from sagemaker_typed.structure import Request
from tests.contract import model
from tests.contract.places import Place, places
from tests.support import samples
from tests.support.model_server import ModelServer

# Of every type, a value that is not of it.
WRONG = {
    "string": 7,
    "integer": "7",
    "long": "7",
    "float": "7",
    "double": "7",
    "boolean": "true",
    "timestamp": "yesterday",
    "list": "text",
    "map": "text",
    "structure": "text",
}
LISTED = 50  # problems in the text of an error
UNLIKELY = ("\x00", "\n", "!", "ä")


def spots(operation: str) -> Iterator[tuple[Request[Any], Place]]:
    """Each place of a filled request; over its variants, each once."""
    seen: set[str] = set()
    for plain in model.filled(model.input_shape(operation)):
        request = from_boto3(model.request_class(operation), plain)
        for place in places(model.input_shape(operation), request):
            if place.path not in seen:
                seen.add(place.path)
                yield request, place


def refused(sm: SageMaker, request: Request[Any]) -> list[tuple[str, str]]:
    """Path and rule of each problem."""
    with pytest.raises(InvalidRequestError) as caught:
        sm.send(request)
    assert all(problem.path in str(caught.value) for problem in caught.value.problems[:LISTED])
    return [(problem.path, problem.rule) for problem in caught.value.problems]


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_what_cannot_be_right_is_refused(operation: str, server: ModelServer, checked: SageMaker) -> None:
    for request, place in spots(operation):
        with place.holding(WRONG[place.shape.type_name]):
            assert refused(checked, request) == [(place.path, "type")]
        if place.required:
            with place.holding(None):
                assert refused(checked, request) == [(place.path, "required")]
        for value in too_little(place):
            with place.holding(value):
                assert refused(checked, request) == [(place.path, "min")]
        for value in no_one_member(place):
            with place.holding(value):
                assert refused(checked, request) == [(place.path, "union")]
    assert server.requests == []


def too_little(place: Place) -> Iterator[Any]:
    least = place.shape.metadata.get("min")
    if least is None or model.is_enum(place.shape):
        return
    match place.shape.type_name:
        case "string" if least > 0:
            yield "x" * (least - 1)
        case "list" if least > 0:
            yield place.value[: least - 1]
        case "map" if least > 0:
            yield dict(list(place.value.items())[: least - 1])
        case "integer" | "long" | "float" | "double":
            yield least - 1


def no_one_member(place: Place) -> Iterator[Any]:
    """Of a union: none of its members, and two of them."""
    if place.shape.type_name == "structure" and place.shape.is_tagged_union:
        one, other = (samples.fill(place.shape, variant=variant) for variant in range(2))
        for members in ({}, {**one, **other}):
            if len(members) != 1:  # some have no second yet
                yield from_boto3(model.structure(place.shape.name), members)


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_what_may_be_right_by_now_is_only_warned_of(
    operation: str, server: ModelServer, checked: SageMaker, strict: SageMaker
) -> None:
    for request, place in spots(operation):
        for rule, value in doubtful(place):
            with place.holding(value):
                assert (place.path, rule) in refused(strict, request)
                # pytest makes an error of a warning, so nothing is sent here either.
                with pytest.raises(InvalidRequestWarning, match=re.escape(place.path)):
                    checked.send(request)
    assert server.requests == []


def doubtful(place: Place) -> Iterator[tuple[str, Any]]:
    facts = place.shape.metadata
    if model.is_enum(place.shape):
        yield "enum", "zz.New-Value"
        return
    if most := facts.get("max"):
        match place.shape.type_name:
            case "string":
                yield "max", "x" * (most + 1)
            case "list":
                yield "max", place.value[:1] * (most + 1)
            case "map":
                first = next(iter(place.value.values()))
                yield "max", {f"{number:05}": first for number in range(most + 1)}
            case _:
                yield "max", most + 1
    if (text := mismatch(place.shape)) is not None:
        yield "pattern", text


def mismatch(shape: Any) -> str | None:
    """A text of the right length that does not match the pattern; None if every text does."""
    try:
        pattern = re.compile(shape.metadata["pattern"])
    except (KeyError, re.error):  # without one, or one that is written for another engine
        return None
    length = max(shape.metadata.get("min", 0), 1)
    return next((each * length for each in UNLIKELY if not pattern.fullmatch(each * length)), None)
