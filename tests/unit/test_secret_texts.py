"""What is hidden of a message that repeats a secret: each form of the text, at each place."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_typed import from_boto3
from sagemaker_typed._core.secrets import shown_document, without_secrets, without_values
from sagemaker_typed.services.runtime import InvokeEndpointInput
from sagemaker_typed.types import ContainerDefinition, CreateModelInput, DescribeEndpointInput

SECRET = 'it\'s "a" <b>&é/x'
FORMS = [
    SECRET,
    'it\'s \\"a\\" <b>&\\u00e9/x',  # JSON in ASCII
    'it\'s \\"a\\" <b>&é/x',  # other JSON
    'it\'s \\"a\\" <b>&é\\/x',  # JSON within HTML
    'it\'s "a" &lt;b&gt;&amp;é/x',  # HTML between tags
    "it's &quot;a&quot; &lt;b&gt;&amp;é/x",  # HTML within tags
    "it&#x27;s &quot;a&quot; &lt;b&gt;&amp;é/x",
    "it&#39;s &quot;a&quot; &lt;b&gt;&amp;é/x",
    "it&#039;s &quot;a&quot; &lt;b&gt;&amp;é/x",
    "it&apos;s &quot;a&quot; &lt;b&gt;&amp;é/x",
]


def model(*secrets: str, name: str = "m") -> CreateModelInput:
    values = {str(number): text for number, text in enumerate(secrets)}
    return CreateModelInput(model_name=name, primary_container=ContainerDefinition(environment=values))


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_text(form: str) -> None:
    assert without_secrets(f"no: {form}.", model(SECRET)) == "no: ***."


PLACES: list[tuple[tuple[str, ...], str, str]] = [
    # the secrets, the message, and what is shown of it
    (("abcdef",), "abcdef", "***"),
    (("abcdef",), "abcdef is wrong", "*** is wrong"),
    (("abcdef",), "wrong is abcdef", "wrong is ***"),
    (("abcdef",), "abcdef, abcdef!", "***, ***!"),
    (("abcdef",), "say abcdefabcdef.", "say ***."),
    (("abcde",), "abcde is short", "abcde is short"),
    (("abcdef",), "abcde", "abcde"),
    (("aaaaaa",), "aaaaaaaaa!", "***aaa!"),
    (("abcdef", "cdefgh"), "say abcdefgh!", "say ***!"),
    (("abcdef", "ghijkl"), "say abcdefghijkl!", "say ***!"),
    (("abcdef", "abcdefgh"), "say abcdefgh!", "say ***!"),
    (("abcdef", "bcdefg", "abcdefghij"), "say abcdefghij abcdef", "say *** ***"),
    (("abcdef",), "arn:aws:x:abcdef and abcdef", "arn:aws:x:abcdef and ***"),
    (("abcdef",), "abcdef and arn:aws:x:abcdef", "*** and arn:aws:x:abcdef"),
    (("abcdef",), "arn:a:abcdef, arn:b:abcdef, abcdef, arn:c:abcdef", "arn:a:abcdef, arn:b:abcdef, ***, arn:c:abcdef"),
    (("abcdef",), "arn:a:b abcdef arn:c:d", "arn:a:b *** arn:c:d"),
    (("arn:a:abcdef",), "'arn:a:abcdef'", "'arn:a:abcdef'"),
    (("arn:a:abcdef and",), "'arn:a:abcdef and'", "'***'"),
    (("is arn:a:abcdef",), "it is arn:a:abcdef", "it ***"),
    (("Value 'xy' at",), "say 'Value 'xy' at'", "say '***'"),
]


@pytest.mark.parametrize(("secrets", "message", "shown"), PLACES)
def test_each_place_in_a_message(secrets: tuple[str, ...], message: str, shown: str) -> None:
    assert without_secrets(message, model(*secrets)) == shown


def test_a_text_that_a_plain_member_has_too_is_no_secret() -> None:
    message = "model my-model-1 is there"
    assert without_secrets(message, model("my-model-1", name="my-model-1")) == message
    assert without_secrets(message, model("my-model-1", name="the-my-model-1-x")) == message
    assert without_secrets(message, model("my-model-1", name="my-model")) == "model *** is there"


REPEATED: list[tuple[str, str]] = [
    ("Value 'x' at 'environment' failed", "Value '***' at 'environment' failed"),
    ("no: Value 'x' at 'Environment' failed", "no: Value '***' at 'Environment' failed"),
    (
        "Value 'x' at 'primaryContainer.environment.KEY' failed",
        "Value '***' at 'primaryContainer.environment.KEY' failed",
    ),
    ("Value 'x' at 'environment[0]' failed", "Value '***' at 'environment[0]' failed"),
    ("Value 'x' at 'modelName' failed", "Value 'x' at 'modelName' failed"),
    ("Value 'x' at 'myenvironment' failed", "Value 'x' at 'myenvironment' failed"),
    ("Value 'x' at 'environment", "Value 'x' at 'environment"),
    ("Value 'x' of 'environment'", "Value 'x' of 'environment'"),
    ("x' at 'environment' failed", "x' at 'environment' failed"),
    (
        "Value 'x' at 'modelName' failed; Value 'y' at 'environment' failed; Value 'z' at 'environment' failed",
        "Value 'x' at 'modelName' failed; Value '***' at 'environment' failed; Value '***' at 'environment' failed",
    ),
]


@pytest.mark.parametrize(("message", "shown"), REPEATED)
def test_a_value_that_the_service_quotes(message: str, shown: str) -> None:
    assert without_secrets(message, model("q")) == shown


def test_a_request_without_secrets_hides_nothing() -> None:
    request = DescribeEndpointInput(endpoint_name="abcdef")
    message = "Value 'abcdef' at 'environment' failed"
    assert without_secrets(message, request) == message
    assert (
        without_secrets(message, CreateModelInput(model_name="m", primary_container=ContainerDefinition())) == message
    )


@pytest.mark.parametrize(
    ("body", "shown"),
    [(b"abcdef", "no ***"), (bytearray(b"abcdef"), "no ***"), ("abcdef", "no ***"), (b"\xff", "no abcdef")],
)
def test_a_body_is_a_secret(body: Any, shown: str) -> None:
    assert without_secrets("no abcdef", InvokeEndpointInput(endpoint_name="e", body=body)) == shown


def test_a_request_that_contains_itself() -> None:
    request = model("abcdef")
    request.containers = [request.primary_container, request]  # type: ignore[list-item]
    assert without_secrets("no abcdef", request) == "no ***"


@pytest.mark.parametrize(
    ("report", "shown"),
    [
        ("", ""),
        ("Parameter validation failed:", "Parameter validation failed:"),
        (
            "failed:\nInvalid type for parameter A, value: 5, type: <class 'int'>, valid types: <class 'str'>\nother",
            "failed:\nInvalid type for parameter A, value: ***, type: <class 'int'>, valid types: <class 'str'>\nother",
        ),
        ("value: a, type: <class 'x'> b, type: <class 'int'>", "value: ***, type: <class 'int'>"),
    ],
)
def test_a_report_of_botocore(report: str, shown: str) -> None:
    assert without_values(report) == shown


def test_a_document_is_shown_without_its_secrets() -> None:
    container = {"Image": "i", "Environment": {"K": "secret"}, "New": 1, "NewSessionToken": "s"}
    plain = {
        "ModelName": "m",
        "PrimaryContainer": container,
        "Containers": [container, {"Image": "j"}],
        "Tags": [{"Key": "k", "Value": "v"}],
        "EnableNetworkIsolation": False,
    }
    hidden = {"Image": "i", "Environment": {"K": "***"}, "New": 1, "NewSessionToken": "***"}
    shown = {**plain, "PrimaryContainer": hidden, "Containers": [hidden, {"Image": "j"}]}
    assert repr(shown_document(from_boto3(CreateModelInput, plain))) == repr(shown).replace("'***'", "***")


def test_a_document_keeps_what_has_a_wrong_type() -> None:
    request = CreateModelInput(model_name="m", containers="wrong", tags={"k": "v"})  # type: ignore[arg-type]
    assert shown_document(request)["Containers"] == "wrong"
