"""The clients of the data plane come from the session, the config and the life of the `SageMaker` object."""

from __future__ import annotations

import asyncio
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from sagemaker_typed import AsyncSageMaker, SageMaker, errors
from sagemaker_typed.services.runtime import InvokeEndpointInput
from sagemaker_typed.testing import LocalSageMaker
from tests.contract.model import quiet
from tests.services import siblings
from tests.services.wire import Told, Wire


@pytest.fixture
def elsewhere() -> Iterator[Wire]:
    with Wire() as wire:
        wire.tell(Told(b"elsewhere"))
        yield wire


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "AKIDENV", "SECRET_ACCESS_KEY": "s", "REGION": "eu-west-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


def answer(sm: SageMaker) -> bytes:
    return sm.runtime.invoke_endpoint("e", body=b"in").body.read()


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("account")
def test_endpoint_url_is_sagemakers_own(server: Wire, elsewhere: Wire) -> None:
    """As in boto3, where each client has its own."""
    with SageMaker(endpoint_url=elsewhere.url, endpoint_urls={"sagemaker-runtime": server.url}, config=quiet()) as sm:
        server.tell(Told(b"here"))
        assert answer(sm) == b"here"
        assert elsewhere.sent == []


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"])
def test_the_environment_says_where(name: str, server: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, server.url)
    server.tell(Told(b"here"))
    with SageMaker(config=quiet()) as sm:
        assert answer(sm) == b"here"
    assert "/eu-west-1/sagemaker/aws4_request" in server.taken().headers["authorization"]


@pytest.mark.usefixtures("account")
def test_the_profile_says_where(server: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config"
    lines = [
        "[profile p]",
        "services = s",
        "aws_access_key_id = AKIDPROFILE",
        "aws_secret_access_key = s",
        "[services s]",
        "sagemaker_featurestore_runtime =",
        f"  endpoint_url = {server.url}",
    ]
    file.write_text("\n".join(lines))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    server.tell(Told(b"{}"))
    with SageMaker(profile="p", config=quiet()) as sm:
        assert sm.featurestore.get_record("g", record_identifier_value_as_string="1").record is None
    assert server.taken().target == "/FeatureGroup/g?RecordIdentifierValueAsString=1"


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("service", siblings.SERVICES)
def test_without_any_the_address_is_boto3s(service: str) -> None:
    if service not in boto3.Session().get_available_services():
        pytest.skip(f"the installed botocore has no {service}")
    theirs = boto3.client(service, region_name="us-west-2")
    with SageMaker(region="us-west-2") as sm:
        operation = next(each for each in siblings.OPERATIONS if each.service == service)
        ours = sm._connection.serving(object.__new__(operation.request_class)).client()
        assert ours.meta.endpoint_url == theirs.meta.endpoint_url
        assert ours.meta.service_model.signing_name == theirs.meta.service_model.signing_name
    theirs.close()


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        ({"sagemaker_runtime": "http://a"}, "did you mean 'sagemaker-runtime'"),
        ({"sagemaker": "http://a"}, "endpoint_url"),
        ({"bedrock": "http://a"}, "the services are sagemaker-runtime"),
    ],
)
@pytest.mark.parametrize("cls", [SageMaker, AsyncSageMaker])
def test_an_address_of_no_service_is_refused(cls: Any, urls: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        cls(endpoint_urls=urls)


def test_an_address_that_is_no_text_is_refused() -> None:
    urls: Any = {"sagemaker-runtime": 5}
    with pytest.raises(TypeError, match="must be a mapping such as"):
        SageMaker(endpoint_urls=True)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be a URL, not a int"):
        SageMaker(endpoint_urls=urls)


# --- one session, one life --------------------------------------------------------------------------------------------


def test_requests_go_to_the_service_that_they_are_of(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b"out"))
    assert sm.send(InvokeEndpointInput(endpoint_name="e", body=b"in")).body.read() == b"out"
    assert "Credential=AKIDSIBLINGS/" in server.taken().headers["authorization"]


def test_the_client_of_each_service_is_made_once(sm: SageMaker) -> None:
    request = InvokeEndpointInput(endpoint_name="e", body=b"in")
    connection = sm._connection.serving(request)
    assert sm._connection.serving(request) is connection
    assert sm.with_options(timeout=5)._connection.serving(request) is connection
    assert connection.client() is connection.client()


def test_the_config_holds_for_all(server: Wire) -> None:
    server.tell(Told(b"{}", 503), Told(b"{}", 503), Told(b"out"))
    config = Config(retries={"mode": "standard", "total_max_attempts": 3}, user_agent_extra="team/vision", proxies={})
    with siblings.connected(server.url, config=config) as sm:
        quick = sm.with_options(retries=0)
        with pytest.raises(errors.ServiceError):
            answer(quick)
        assert len(server.sent) == 1
    assert "team/vision" in server.sent[0].headers["user-agent"]


def test_a_view_with_another_config_has_clients_of_its_own(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b"out"))
    with sm.with_options(config=Config(user_agent_extra="view/1")) as view:
        assert answer(view) == b"out"
    assert "view/1" in server.taken().headers["user-agent"]
    assert answer(sm) == b"out"  # closing the view closed nothing of it
    assert "view/1" not in server.taken().headers["user-agent"]


def test_closing_closes_them_all(server: Wire) -> None:
    server.tell(Told(b"out"))
    sm = siblings.connected(server.url)
    assert answer(sm) == b"out"
    sm.close()
    with pytest.raises(RuntimeError, match="closed"):
        answer(sm)
    with pytest.raises(RuntimeError, match="closed"):
        sm.featurestore.get_record("g", record_identifier_value_as_string="1")


@pytest.mark.usefixtures("account")
def test_a_pickle_knows_the_addresses(server: Wire) -> None:
    server.tell(Told(b"out"))
    with SageMaker(endpoint_urls={"sagemaker-runtime": server.url}, config=quiet()) as sm:
        assert answer(sm) == b"out"
        with pickle.loads(pickle.dumps(sm)) as twin:
            assert answer(twin) == b"out"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_has_connections_of_its_own(server: Wire, sm: SageMaker) -> None:
    server.tell(Told(b"out"))
    assert answer(sm) == b"out"
    with _child() as child:
        if child:
            os._exit(0 if answer(sm) == b"out" else 1)
    assert answer(sm) == b"out"
    assert len(server.sent) == 3


@contextmanager
def _child() -> Iterator[bool]:
    pid = os.fork()
    if pid == 0:
        try:
            yield True
        finally:
            os._exit(2)
    yield False
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0


# --- a caller's own client --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [SageMaker, AsyncSageMaker])
def test_a_client_of_sagemaker_has_a_data_plane_that_signs_as_it_does(kind: Any, server: Wire, elsewhere: Wire) -> None:
    server.tell(Told(b"out"))
    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, proxies={})
    client = siblings.session().client("sagemaker", endpoint_url=elsewhere.url, config=config)
    sm = kind(client=client, endpoint_urls={"sagemaker-runtime": server.url})
    found = sm.runtime.invoke_endpoint("e", body=b"in")
    if kind is AsyncSageMaker:
        found = asyncio.run(found)
    assert found.body.read() == b"out"
    signed = server.taken().headers["authorization"]
    assert "Credential=AKIDSIBLINGS/" in signed
    assert f"/{siblings.REGION}/sagemaker/aws4_request" in signed
    server.tell(Told(b"{}", 503))
    with pytest.raises(errors.ServiceError):
        asyncio.run(sm.runtime.invoke_endpoint("e", body=b"in")) if kind is AsyncSageMaker else answer(sm)
    assert len(server.sent) == 1  # as often as the client tries
    assert elsewhere.sent == []
    if kind is AsyncSageMaker:
        asyncio.run(sm.close())
    else:
        sm.close()
    client.close()


@pytest.mark.usefixtures("account")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_signs_as_the_client_does(server: Wire, elsewhere: Wire) -> None:
    """And not as the environment says: before the first call in the parent, and after it."""
    server.tell(Told(b"out"))
    client = siblings.session().client("sagemaker", endpoint_url=elsewhere.url, config=quiet())
    sm = SageMaker(client=client, endpoint_urls={"sagemaker-runtime": server.url})
    sm._connection.serving(InvokeEndpointInput(endpoint_name="e", body=b"in"))
    for _ in range(2):
        with _child() as child:
            if child:
                os._exit(0 if answer(sm) == b"out" else 1)
        assert "Credential=AKIDSIBLINGS/" in server.taken().headers["authorization"]
        assert answer(sm) == b"out"
        server.sent.clear()
    sm.close()
    client.close()


def test_a_client_without_credentials_has_no_data_plane(server: Wire) -> None:
    client = boto3.Session(botocore_session=botocore.session.Session()).client(
        "sagemaker", region_name="us-west-2", endpoint_url=server.url, config=Config(signature_version=UNSIGNED)
    )
    with pytest.raises(errors.ConfigurationError, match=r"cannot be read"):
        answer(SageMaker(client=client, endpoint_urls={"sagemaker-runtime": server.url}))
    assert server.sent == []
    client.close()


def test_a_client_of_the_data_plane_serves_its_own_service(server: Wire) -> None:
    server.tell(Told(b"out"))
    client = siblings.boto("sagemaker-runtime", server.url)
    sm = SageMaker(client=client)
    assert answer(sm) == b"out"
    sm.close()
    assert client.invoke_endpoint(EndpointName="e", Body=b"in")["Body"].read() == b"out"
    client.close()


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_the_timeout_of_a_call_holds(server: Wire, sm: SageMaker) -> None:
    from threading import Event

    over = Event()

    def never() -> Iterator[bytes]:
        over.wait(10)
        yield b"late"

    server.tell(Told(never))
    with pytest.raises(errors.TransportError):
        sm.send(InvokeEndpointInput(endpoint_name="e", body=b"in"), timeout=0.3).body.read()
    over.set()


# --- the embedded SageMaker -------------------------------------------------------------------------------------------


def test_the_client_of_the_embedded_sagemaker_has_its_data_plane() -> None:
    with LocalSageMaker() as local, local.client() as sm:
        with pytest.raises(errors.ResourceNotFoundError):
            answer(sm)
        with pytest.raises(errors.ResourceNotFoundError):
            sm.a2i.describe_human_loop("none")
        with pytest.raises(errors.ApiError):
            sm.geospatial.list_raster_data_collections().first()  # not served, and not sent to AWS either
