"""Classes that an `except` clause of boto3 catches, whichever session made its exceptions; boto3's clients are the oracle."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EventStreamError, ProfileNotFound

from sagemaker_typed import errors
from sagemaker_typed._core.joined import importable, joined, modeled, ours


def client(service: str = "sagemaker") -> Any:
    return boto3.Session("AKID", "secret", region_name="us-west-2").client(service)


@pytest.fixture(scope="module")
def clients() -> list[Any]:
    """Clients of three sessions, which have made their exceptions; one is for another service."""
    made = [client(), client(), client("sagemaker-runtime")]
    for each in made:
        assert each.exceptions
    return made


def raised(cls: type[ClientError]) -> ClientError:
    return cls({"Error": {"Code": cls.__name__, "Message": "m"}}, "DescribeEndpoint")


def test_an_error_is_of_the_class_of_every_session(clients: list[Any]) -> None:
    first, second, other = clients
    found = modeled(raised(first.exceptions.ResourceNotFound), "SageMakerExceptions")
    assert found[0] is first.exceptions.ResourceNotFound
    assert second.exceptions.ResourceNotFound in found
    assert {cls.__name__ for cls in found} == {"ResourceNotFound"}
    assert modeled(raised(first.exceptions.ResourceNotFound), type(other.exceptions).__name__) == [
        first.exceptions.ResourceNotFound
    ]


def test_an_event_is_of_the_class_of_its_code(clients: list[Any]) -> None:
    runtime = clients[2].exceptions
    found = modeled(raised(EventStreamError), type(runtime).__name__, "ModelStreamError")
    assert found[0] is EventStreamError
    assert runtime.ModelStreamError in found
    assert modeled(raised(EventStreamError), type(runtime).__name__, "NoSuchCode") == [EventStreamError]


@pytest.mark.parametrize("error", [raised(ClientError), ProfileNotFound(profile="p")])
def test_an_error_that_no_model_names_is_of_its_own_class(error: Any) -> None:
    assert modeled(error, "SageMakerExceptions") == [type(error)]


def test_a_joined_class_is_made_once_and_knows_its_parts(clients: list[Any]) -> None:
    theirs = clients[0].exceptions.ResourceNotFound
    cls = joined(errors.ResourceNotFoundError, theirs, theirs, Exception)
    assert cls is joined(errors.ResourceNotFoundError, theirs)
    assert cls.__bases__ == (errors.ResourceNotFoundError, theirs)
    assert (cls.__name__, cls.__qualname__) == ("ResourceNotFoundError", "ResourceNotFoundError")
    assert (cls.__module__, cls.__doc__) == ("sagemaker_typed.errors", errors.ResourceNotFoundError.__doc__)
    assert ours(cls) is errors.ResourceNotFoundError
    assert ours(errors.ResourceNotFoundError) is errors.ResourceNotFoundError
    assert importable(cls) == (ClientError,)  # the class of a session cannot be found by name
    assert importable(joined(errors.ConfigurationError, ProfileNotFound)) == (ProfileNotFound,)
    assert importable(errors.ConfigurationError) == ()
    assert joined(cls, theirs, errors.SageMakerError) is cls
