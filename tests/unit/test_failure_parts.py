"""Which typed error an exception of botocore becomes, and what it keeps of it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError, create_parser

from sagemaker_typed import errors
from sagemaker_typed._core import failures
from sagemaker_typed._core.failures import modules_of, no_answer, raised_in, raw_failure

SECRET_URL = "http://user:secret@127.0.0.1:9/"


def client_error(code: str = "", status: int | None = None, **more: Any) -> ClientError:
    metadata = {} if status is None else {"HTTPStatusCode": status, "RequestId": "r"}
    return ClientError(
        {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": metadata, **more}, "FilterLogEvents"
    )


BY_CODE = [
    ("ThrottlingException", 400, "ThrottlingError"),
    ("AccessDeniedException", 400, "AccessDeniedError"),
    ("ExpiredTokenException", 400, "ExpiredCredentialsError"),
    ("Unheard", 400, "ApiError"),
    ("Unheard", None, "ApiError"),
    ("Unheard", 403, "AccessDeniedError"),
    ("Unheard", 408, "ServiceError"),
    ("Unheard", 429, "ThrottlingError"),
    ("Unheard", 499, "ApiError"),
    ("Unheard", 500, "ServiceError"),
    ("Unheard", 503, "ServiceError"),
    ("ThrottlingException", 500, "ThrottlingError"),
    ("", 502, "ServiceError"),
]


@pytest.mark.parametrize(("code", "status", "name"), BY_CODE)
def test_an_error_of_a_service_whose_words_are_not_known(code: str, status: int | None, name: str) -> None:
    error = client_error(code, status)
    typed = raw_failure(error, "FilterLogEvents")
    assert isinstance(typed, errors.ApiError)
    assert next(each.__name__ for each in type(typed).__mro__ if each.__module__ == "sagemaker_typed.errors") == name
    assert isinstance(typed, ClientError)
    assert (typed.code, typed.message, typed.operation) == (code, "m", "FilterLogEvents")
    assert (typed.http_status_code, typed.request_id) == (status, None if status is None else "r")


def test_an_error_of_a_service_keeps_the_class_of_the_client() -> None:
    class Modeled(ClientError):  # type: ignore[misc]
        pass

    typed = raw_failure(Modeled({"Error": {"Code": "Unheard"}}, "FilterLogEvents"), "FilterLogEvents")
    assert isinstance(typed, Modeled)
    assert isinstance(typed, errors.ApiError)
    assert isinstance(raw_failure(ClientError({}, "FilterLogEvents"), "FilterLogEvents"), errors.ApiError)


def parsing(body: bytes) -> Exception:
    try:
        create_parser("json").parse({"status_code": 400, "headers": {}, "body": body}, None)
    except Exception as error:
        return error
    raise AssertionError


@pytest.mark.parametrize("error", [ResponseParserError("p"), parsing(b"[1]")], ids=lambda each: type(each).__name__)
def test_an_answer_that_botocore_cannot_parse(error: Exception) -> None:
    typed: Any = raw_failure(error, "FilterLogEvents")
    assert type(typed) is errors.TransportError
    assert str(typed) == f"FilterLogEvents: the answer cannot be read: {error}"
    assert typed.operation == "FilterLogEvents"


@pytest.mark.parametrize(
    "error", [ValueError("of a hook"), AttributeError("of a hook"), exceptions.PaginationError(message="")]
)
def test_other_errors_are_none_of_ours(error: Exception) -> None:
    assert raw_failure(error, "FilterLogEvents") is None
    assert no_answer(error, "FilterLogEvents") is None


def test_where_an_error_was_raised() -> None:
    error = parsing(b"[1]")
    assert modules_of(error)[0] == __name__
    assert modules_of(error)[-1] == "botocore.parsers"
    assert raised_in(error, "botocore.parsers") is True
    assert raised_in(error, __name__) is False
    assert modules_of(ValueError("never raised")) == []
    assert raised_in(ValueError("never raised"), __name__) is False


NO_ANSWER: list[tuple[Exception, str]] = [
    (exceptions.NoCredentialsError(), "CredentialsError"),
    (exceptions.PartialCredentialsError(provider="p", cred_var="v"), "CredentialsError"),
    (exceptions.CredentialRetrievalError(provider="p", error_msg="e"), "CredentialsError"),
    (exceptions.MetadataRetrievalError(error_msg="e"), "CredentialsError"),
    (exceptions.UnauthorizedSSOTokenError(), "CredentialsError"),
    (exceptions.SSOTokenLoadError(error_msg="e"), "CredentialsError"),
    (exceptions.NoRegionError(), "ConfigurationError"),
    (exceptions.ProfileNotFound(profile="p"), "ConfigurationError"),
    (exceptions.ConfigNotFound(path="p"), "ConfigurationError"),
    (exceptions.InvalidRegionError(region_name="r"), "ConfigurationError"),
    (exceptions.InvalidRetryModeError(provided_retry_mode="m", valid_modes="n"), "ConfigurationError"),
    (exceptions.EndpointConnectionError(endpoint_url="u"), "TransportError"),
    (exceptions.ConnectTimeoutError(endpoint_url="u"), "TransportError"),
    (exceptions.ReadTimeoutError(endpoint_url="u"), "TransportError"),
    (exceptions.SSLError(endpoint_url="u", error="e"), "TransportError"),
    (exceptions.ProxyConnectionError(proxy_url="u"), "TransportError"),
    (exceptions.HTTPClientError(error="e"), "TransportError"),
    (exceptions.ResponseStreamingError(error="e"), "TransportError"),
    (exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2), "TransportError"),
]


@pytest.mark.parametrize("operation", ["FilterLogEvents", None])
@pytest.mark.parametrize(("error", "name"), NO_ANSWER, ids=lambda each: type(each).__name__)
def test_what_happens_without_an_answer(error: Exception, name: str, operation: str | None) -> None:
    typed: Any = no_answer(error, operation)
    assert isinstance(typed, getattr(errors, name))
    assert isinstance(typed, type(error))
    assert str(typed) == str(error)
    found: Any = typed
    assert found.operation == operation
    assert typed.kwargs == error.kwargs  # type: ignore[attr-defined]
    if operation is not None:
        raw = raw_failure(error, operation)
        assert (type(raw), str(raw)) == (type(typed), str(typed))


def test_passwords_in_what_is_kept_of_an_error() -> None:
    error = exceptions.EndpointConnectionError(endpoint_url=SECRET_URL, error=f"@ {SECRET_URL}")
    error.mine = "kept"
    typed: Any = no_answer(error, "FilterLogEvents")
    assert typed.mine == "kept"
    assert typed.kwargs["endpoint_url"] == "http://user:***@127.0.0.1:9/"
    assert "secret" not in repr(typed.kwargs)
    plain = exceptions.ProxyConnectionError(proxy_url="user:secret@127.0.0.1:9")
    assert "secret" not in repr(no_answer(plain, None).kwargs)  # type: ignore[union-attr]
    number = exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2)
    assert no_answer(number, None).kwargs == {"actual_bytes": 1, "expected_bytes": 2}  # type: ignore[union-attr]


def test_classes_that_this_botocore_lacks_are_left_out() -> None:
    found = failures._classes("NoRegionError", "NoSuchError", "SSLError")
    assert found == (exceptions.NoRegionError, exceptions.SSLError)
    assert failures._classes() == ()


PASSES = [
    ("ThrottlingException", 400, True),
    ("AccessDenied", 403, False),
    ("Unheard", 400, False),
    ("Unheard", 499, False),
    ("Unheard", 500, True),
    ("Unheard", None, False),
    ("", 503, True),
]


@pytest.mark.parametrize(("code", "status", "passes"), PASSES)
def test_whether_the_service_of_credentials_may_answer_later(code: str, status: int | None, passes: bool) -> None:
    assert failures._passes(client_error(code, status)) is passes
    assert failures._passes(ClientError({}, "AssumeRole")) is False
