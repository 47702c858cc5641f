"""The client beneath a `SageMaker` object: widened once, seen through views, given timeouts and retries, and closed."""

from __future__ import annotations

import json
import math
import pickle
import threading
import time
import types
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.loaders import Loader
from botocore.model import ServiceModel

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._core.connection import Connection
from sagemaker_typed._core.http.bound import Bound
from sagemaker_typed.services.runtime import _service as services_runtime
from sagemaker_typed.types import (
    CreateCompilationJobRequest,
    DescribeCompilationJobRequest,
    InputConfig,
    ListCompilationJobsRequest,
    OutputConfig,
    StoppingCondition,
)
from sagemaker_typed.types._service import SERVICE
from tests.support.clock import FakeTime
from tests.support.model_server import ModelServer

DESCRIBE = DescribeCompilationJobRequest(compilation_job_name="job")


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.clear()
    # botocore backs off between the attempts of a call.
    monkeypatch.setattr("botocore.endpoint.time", types.SimpleNamespace(sleep=lambda seconds: None))


def session(**more: Any) -> Any:
    return boto3.Session("AKID", "secret", region_name="us-west-2", **more)


def clients_of(chosen: Any) -> list[str]:
    """A list that grows by one for each SageMaker client that is made of the session."""
    made: list[str] = []
    chosen.events.register("creating-client-class.sagemaker", lambda **_: made.append("client"))
    return made


@pytest.fixture
def sm(server: ModelServer) -> Iterator[SageMaker]:
    with SageMaker(session=session(), endpoint_url=server.url) as made:
        yield made


# --- widening ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ModelServer, Path]]:
    """A server whose model has a member more than ours, and a folder for AWS_DATA_PATH with that model."""
    model: Any = deepcopy(dict(Loader().load_service_model("sagemaker", "service-2")))
    model["shapes"]["OutputConfig"]["members"]["Knob"] = {"shape": "BoxedKnob"}
    model["shapes"]["BoxedKnob"] = {"type": "integer", "box": True}
    folder = tmp_path_factory.mktemp("models")
    path = folder / "sagemaker" / "2017-07-24" / "service-2.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(model))
    with ModelServer(ServiceModel(model, "sagemaker")) as running:
        yield running, folder


@pytest.fixture
def widening(newer: tuple[ModelServer, Path], monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    server, folder = newer
    server.clear()
    monkeypatch.setenv("AWS_DATA_PATH", str(folder))
    return server


def creation(member: str = "Knob") -> CreateCompilationJobRequest:
    return CreateCompilationJobRequest(
        compilation_job_name="job",
        role_arn="arn:aws:iam::123456789012:role/SageMaker",
        input_config=InputConfig(s3_uri="s3://bucket/in.tar.gz", framework="KERAS", data_input_config="{}"),
        output_config=OutputConfig(s3_output_location="s3://bucket/out", unknown_members={member: 3}),
        stopping_condition=StoppingCondition(),
    )


def test_a_member_of_the_users_own_model_is_sent_by_a_second_client(widening: ModelServer) -> None:
    chosen = session()
    made = clients_of(chosen)
    sm = SageMaker(session=chosen, endpoint_url=widening.url)
    sm.compilation_jobs.describe("job")
    assert len(made) == 1
    for _ in range(3):
        sm.send(creation())
    assert [request.body["OutputConfig"]["Knob"] for request in widening.requests[1:]] == [3, 3, 3]
    assert len(made) == 2
    assert sm.boto3_client is sm.boto3_client
    assert len(made) == 2
    assert widening.problems == []


def test_a_member_that_no_model_has_is_refused_by_the_wider_client_too(widening: ModelServer) -> None:
    chosen = session()
    made = clients_of(chosen)
    sm = SageMaker(session=chosen, endpoint_url=widening.url)
    for _ in range(2):
        with pytest.raises(errors.InvalidRequestError) as caught:
            sm.send(creation("Dial"))
        assert [(problem.path, problem.rule) for problem in caught.value.problems] == [
            ("output_config.Dial", "unknown")
        ]
    assert len(made) == 2
    assert widening.requests == []


def test_other_problems_of_a_request_make_no_second_client(widening: ModelServer) -> None:
    chosen = session()
    made = clients_of(chosen)
    sm = SageMaker(session=chosen, endpoint_url=widening.url)
    with pytest.raises(errors.InvalidRequestError, match="compilation_job_name"):
        sm.compilation_jobs.describe(3)  # type: ignore[arg-type]
    assert len(made) == 1


def test_a_client_that_was_widened_in_the_middle_of_a_call_sends_the_member(widening: ModelServer) -> None:
    """Another thread, or a hook as here, may ask for `boto3_client` while the smaller client serializes."""
    chosen = session()
    sm = SageMaker(session=chosen, endpoint_url=widening.url)

    def widen(**_: Any) -> None:
        assert sm.boto3_client is not None

    chosen.events.register("provide-client-params.sagemaker.CreateCompilationJob", widen)
    sm.send(creation())
    assert [request.body["OutputConfig"]["Knob"] for request in widening.requests] == [3]


def test_threads_that_widen_at_once_make_one_client(widening: ModelServer) -> None:
    chosen = session()
    made = clients_of(chosen)
    sm = SageMaker(session=chosen, endpoint_url=widening.url)
    sm.compilation_jobs.describe("job")
    start = threading.Barrier(8)
    failed: list[BaseException] = []

    def work() -> None:
        start.wait()
        try:
            sm.send(creation())
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(widening.requests) == 9
    assert len(made) == 2


def test_without_another_model_the_escape_hatch_is_the_client_that_sends(server: ModelServer) -> None:
    chosen = session()
    made = clients_of(chosen)
    with SageMaker(session=chosen, endpoint_url=server.url) as sm:
        sm.compilation_jobs.describe("job")
        raw = sm.boto3_client
        sm.compilation_jobs.describe("job")
        assert sm.boto3_client is raw
    from sagemaker_typed._core.model import knows_other
    from sagemaker_typed.types._service import SERVICE

    # Both ends of the supported versions run this: another botocore has another model.
    assert len(made) == (2 if knows_other(chosen._loader, SERVICE) else 1)


# --- attempts and timeouts on the wire --------------------------------------------------------------------------------


def refuse(server: ModelServer) -> None:
    server.respond_error("DescribeCompilationJob", "ServiceUnavailable", "later", status=503)


def attempts(server: ModelServer, call: Callable[[], object]) -> int:
    """How many requests a call sends that the service never answers well. The pauses between them take no time."""
    server.clear()
    refuse(server)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", lambda _: None)
        with pytest.raises(errors.ServiceError):
            call()
    return len(server.requests)


@pytest.mark.parametrize("retries", [0, 1, 3, 6, 2.0])
def test_retries_are_the_attempts_after_the_first(retries: Any, server: ModelServer, sm: SageMaker) -> None:
    assert attempts(server, lambda: sm.send(DESCRIBE, retries=retries)) == retries + 1
    assert attempts(server, lambda: sm.with_options(retries=retries).send(DESCRIBE)) == retries + 1
    assert attempts(server, lambda: sm.send(DESCRIBE)) == 5


def test_groups_and_flat_methods_of_a_view_call_as_the_view_does(server: ModelServer, sm: SageMaker) -> None:
    assert attempts(server, lambda: sm.compilation_jobs.describe("job")) == 5
    assert attempts(server, lambda: sm.api.describe_compilation_job("job")) == 5
    view = sm.with_options(retries=1)
    assert attempts(server, lambda: view.compilation_jobs.describe("job")) == 2
    assert attempts(server, lambda: view.api.describe_compilation_job("job")) == 2
    assert attempts(server, lambda: view.send(DESCRIBE)) == 2
    assert attempts(server, lambda: view.send(DESCRIBE, retries=0)) == 1
    assert attempts(server, lambda: sm.compilation_jobs.describe("job")) == 5


SETTINGS: list[tuple[dict[str, str], Config | None]] = [
    ({"AWS_MAX_ATTEMPTS": "7"}, None),
    ({"AWS_RETRY_MODE": "legacy"}, None),
    ({"AWS_RETRY_MODE": "legacy", "AWS_MAX_ATTEMPTS": "3"}, None),
    ({"AWS_RETRY_MODE": "standard"}, None),
    ({}, Config(retries={"max_attempts": 7})),
    ({}, Config(retries={"max_attempts": 0})),
    ({}, Config(retries={"total_max_attempts": 1})),
    ({}, Config(retries={"mode": "legacy", "total_max_attempts": 1})),
    ({}, Config(retries={"mode": "adaptive", "total_max_attempts": 4})),
]


@pytest.mark.parametrize("retries", [0, 2, 9])
@pytest.mark.parametrize(("environment", "config"), SETTINGS)
def test_retries_win_over_the_configuration(
    environment: dict[str, str],
    config: Config | None,
    retries: int,
    server: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    sm = SageMaker(session=session(), endpoint_url=server.url, config=config)
    assert attempts(server, lambda: sm.with_options(retries=retries).send(DESCRIBE)) == retries + 1
    theirs = boto3.Session("AKID", "secret", region_name="us-west-2").client(
        "sagemaker", endpoint_url=server.url, config=config
    )
    assert attempts(server, lambda: SageMaker(client=theirs).send(DESCRIBE, retries=retries)) == retries + 1


def test_calls_without_retries_leave_the_quota_of_the_others_alone(server: ModelServer, sm: SageMaker) -> None:
    """botocore's standard mode has 500 tokens for retries, and takes five for each. Without tokens it does not retry."""
    for _ in range(120):
        attempts(server, lambda: sm.send(DESCRIBE, retries=0))
    assert attempts(server, lambda: sm.send(DESCRIBE)) == 5


def test_hooks_hear_of_every_attempt(server: ModelServer, sm: SageMaker) -> None:
    heard: list[str] = []
    for event in ("before-call", "before-send", "needs-retry", "after-call"):
        sm.boto3_client.meta.events.register(event, lambda event_name, **_: heard.append(event_name.split(".")[0]))
    attempts(server, lambda: sm.send(DESCRIBE, retries=1))
    assert heard == ["before-call", "before-send", "needs-retry", "before-send", "needs-retry", "after-call"]


@pytest.mark.parametrize("timeout", [0, -1, True, False, "3", math.inf, math.nan, timedelta(0), timedelta(-1), [], 1j])
def test_what_is_no_timeout_is_refused(timeout: Any, server: ModelServer, sm: SageMaker) -> None:
    for call in (lambda: sm.send(DESCRIBE, timeout=timeout), lambda: sm.with_options(timeout=timeout)):
        with pytest.raises(errors.InvalidRequestError, match="timeout: ") as caught:
            call()
        assert repr(timeout) in str(caught.value)
        assert [(problem.path, problem.rule) for problem in caught.value.problems] == [("timeout", "type")]
    assert server.requests == []


@pytest.mark.parametrize("retries", [-1, 1.5, True, False, "3", math.inf, -math.inf, math.nan, [], timedelta(1)])
def test_what_is_no_number_of_retries_is_refused(retries: Any, server: ModelServer, sm: SageMaker) -> None:
    for call in (lambda: sm.send(DESCRIBE, retries=retries), lambda: sm.with_options(retries=retries)):
        with pytest.raises(errors.InvalidRequestError, match="retries: ") as caught:
            call()
        assert repr(retries) in str(caught.value)
        assert [(problem.path, problem.rule) for problem in caught.value.problems] == [("retries", "type")]
    assert server.requests == []


# --- views ------------------------------------------------------------------------------------------------------------


def test_views_sign_with_the_credentials_that_were_looked_up_once(server: ModelServer) -> None:
    chosen = session()
    chosen._session._credentials = None
    asked: list[str] = []

    def load(*_: object, **__: object) -> Credentials:
        asked.append("credentials")
        return Credentials(f"AKIDOF{len(asked)}", "secret")

    chosen._session.get_component("credential_provider").load_credentials = load
    sm = SageMaker(session=chosen, endpoint_url=server.url)
    view = sm.with_options(timeout=3)
    assert asked == []
    for each in (view, sm, view.with_options(retries=1), sm.with_options(validation="off")):
        each.send(DESCRIBE)
    sm.send(DESCRIBE, timeout=9)
    assert asked == ["credentials"]
    assert [request.access_key for request in server.requests] == ["AKIDOF1"] * 5


def test_views_without_a_session_share_the_credentials_of_the_environment(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDBEFORE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    sm = SageMaker(region="eu-west-1", endpoint_url=server.url)
    sm.send(DESCRIBE)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDAFTER")
    sm.with_options(timeout=3).send(DESCRIBE)
    sm.send(DESCRIBE, retries=1)
    assert [(request.access_key, request.region) for request in server.requests] == [("AKIDBEFORE", "eu-west-1")] * 3
    SageMaker(region="eu-west-1", endpoint_url=server.url).send(DESCRIBE)
    assert server.requests[-1].access_key == "AKIDAFTER"


def test_a_view_of_a_profile_keeps_the_profile(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(
        f"[profile ml]\nregion = sa-east-1\naws_access_key_id = AKIDML\naws_secret_access_key = b\n"
        f"endpoint_url = {server.url}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    SageMaker(profile="ml").with_options(timeout=3).send(DESCRIBE)
    assert [(request.access_key, request.region) for request in server.requests] == [("AKIDML", "sa-east-1")]


def test_a_view_waits_on_the_clock_and_at_the_pace_of_its_parent(server: ModelServer, sm: SageMaker) -> None:
    time = FakeTime()
    sm.clock = time.clock
    for status in ("STARTING", "INPROGRESS", "COMPLETED"):
        answer = server.sample("DescribeCompilationJob") | {"CompilationJobStatus": status}
        server.respond("DescribeCompilationJob", answer, times=1)
    view = sm.with_options(timeout=3, retries=0, validation="strict")
    view.compilation_jobs.wait_until_completed("job", poll=20)
    assert time.slept == [20, 20]
    assert view.clock is sm.clock
    assert view.pacing is sm.pacing


def test_a_views_config_is_merged_over_its_parents(server: ModelServer) -> None:
    chosen = session()
    everywhere: Any = Config(user_agent_extra="from/session", max_pool_connections=3)
    chosen._session.set_default_client_config(everywhere)
    sm = SageMaker(session=chosen, endpoint_url=server.url, config=Config(connect_timeout=7, read_timeout=8))
    view = sm.with_options(config=Config(read_timeout=9))
    further = view.with_options(timeout=2, config=Config(user_agent_extra="from/view"))
    found = [each.boto3_client.meta.config for each in (sm, view, further)]
    assert [(config.connect_timeout, config.read_timeout) for config in found] == [(7, 8), (7, 9), (7, 9)]
    assert [config.user_agent_extra for config in found] == ["from/session", "from/session", "from/view"]
    assert {config.max_pool_connections for config in found} == {3}
    only = SageMaker(session=session(), endpoint_url=server.url).with_options(config=Config(read_timeout=9))
    assert only.boto3_client.meta.config.read_timeout == 9
    kept = sm.with_options(retries=0).boto3_client.meta.config
    assert (kept.connect_timeout, kept.read_timeout) == (7, 8)


def test_options_of_a_view_hold_unless_the_next_view_says_otherwise(server: ModelServer, sm: SageMaker) -> None:
    bounds: list[tuple[float | None, int | None]] = []

    class Seen(Bound):
        def __init__(self, seconds: float | None = None, retries: int | None = None) -> None:
            bounds.append((seconds, retries))
            super().__init__(seconds, retries)

    with patch("sagemaker_typed._core.http.bound.Bound", Seen):
        view = sm.with_options(timeout=3, retries=1).with_options(timeout=timedelta(minutes=4))
        view.send(DESCRIBE)
        view = sm.with_options(timeout=3, retries=1).with_options(retries=0)
        view.send(DESCRIBE)
        view.send(DESCRIBE, timeout=7)
        view.send(DESCRIBE, retries=2)
        view.with_options(validation="off").endpoints.list().first()
        sm.send(DESCRIBE)
        sm.send(DESCRIBE, retries=4)
    assert bounds == [(240, 1), (3, 0), (7, 0), (3, 2), (3, 0), (None, 4)]


def test_a_view_that_only_validates_otherwise_shares_the_client(server: ModelServer) -> None:
    chosen = session()
    made = clients_of(chosen)
    with SageMaker(session=chosen, endpoint_url=server.url) as sm:
        view = sm.with_options(validation="strict")
        request = ListCompilationJobsRequest(status_equals="COMPLETE")  # type: ignore[arg-type]
        with pytest.warns(errors.InvalidRequestWarning):
            sm.send(request)
        with pytest.raises(errors.InvalidRequestError, match="COMPLETE"):
            view.send(request)
        with pytest.raises(errors.InvalidRequestError, match="COMPLETE"):
            view.with_options(retries=1).send(request)
        hatch = sm.boto3_client  # another client where the installed botocore has another model
        count = len(made)
        view.send(DESCRIBE)
        assert view.boto3_client is hatch
        assert len(made) == count
        with view:
            pass
        sm.send(DESCRIBE)
        view.send(DESCRIBE)
    with pytest.raises(RuntimeError, match="closed"):
        view.send(DESCRIBE)
    with pytest.raises(ValueError, match="loose"):
        sm.with_options(validation="loose")  # type: ignore[arg-type]


def test_closing_a_view_leaves_its_parent_open(server: ModelServer, sm: SageMaker) -> None:
    with sm.with_options(config=Config(read_timeout=3)) as view:
        view.send(DESCRIBE)
    with pytest.raises(RuntimeError, match="closed"):
        view.send(DESCRIBE)
    with sm.with_options(timeout=3):  # shares the connections
        pass
    sm.send(DESCRIBE)
    sm.send(DESCRIBE, timeout=3)
    assert len(server.requests) == 3


def test_closed_means_closed_for_every_kind_of_call(server: ModelServer) -> None:
    sm = SageMaker(session=session(), endpoint_url=server.url)
    sm.send(DESCRIBE, timeout=3)
    assert sm.boto3_client
    sm.close()
    sm.close()
    for call in (
        lambda: sm.send(DESCRIBE),
        lambda: sm.send(DESCRIBE, timeout=3),
        lambda: sm.send(DESCRIBE, timeout=4),
        lambda: sm.with_options(retries=0).send(DESCRIBE),
        lambda: sm.with_options(config=Config()),
        lambda: sm.boto3_client,
    ):
        with pytest.raises(RuntimeError, match="closed"):
            call()
    assert len(server.requests) == 1


def test_timeouts_and_retries_need_no_client_of_their_own(server: ModelServer) -> None:
    chosen = session()
    made = clients_of(chosen)
    with SageMaker(session=chosen, endpoint_url=server.url) as sm:
        sm.send(DESCRIBE)
        for timeout in range(1, 20):
            sm.send(DESCRIBE, timeout=timeout, retries=timeout)
            sm.with_options(timeout=timeout, retries=0).send(DESCRIBE)
        assert sm.with_options(timeout=3).boto3_client is sm.boto3_client
    assert len(made) == (2 if sm._connection._maker and sm._connection._maker.knows_other() else 1)


def test_a_callers_own_client_has_settings_of_its_own(server: ModelServer) -> None:
    raw = server.client()
    sm = SageMaker(client=raw)
    with pytest.raises(TypeError, match="client="):
        sm.with_options(config=Config())
    assert server.requests == []
    view = sm.with_options(validation="off")
    assert view.boto3_client is raw
    view.close()
    sm.close()
    sm.send(DESCRIBE)


@pytest.mark.parametrize(
    "more", [{"region": "us-west-2"}, {"profile": "p"}, {"endpoint_url": "u"}, {"config": Config()}]
)
def test_a_callers_own_client_is_given_alone(more: dict[str, Any], server: ModelServer) -> None:
    with pytest.raises(TypeError, match="pass it alone"):
        SageMaker(client=server.client(), **more)
    with pytest.raises(TypeError, match="pass it alone"):
        SageMaker(client=server.client(), session=session())
    with pytest.raises(TypeError, match="cannot be combined with profile="):
        SageMaker(session=session(), profile="p")


# --- settings ---------------------------------------------------------------------------------------------------------

RUNTIME = services_runtime.SERVICE
URLS = {"sagemaker-runtime": "http://127.0.0.1:2", "logs": "http://127.0.0.1:3"}
KEPT: dict[str, dict[str, Any]] = {
    "none": {},
    "region": {"region": "eu-west-1"},
    "profile": {"profile": "mine"},
    "address": {"endpoint_url": "http://127.0.0.1:1"},
    "config": {"config": Config(read_timeout=7, max_pool_connections=3)},
    "long way": {"short_way": False},
    "short way": {"short_way": True},
    "addresses": {"endpoint_urls": URLS},
    "all": {
        "region": "eu-west-1", "profile": "mine", "endpoint_url": "http://127.0.0.1:1", "config": Config(read_timeout=7),
        "short_way": False, "endpoint_urls": URLS,
    },
}  # fmt: skip


def known(connection: Connection) -> dict[str, Any]:
    config: Any = connection._config
    options = None if config is None else dict(config._user_provided_options)
    return {
        **connection.settings, "config": options, "short_way": connection._short_way,
        "endpoint_urls": connection._endpoint_urls, "service": connection._service,
        "session": connection._identity.session, "of": connection._identity.profile,
    }  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_a_connection_made_of_another_has_its_settings(name: str) -> None:
    made = Connection(SERVICE, **KEPT[name])
    expected = dict.fromkeys(("region", "profile", "endpoint_url", "config", "short_way", "endpoint_urls", "session"))
    given = KEPT[name]
    expected |= given | {"service": SERVICE, "of": given.get("profile")}
    if given.get("config") is not None:
        expected["config"] = given["config"]._user_provided_options
    assert known(made) == expected
    assert known(made.again()) == expected
    assert known(Connection.of(SERVICE, pickle.loads(pickle.dumps(made.portable())))) == expected
    assert made.again()._identity is not made._identity
    urls: Any = made._endpoint_urls
    assert urls is None or urls is not URLS  # what the caller does to the mapping later is no matter


def test_a_connection_beside_another_has_its_session_and_an_address_of_its_own() -> None:
    made = Connection(SERVICE, **{**KEPT["all"], "profile": None})
    found = made.beside(RUNTIME)
    assert known(found) == {
        **known(made), "service": RUNTIME, "endpoint_url": URLS["sagemaker-runtime"], "endpoint_urls": None,
    }  # fmt: skip
    assert found._identity is made._identity
    assert made.beside(RUNTIME) is found
    assert made.beside(SERVICE) is made
    assert made.serving(DESCRIBE) is made
    plain = Connection(SERVICE, endpoint_url="http://127.0.0.1:1").beside(RUNTIME)
    assert plain.settings["endpoint_url"] is None  # which is SageMaker's own
    made.close()
    assert made.beside(RUNTIME) is found  # whose calls say that it is closed
    for each in (made, found):
        with pytest.raises(RuntimeError, match="closed"):
            each.client()


def test_a_connection_that_is_known_is_found_without_the_lock() -> None:
    made = Connection(SERVICE)
    found, other = made.beside(RUNTIME), list[Any]()
    with made._lock:
        thread = threading.Thread(target=lambda: other.append(made.beside(RUNTIME)), daemon=True)
        thread.start()
        thread.join(30)
    assert other == [found]


def test_a_view_merges_the_configs_and_shares_the_session() -> None:
    made = Connection(SERVICE, region="eu-west-1", config=Config(read_timeout=7, user_agent="mine"), short_way=False)
    view = made.view(Config(read_timeout=9, connect_timeout=1))
    options: Any = view._config
    assert options._user_provided_options == {"read_timeout": 9, "connect_timeout": 1, "user_agent": "mine"}
    assert view._identity is made._identity
    assert known(view) == {**known(made), "config": options._user_provided_options}
    config = Config(read_timeout=3)
    assert Connection(SERVICE).view(config)._config is config
    assert made.view(None)._config is made._config
    made.close()
    with pytest.raises(RuntimeError, match="closed"):
        made.view(config)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"client": 1, "region": "x"}, "client= has its own session, region, endpoint and config: pass it alone"),
        ({"client": 1, "profile": "x"}, "client= has its own"),
        ({"client": 1, "endpoint_url": "x"}, "client= has its own"),
        ({"client": 1, "session": 1}, "client= has its own"),
        ({"client": 1, "config": 1}, "client= has its own"),
        ({"session": 1}, "session must be a boto3.Session, not a int"),
        ({"session": session(), "profile": "x"}, "session= cannot be combined with profile="),
    ],
)
def test_settings_that_exclude_each_other(options: Any, said: str) -> None:
    with pytest.raises(TypeError) as caught:
        Connection(SERVICE, **options)
    assert str(caught.value).startswith(said)


def test_what_the_caller_passed_stays_in_its_process() -> None:
    chosen = session()
    made = Connection(SERVICE, session=chosen, region="eu-west-1")
    theirs: Any = made.again()._identity.session
    assert theirs is chosen
    client: Any = chosen.client("sagemaker")
    given = Connection(SERVICE, client=client, endpoint_urls=URLS)
    assert (given.again()._client, given.again()._endpoint_urls) == (client, URLS)
    for each, made_of in ((made, "session"), (given, "client")):
        with pytest.raises(
            TypeError, match=f"cannot pickle a SageMaker made from a {made_of}=: make it from a profile"
        ):
            each.portable()
    with pytest.raises(TypeError, match="the config of a client= cannot be changed"):
        given.view(Config())
    assert given.at_hand is None
    given.close()
    assert given.client() is client
