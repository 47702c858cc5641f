"""Secrets stand in no repr, error, traceback or log; whoever asks for the member gets the value."""

from __future__ import annotations

import html
import json
import logging
import pickle
import re
import socket
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pprint import pformat
from typing import Any

import pytest
from botocore.config import Config
from rich.pretty import pretty_repr

from sagemaker_typed import SageMaker, WaitEvent, errors, from_boto3, to_boto3, to_dict, to_json, types
from sagemaker_typed._core import masks
from sagemaker_typed._core.secrets import without_secrets
from sagemaker_typed._core.validate import check
from sagemaker_typed.codegen import secrets as decided
from sagemaker_typed.structure import Structure
from tests.contract import model
from tests.contract.places import Place, places
from tests.support.model_server import ModelServer

CANARY = "canary-that-must-not-sing"
_SHOWN = "***"

# Written down here once more, and not read from the generator's list: what the API reference says grants access or holds
# environment variables and hyper-parameters.
_MEMBERS = {
    "AuthorizedUrl": str,
    "CallbackToken": str,
    "ClientSecret": str,
    "ContainerArguments": list,
    "ContainerEnvironmentVariables": dict,
    "Environment": dict,
    "EnvironmentVariables": dict,
    "HyperParameters": dict,
    "OptimizationEnvironment": dict,
    "OverrideEnvironment": dict,
    "PipelineDefinition": str,
    "StaticHyperParameters": dict,
    "StreamUrl": str,
    "StudioLifecycleConfigContent": str,
    "TextGenerationHyperParameters": dict,
    "TokenValue": str,
    "TunedHyperParameters": dict,
}
_PLACES = {
    ("AuthorizedUrl", "Url"),
    ("CategoricalParameter", "Value"),
    ("CategoricalParameterRange", "Values"),
    ("CreatePartnerAppPresignedUrlResponse", "Url"),
    ("EnvironmentParameter", "Value"),
    ("HyperParameterSpecification", "DefaultValue"),
    ("NotebookInstanceLifecycleHook", "Content"),
    ("OutputParameter", "Value"),
    ("Parameter", "Value"),
    ("TrialComponentParameterValue", "StringValue"),
    ("UiTemplateInfo", "Url"),
}


def is_secret(holder: Any, wire: str) -> bool:
    shape = holder.members[wire]
    return wire in _MEMBERS or (holder.name, wire) in _PLACES or bool(shape.metadata.get("sensitive"))


def with_canaries(shape: Any, value: Any) -> Any:
    """The value, with a canary in the place of each secret."""
    if shape.type_name == "structure":
        return {
            wire: _canary(shape.members[wire]) if is_secret(shape, wire) else with_canaries(shape.members[wire], item)
            for wire, item in value.items()
        }
    if shape.type_name == "list":
        return [with_canaries(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: with_canaries(shape.value, item) for key, item in value.items()}
    return value


def _canary(shape: Any) -> Any:
    if shape.type_name == "map":
        return {"KEY": _canary(shape.value)}
    return [_canary(shape.member)] if shape.type_name == "list" else CANARY


def documents(shape: Any) -> Iterator[Any]:
    """What the shape may hold, with canaries; none where it holds no secret."""
    for filled in model.filled(shape):
        document = with_canaries(shape, filled)
        if CANARY in repr(document):
            yield document


def assert_silent(*texts: str) -> None:
    for text in texts:
        assert CANARY not in text
        assert CANARY[:20] not in text


# --- reprs ------------------------------------------------------------------------------------------------------------


@cache
def with_secrets(side: str) -> tuple[str, ...]:
    shape_of = model.input_shape if side == "takes" else model.output_shape
    return tuple(name for name in model.OPERATIONS if shape_of(name) is not None and any(documents(shape_of(name))))


def test_many_operations_take_and_give_secrets() -> None:
    presigned = {name for name in model.OPERATIONS if name.startswith("CreatePresigned")}
    assert presigned | {"StartSession", "DescribeTrainingJob", "Search"} <= set(with_secrets("gives"))
    assert {"CreateModel", "CreateTrainingJob", "CreateWorkforce", "CreatePipeline"} <= set(with_secrets("takes"))
    assert len(with_secrets("takes")) > 20


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_no_repr_shows_a_secret_and_every_attribute_has_it(operation: str) -> None:
    output = model.output_shape(operation)
    sides = [(model.input_shape(operation), model.request_class(operation))]
    sides += [(output, model.response_class(operation))] if output is not None else []
    for shape, cls in sides:
        for document in documents(shape):
            obj = from_boto3(cls, document)
            assert_silent(repr(obj), str(obj), f"{[obj]}", repr(pickle.loads(pickle.dumps(obj))), obj._repr_html_())
            # Those that show all.
            texts = (
                pretty_repr(obj),
                pformat(obj),
                to_json(obj, mask_secrets=True),
                str(to_dict(obj, mask_secrets=True)),
            )
            assert_silent(*texts)
            assert all(_SHOWN in text for text in texts)
            assert to_boto3(obj) == document


def test_keys_are_shown_and_values_are_not() -> None:
    job = types.CreateTrainingJobRequest(
        training_job_name="job",
        role_arn="arn:aws:iam::1:role/r",
        environment={"API_KEY": CANARY, "REGION": "us-west-2"},
        output_data_config=types.OutputDataConfig(s3_output_path="s3://b/o"),
    )
    assert "environment={'API_KEY': ***, 'REGION': ***}" in repr(job)
    assert "'API_KEY': ***" in pretty_repr(job)
    assert job.environment == {"API_KEY": CANARY, "REGION": "us-west-2"}


@pytest.mark.parametrize("wrong", [CANARY, [("KEY", CANARY)], {"KEY": {"deep": CANARY}}, {"KEY": [CANARY]}])
def test_a_secret_of_a_wrong_type_is_hidden_too(wrong: Any) -> None:
    assert_silent(repr(types.ContainerDefinition(environment=wrong)))


def test_what_no_class_knows_is_hidden_by_its_name() -> None:
    unknown = {"ShinyPresignedUrl": CANARY, "Deep": [{"SessionToken": CANARY, "Fine": "shown"}], "NextToken": "page"}
    container = from_boto3(types.ContainerDefinition, {"Image": "i", **unknown})
    assert_silent(repr(container), pretty_repr(container))
    assert "'Fine': 'shown'" in repr(container)
    assert "'NextToken': 'page'" in repr(container)
    assert container.unknown_members == unknown
    # A dict where an object belongs: it is refused later, and printed before.
    assert_silent(repr(types.CreateModelInput(model_name="m", primary_container={"Environment": {"K": CANARY}})))  # type: ignore[arg-type]


def test_the_generator_and_the_runtime_suspect_the_same_names() -> None:
    assert decided.SUSPICIOUS.pattern == masks._SUSPICIOUS.pattern
    assert decided.SUSPICIOUS.flags == masks._SUSPICIOUS.flags


@pytest.mark.parametrize("name", ["PresignedURL", "SessionTokens", "DbPassword", "ApiCredentials", "ClientSecret"])
def test_names_that_sound_like_a_secret(name: str) -> None:
    assert masks.suspicious(name)
    assert not masks.suspicious(f"{name}Arn")


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def boto3s(running: ModelServer) -> Iterator[SageMaker]:
    """Nothing is checked here, so that boto3's own check finds what is wrong."""
    client: Any = model.session().client("sagemaker", endpoint_url=running.url, config=model.quiet())
    yield SageMaker(client=client, validation="off")
    client.close()


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger="sagemaker_typed")
    return caplog


def assert_tells_nothing(error: BaseException, logs: pytest.LogCaptureFixture) -> None:
    texts = [str(error), repr(error), getattr(error, "message", ""), repr(getattr(error, "problems", ""))]
    texts += traceback.format_exception(error)
    twin = pickle.loads(pickle.dumps(error))
    texts += [str(twin), repr(twin), *traceback.format_exception(twin)]
    # botocore's own log lines are botocore's.
    texts += [record.getMessage() for record in logs.records if record.name.startswith("sagemaker_typed")]
    texts += [record.exc_text or "" for record in logs.records]
    assert_silent(*texts)


def requests(operation: str) -> Iterator[Any]:
    shape = model.input_shape(operation)
    for document in documents(shape):
        yield from_boto3(model.request_class(operation), document)


def secret_places(operation: str) -> Iterator[tuple[Any, Place]]:
    """Requests, each with a place that holds a canary."""
    for request in requests(operation):
        for place in places(model.input_shape(operation), request):
            if place.value == CANARY:
                yield request, place


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_the_service_may_repeat_a_secret_and_the_error_does_not(
    operation: str, server: ModelServer, sm: SageMaker, logs: pytest.LogCaptureFixture
) -> None:
    for request in requests(operation):
        message = (
            f"1 validation error detected: Value '{{KEY={CANARY}}}' at 'environment' failed to satisfy constraint; "
            f"{CANARY}; job 'my-job' is not what arn:aws:sagemaker:us-west-2:1:x/y is"
        )
        server.respond_error(operation, "ValidationException", message)
        with pytest.raises(errors.ApiError) as caught:
            sm.send(request)
        assert_tells_nothing(caught.value, logs)
        assert "at 'environment' failed to satisfy constraint" in str(caught.value)
        assert "job 'my-job' is not what arn:aws:sagemaker:us-west-2:1:x/y is" in caught.value.message
        server.clear()


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
@pytest.mark.parametrize("road", ["strict", "standard", "boto3"])
def test_a_bad_secret_is_refused_without_being_shown(
    operation: str,
    road: str,
    checked: SageMaker,
    strict: SageMaker,
    boto3s: SageMaker,
    server: ModelServer,
    logs: pytest.LogCaptureFixture,
) -> None:
    client = {"strict": strict, "standard": checked, "boto3": boto3s}[road]
    for request, place in secret_places(operation):
        for value in ([CANARY], {"Url": CANARY}, f"{CANARY}\x00" * 4000):
            with place.holding(value):
                assert_silent(repr(request))
                if road == "boto3" and isinstance(value, str):
                    continue  # boto3 sends it
                try:
                    client.send(request)
                except (errors.InvalidRequestError, errors.InvalidRequestWarning) as error:
                    raised: Exception = error
                else:
                    assert isinstance(value, str), place  # the model allows any text there
                    continue
                assert_tells_nothing(raised, logs)
                name = place.path.partition("[")[0].rpartition(".")[2]
                assert road == "boto3" or any(name in text for text in texts_of(raised, request))


def texts_of(raised: Exception, request: Any) -> list[str]:
    """The text of an error; of a warning, those of all that the check gives, of which the first was raised here."""
    if not isinstance(raised, errors.InvalidRequestWarning):
        return [str(raised)]
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        check(request, "standard")
    texts = [str(each.message) for each in given]
    assert_silent(" ".join(texts))
    return texts


def test_a_short_value_is_hidden_where_the_service_quotes_it(server: ModelServer, sm: SageMaker) -> None:
    request = types.CreateTrainingJobRequest(
        training_job_name="epochs-10",
        role_arn="arn:aws:iam::123456789012:role/r",
        hyper_parameters={"epochs": "10", "region": "us-west-2", "name": "epochs-10"},
        output_data_config=types.OutputDataConfig(s3_output_path="s3://b/o"),
    )
    server.respond_error(
        "CreateTrainingJob",
        "ValidationException",
        "Value '{epochs=10}' at 'hyperParameters' failed: training job epochs-10 in "
        "arn:aws:sagemaker:us-west-2:1:training-job/epochs-10, us-west-2",
    )
    with pytest.raises(errors.ValidationError) as caught:
        sm.send(request)
    # The name is no secret, as the request has it in a plain member too, and an ARN stays whole.
    assert caught.value.message == (
        "Value '***' at 'hyperParameters' failed: training job epochs-10 in "
        "arn:aws:sagemaker:us-west-2:1:training-job/epochs-10, ***"
    )


def _message_of(message: str, values: dict[str, str]) -> str:
    """What is shown of a message about a request that holds the values."""
    container = types.ContainerDefinition(environment=values)
    return without_secrets(message, types.CreateModelInput(model_name="m", primary_container=container))


@pytest.mark.parametrize(
    "repeated",
    [json.dumps, html.escape, lambda text: html.escape(text).replace("&#x27;", "&#39;"), str],
)
def test_a_secret_is_hidden_as_json_and_html_write_it(repeated: Callable[[str], str]) -> None:
    secret = f"it's\n<a&{CANARY}\"é>"
    assert_silent(_message_of(f"no: {repeated(secret)}.", {"KEY": secret}))


def test_secrets_that_overlap_are_hidden_whole() -> None:
    values = {"A": "abcdefgh", "B": "efghijkl", "C": "key arn:aws:x:CANARY"}
    assert _message_of("say abcdefghijkl, bye", values) == "say ***, bye"
    assert _message_of("say 'key arn:aws:x:CANARY'", values) == "say '***'"


def test_the_size_of_the_secrets_costs_little_and_no_pattern_keeps_them() -> None:
    secret = CANARY + "x" * 20_000_000
    request = types.CreatePipelineRequest(pipeline_name="p", role_arn="r", pipeline_definition=secret)
    assert without_secrets("bad", request) == "bad"
    many = {str(number): f"{CANARY}-{number}-" + "x(" * 500 for number in range(2000)}
    assert _message_of(f"no {many['7']}", many) == "no ***"
    assert CANARY not in repr([key[1] for key in re._cache])  # type: ignore[attr-defined]


def test_what_is_already_there_keeps_its_name(server: ModelServer, sm: SageMaker) -> None:
    arn = "arn:aws:sagemaker:us-west-2:123456789012:model/canary-model"
    server.respond_error("CreateModel", "ValidationException", f"Cannot create already existing model '{arn}'.")
    with pytest.raises(errors.ResourceAlreadyExistsError) as caught:
        sm.send(
            types.CreateModelInput(
                model_name="m",
                primary_container=types.ContainerDefinition(environment={"MODEL": "canary-model", "R": "us-west-2"}),
            )
        )
    assert (caught.value.arn, caught.value.name) == (arn, "canary-model")
    assert arn in str(caught.value)
    assert caught.value.__cause__ is not None  # nothing was hidden, so boto3's error may be seen


@pytest.mark.surface
@pytest.mark.parametrize("operation", model.OPERATIONS)
def test_an_answer_that_does_not_fit_is_not_quoted(
    operation: str, server: ModelServer, sm: SageMaker, logs: pytest.LogCaptureFixture
) -> None:
    output = model.output_shape(operation)
    if output is None or not any(documents(output)):
        return
    request = from_boto3(model.request_class(operation), model.filled(model.input_shape(operation))[0])
    broken: dict[str, Any] = {
        wire: {"Url": CANARY} if shape.type_name in ("list", "timestamp", "string") else CANARY
        for wire, shape in output.members.items()
        if shape.type_name in ("list", "timestamp", "map", "structure") or model.is_enum(shape)
    }
    if not broken:
        return
    server.respond(operation, broken)
    with pytest.raises(errors.SageMakerError) as caught:
        sm.send(request)
    assert_tells_nothing(caught.value, logs)


def test_passwords_of_urls() -> None:
    url = f"http://user:{CANARY}@127.0.0.1:9"
    sm = SageMaker(region="us-west-2", endpoint_url=url)
    assert repr(sm) == "SageMaker(region='us-west-2', endpoint_url='http://user:***@127.0.0.1:9')"
    assert_silent(repr(sm.endpoints), repr(sm.with_options(retries=0)))
    assert_silent(repr(types.GitConfig(repository_url=f"https://me:{CANARY}@git.example/x.git")))
    for host in (f"http://{CANARY}@h/x", f"http://u:a/{CANARY}@h", f"u:{CANARY}@h:80", f"u:a/{CANARY}@h"):
        sm = SageMaker(region="us-west-2", endpoint_url=host)
        assert_silent(repr(sm), repr(sm.endpoints))
        with pytest.raises(errors.ConfigurationError) as unusable:
            SageMaker(region="us-west-2", endpoint_url=host.replace("h", "h_ ", 1)).endpoints.describe("e")
        assert_silent(str(unusable.value), *traceback.format_exception(unusable.value))
    assert repr(types.GitConfig(repository_url=f"https://{CANARY}@git.example/x")) == (
        "GitConfig(repository_url='https://***@git.example/x')"
    )
    problem = f"https://me:{CANARY * 60}@git.example/x.git"
    with (
        SageMaker(region="us-west-2", validation="strict") as strict,
        pytest.raises(errors.InvalidRequestError) as caught,
    ):
        strict.code_repositories.create("repository", git_config=types.GitConfig(repository_url=problem))
    assert_silent(str(caught.value), repr(caught.value.problems))


@pytest.mark.parametrize("road", ["endpoint", "proxy"])
def test_passwords_of_urls_that_refuse_connections(
    road: str, logs: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CANARY)
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        here = f"http://user:{CANARY}@127.0.0.1:{taken.getsockname()[1]}"
        settings: Mapping[str, Any] = {"proxies": {"http": here}} if road == "proxy" else {"proxies": {}}
        config = Config(retries={"total_max_attempts": 1}, **settings)
        url = here if road == "endpoint" else "http://127.0.0.1:9"
        with (
            SageMaker(region="us-west-2", endpoint_url=url, config=config) as sm,
            pytest.raises(errors.TransportError) as caught,
        ):
            sm.endpoints.describe("e")
    assert "127.0.0.1" in str(caught.value)
    assert_tells_nothing(caught.value, logs)
    kwargs: dict[str, Any] = caught.value.kwargs
    shown = kwargs["endpoint_url" if road == "endpoint" else "proxy_url"]
    assert shown.startswith(
        ("http://user:***@127.0.0.1:", "http://***:***@127.0.0.1:")
    )  # botocore hides a proxy's user
    assert_silent(repr(kwargs))


# --- waits ------------------------------------------------------------------------------------------------------------


def test_a_wait_shows_no_secret(server: ModelServer, sm: SageMaker, logs: pytest.LogCaptureFixture) -> None:
    shape = model.output_shape("DescribeTrainingJob")
    (document, *_) = documents(shape)
    described = {**server.sample("DescribeTrainingJob"), "TrainingJobName": "job", "TrainingJobStatus": "Failed"}
    for wire in ("Environment", "HyperParameters"):
        described[wire] = document[wire]
    described["FailureReason"] = f"AlgorithmError: see http://user:{CANARY}@host/x"
    server.respond("DescribeTrainingJob", described)
    events: list[WaitEvent[Any]] = []
    with pytest.raises(errors.WaitFailedError) as caught:
        sm.training_jobs.wait_until_completed("job", on_poll=events.append)
    assert events
    assert caught.value.response.environment == document["Environment"]
    assert_tells_nothing(caught.value, logs)
    assert_silent(*map(repr, events))
    report = sm.training_jobs.wait_all(["job"])
    assert report.failed
    assert_silent(repr(report), str(report), repr(pickle.loads(pickle.dumps(report))))


def test_a_type_error_shows_no_secret(sm: SageMaker) -> None:
    plain: Any = {"TrainingJobName": "job", "Environment": {"K": CANARY}}
    for call in (lambda: sm.send(plain), lambda: from_boto3(plain, Structure), lambda: to_boto3(plain)):  # type: ignore[arg-type]
        with pytest.raises(TypeError) as caught:
            call()
        assert_silent(str(caught.value))
