"""What goes to another process: a `SageMaker` by its settings, and errors, reports, events and pages whole."""

from __future__ import annotations

import copy
import pickle
import socket
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore
import pytest
from botocore import exceptions as theirs
from botocore.config import Config

from sagemaker_typed import SageMaker, WaitReport, errors, from_boto3
from sagemaker_typed._core.joined import joined
from sagemaker_typed._core.options import Options
from sagemaker_typed.changes import _errors as changes_errors
from sagemaker_typed.types import DescribeEndpointInput, DescribeEndpointOutput
from sagemaker_typed.waiting import BatchEvent, Clock, Pacing, WaitEvent
from tests.support.elsewhere import PROTOCOLS, there_and_back, told
from tests.support.model_server import ModelServer

CONFIG = Config(
    region_name="eu-west-1",
    connect_timeout=7,
    read_timeout=11,
    retries={"mode": "adaptive", "total_max_attempts": 3},
    max_pool_connections=13,
    user_agent_extra="extra/1",
    proxies={"https": "http://127.0.0.1:1"},
    signature_version=botocore.UNSIGNED,
)


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.clear()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDPICKLED")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def pickled(value: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> Any:
    return pickle.loads(pickle.dumps(value, protocol))


def names_in(clock: Clock) -> list[Any]:
    return [clock.now, clock.sleep, clock.uniform]


# --- a client ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("called", [False, True])
def test_an_object_calls_as_it_did(server: ModelServer, protocol: int, called: bool) -> None:
    sm = SageMaker(region="us-east-2", endpoint_url=server.url, validation="strict")
    if called:
        sm.endpoints.describe("here")
    twin = pickled(sm, protocol)
    assert repr(twin) == repr(sm)
    twin.endpoints.describe("there")
    request = server.requests[-1]
    assert (request.body, request.access_key, request.region) == (
        {"EndpointName": "there"},
        "AKIDPICKLED",
        "us-east-2",
    )
    with pytest.raises(errors.InvalidRequestError):
        twin.endpoints.describe("no name at all")  # only strict checks a pattern
    assert twin.boto3_client is not sm.boto3_client


def test_a_config_is_the_same_config() -> None:
    sm = SageMaker(config=CONFIG)
    ours, twins = (each.boto3_client.meta.config for each in (sm, pickled(sm)))
    assert vars(twins) == vars(ours)
    assert twins.signature_version is botocore.UNSIGNED
    assert (twins.read_timeout, twins.region_name) == (11, "eu-west-1")


def test_a_config_without_the_options_that_botocore_keeps_goes_whole() -> None:
    config: Any = Config(read_timeout=3)
    del config._user_provided_options
    assert pickled(SageMaker(config=config))._connection._config.read_timeout == 3


def test_a_profile_is_looked_up_where_the_object_arrives(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = pickle.dumps(SageMaker(profile="team"))
    with pytest.raises(errors.ConfigurationError):
        pickle.loads(text).endpoints.describe("x")
    (tmp_path / "config").write_text(
        "[profile team]\nregion = ap-south-1\naws_access_key_id = A\naws_secret_access_key = s\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert pickle.loads(text).boto3_client.meta.region_name == "ap-south-1"


@pytest.mark.parametrize(
    ("timeout", "retries", "validation"),
    [(None, None, "off"), (0.1, None, "standard"), (None, 0, "strict"), (1e6, 20, "off")],
)
def test_a_view_keeps_its_options(timeout: float | None, retries: int | None, validation: Any) -> None:
    sm = SageMaker(region="us-west-2", config=Config(user_agent_extra="kept"))
    view = sm.with_options(validation=validation, timeout=timeout, retries=retries)
    twin = pickled(view)
    assert twin._options == Options(timeout, retries)
    assert twin._validation == validation
    assert twin._connection._config.user_agent_extra == "kept"


def test_a_view_that_arrives_is_nobodys_view(server: ModelServer) -> None:
    """It closes the connections that it makes, which a view on another object's connection does not."""
    sm = SageMaker(region="us-west-2", endpoint_url=server.url)
    twin = pickled(sm.with_options(validation="off"))
    twin.endpoints.describe("name")
    twin.close()
    with pytest.raises(RuntimeError, match="closed"):
        twin.endpoints.describe("name")


def test_pacing_begins_as_it_began() -> None:
    sm = SageMaker()
    sm.pacing = Pacing(list_per_second=3, describe_per_second=30, most_lists=7)
    for _ in range(20):
        sm.pacing.list.take(5.0)
        sm.pacing.list.throttled()
    twin = pickled(sm).pacing
    assert (twin.list.rate, twin.describe.rate) == (3, 30)
    assert [twin.list.take(9.0) for _ in range(7)] == [0.0] * 6 + [pytest.approx(1 / 3)]
    for _ in range(100):
        twin.list.succeeded()
    assert twin.list.rate == 7


def _still() -> float:
    return 4.0


def test_a_clock_goes_where_it_pickles() -> None:
    sm = SageMaker()
    assert names_in(pickled(sm).clock) == names_in(sm.clock)
    sm.clock = Clock(now=_still)
    assert pickled(sm).clock.now() == 4.0
    sm.clock = Clock(now=lambda: 4.0)
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(sm)


class Mine(SageMaker):
    """A subclass with a value of its own."""

    team: str = "none"


def test_a_subclass_keeps_what_it_has() -> None:
    mine = Mine(region="us-west-2")
    mine.team = "vision"
    for twin in (pickled(mine), copy.copy(mine), copy.deepcopy(mine), mine.with_options(timeout=3)):
        assert type(twin) is Mine
        assert twin.team == "vision"


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("made_of", ["session", "client"])
def test_a_session_or_a_client_does_not_go(made_of: str, protocol: int) -> None:
    session = boto3.Session("A", "s", region_name="us-west-2")
    given: Any = {"session": session, "client": session.client("sagemaker")}
    sm = SageMaker(**{made_of: given[made_of]})
    for value in (sm, [sm], sm.endpoints, sm.endpoints.describe, sm.endpoints.list()):
        with pytest.raises(TypeError, match=rf"made from a {made_of}=.*SageMaker\(\.\.\.\) in each process"):
            pickle.dumps(value, protocol)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_groups_methods_and_pages_go_with_their_client(server: ModelServer, protocol: int) -> None:
    server.respond("ListEndpoints", {**server.sample("ListEndpoints"), "NextToken": "next"}, times=1)
    server.respond("ListEndpoints", {**server.sample("ListEndpoints"), "NextToken": None})
    sm = SageMaker(region="us-west-2", endpoint_url=server.url)
    assert pickled(sm.endpoints, protocol).describe("a") == pickled(sm.endpoints.describe, protocol)("a")
    assert pickled(sm.api, protocol).describe_endpoint("a") == pickled(sm.send, protocol)(
        DescribeEndpointInput(endpoint_name="a")
    )
    pages = sm.endpoints.list(name_contains="x")
    assert pages.next_token is None
    next(pages.by_page())
    twin = pickled(pages, protocol)
    assert twin.next_token == pages.next_token == "next"
    rest = list(twin)  # from the beginning, as any iteration
    assert server.requests[-1].body == {"NameContains": "x", "MaxResults": 100}
    assert [each.endpoint_name for each in rest]
    list(pickled(sm, protocol).endpoints.list(name_contains="x", next_token=pages.next_token))
    assert server.requests[-1].body["NextToken"] == "next"


# --- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_is_a_view(server: ModelServer) -> None:
    sm = SageMaker(region="us-west-2", endpoint_url=server.url)
    group = sm.endpoints
    twin = copy.copy(sm)
    assert twin.boto3_client is sm.boto3_client
    assert twin.endpoints is not group
    twin.close()
    assert sm.endpoints.describe("still-open")


@pytest.mark.parametrize("made_of", ["settings", "session", "client"])
def test_a_deep_copy_stands_alone(server: ModelServer, made_of: str) -> None:
    session = boto3.Session("A", "s", region_name="us-west-2")
    sm = {
        "settings": lambda: SageMaker(region="us-west-2", endpoint_url=server.url, config=CONFIG.merge(PLAIN)),
        "session": lambda: SageMaker(session=session, endpoint_url=server.url, config=PLAIN),
        "client": lambda: SageMaker(client=session.client("sagemaker", endpoint_url=server.url, config=PLAIN)),
    }[made_of]()
    sm.endpoints.describe("before")
    twin = copy.deepcopy({"sm": sm, "again": sm})
    assert twin["sm"] is twin["again"]
    copied = twin["sm"]
    assert copied.endpoints.describe("copied")
    assert (copied.boto3_client is sm.boto3_client) == (made_of == "client")
    assert copied.pacing is not sm.pacing
    assert copied.clock is sm.clock
    sm.close()
    assert copied.endpoints.describe("after-it-was-closed")
    copied.close()


PLAIN = Config(signature_version="v4", proxies={})


# --- errors -----------------------------------------------------------------------------------------------------------

RESPONSE = {
    "Error": {"Code": "ValidationException", "Message": "no"},
    "ResponseMetadata": {"RequestId": "id", "HTTPStatusCode": 400},
}
ANSWER = from_boto3(DescribeEndpointOutput, {"EndpointName": "e", "EndpointStatus": "Newer", "New": [1]})
REPORT: WaitReport[Any] = WaitReport(
    succeeded={"a": ANSWER},
    failed={"b": errors.WaitFailedError("failed", name="b", response=ANSWER, reason="why")},
    stopped={"c": errors.WaitStoppedError("stopped", name="c")},
    pending={"d": errors.WaitTimeoutError("late", name="d", polls=3)},
    missing={"e": errors.ResourceNotFoundError(RESPONSE, "DescribeEndpoint")},
    elapsed=1.5,
    list_calls=2,
    describe_calls=3,
)


def classes_below(cls: type[Exception]) -> Iterator[type[Exception]]:
    for each in cls.__subclasses__():
        if "_ours" not in vars(each):  # those that were joined with botocore's have a test of their own
            yield each
            yield from classes_below(each)


def an_error(cls: Any) -> Any:
    if issubclass(cls, errors.ApiError):
        return cls(RESPONSE, "DescribeEndpoint")
    if cls is errors.InvalidRequestError:
        return cls([errors.Problem("a.b", "min", "short"), errors.Problem("c", "max", "long")], "DescribeEndpoint")
    if cls is errors.ConversionError:
        return cls("bad", "DescribeEndpoint", "id")
    if cls is errors.ResourceDiffersError:
        return cls("endpoint", "e", [errors.Difference("a.b", "1", "2"), errors.Difference("c", "***", "***")], ANSWER)
    if cls is errors.WaitReportError:
        return cls("not all", report=REPORT)
    if issubclass(cls, errors.WaitError):
        return cls("ended", name="e", status="Failed", reason="why", elapsed=2.0, polls=3, response=ANSWER)
    return cls("text")


OURS = [each for each in classes_below(errors.SageMakerError) if each.__module__ == "sagemaker_typed.errors"]
JOINED: list[Callable[[], Exception]] = [
    lambda: joined(errors.CredentialsError, theirs.NoCredentialsError)("none", "DescribeEndpoint"),
    lambda: joined(errors.TransportError, theirs.EndpointConnectionError)("refused", "DescribeEndpoint"),
    lambda: joined(errors.TransportError, theirs.ReadTimeoutError)("late", "DescribeEndpoint"),
    lambda: joined(errors.ConfigurationError, theirs.ProfileNotFound)("unknown", None),
    lambda: joined(errors.ConfigurationError, ValueError)("no URL", None),
]


def noted(error: Any) -> Any:
    error.add_note("seen")
    error.mine = {"kept": 1}
    return error


def facts(error: Any) -> list[Any]:
    return [
        error.args,
        error.message,
        error.code,
        error.operation,
        error.request_id,
        error.http_status_code,
        error.retryable,
        {name: value for name, value in vars(error).items() if name != "report"},
        str(vars(error).get("report")),
    ]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_error_arrives_in_another_interpreter(protocol: int) -> None:
    assert len(OURS) >= 20
    made = [noted(an_error(cls)) for cls in OURS] + [noted(make()) for make in JOINED]
    for error, (there, back) in zip(made, there_and_back(made, protocol), strict=True):
        assert there == told(error)
        assert [each.__name__ for each in type(back).__mro__] == [each.__name__ for each in type(error).__mro__]
        assert facts(back) == facts(error)
        again = copy.copy(error), copy.deepcopy(error)
        assert [facts(each) for each in again] == [facts(error)] * 2


def test_the_errors_of_a_session_arrive_as_ours(server: ModelServer) -> None:
    """`client.exceptions` are classes of one session, which no other process has; `ClientError` is left of them."""
    server.respond_error("DescribeEndpoint", "ResourceNotFound", "gone")
    sm = SageMaker(region="us-west-2", endpoint_url=server.url)
    with pytest.raises(sm.boto3_client.exceptions.ResourceNotFound) as caught:
        sm.endpoints.describe("x")
    ((_, back),) = there_and_back([caught.value], 4)
    assert type(back) is errors.ResourceNotFoundError
    assert facts(back) == facts(caught.value)


def test_the_errors_of_the_comparison_arrive() -> None:
    made = [cls("text") for cls in classes_below(changes_errors.ModelError)]
    assert made
    for error, (there, back) in zip(made, there_and_back(made, 2), strict=True):
        assert there == told(error)
        assert type(back) is type(error)


# --- what a broken network leaves in an error -------------------------------------------------------------------------


class Silent:
    """A port of loopback that takes connections and says one thing."""

    def __init__(self, said: bytes | None) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        if said is None:
            self._socket.close()
        self._said = said

    def serve_one(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(self._said or b"")

    def close(self) -> None:
        self._socket.close()


def failure(said: bytes | None, scheme: str = "http", proxied: bool = False) -> Exception:
    import threading

    peer = Silent(said)
    serving = threading.Thread(target=peer.serve_one)
    if said is not None:
        serving.start()
    address = f"{scheme}://127.0.0.1:{peer.port}"
    sm = SageMaker(
        region="us-west-2",
        endpoint_url="https://sagemaker.invalid" if proxied else address,
        config=Config(
            retries={"total_max_attempts": 1},
            connect_timeout=10,
            read_timeout=10,
            proxies={"https": f"http://127.0.0.1:{peer.port}"} if proxied else {},
        ),
    )
    with sm, pytest.raises(errors.TransportError) as caught:
        sm.endpoints.describe("x")
    if said is not None:
        serving.join()
    peer.close()
    return caught.value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_real_failures_of_the_network_arrive(protocol: int) -> None:
    made = [
        failure(None),
        failure(b""),
        failure(b"neither HTTP nor anything else\r\n\r\n"),
        failure(b"no TLS\r\n\r\n", "https"),
        failure(b"HTTP/1.1 407 No\r\n\r\n", proxied=True),
        failure(None, proxied=True),
    ]
    assert len({type(each).__mro__ for each in made}) >= 4
    for error, (there, back) in zip(made, there_and_back(made, protocol), strict=True):
        assert there == told(error)
        assert [each for each in type(back).__mro__ if each is not type(back)] == [
            each for each in type(error).__mro__ if each is not type(error)
        ]
        assert back.operation == "DescribeEndpoint"


class Bound(Exception):
    """Pickles and does not unpickle, as `NameResolutionError` of urllib3 2.2 does."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host}: {reason}")


def test_an_error_within_an_error_stays_behind() -> None:
    error = joined(errors.TransportError, theirs.EndpointConnectionError)("refused", "DescribeEndpoint")
    error.kwargs = {"endpoint_url": "http://127.0.0.1", "error": Bound("127.0.0.1", "unknown")}
    assert pickled(error).kwargs == {"endpoint_url": "http://127.0.0.1"}
    assert isinstance(error.kwargs["error"], Bound)


# --- reports and events -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_reports_and_events_arrive(protocol: int) -> None:
    look: WaitEvent[Any] = WaitEvent("e", "Failed", True, 2, 1.0, 9.0, ANSWER, errors.TransportError("cut", "X"))
    tick = BatchEvent(4, 1, {"Failed": 1, "?": 3}, {"b": "Failed"}, "d", 1.0, 9.0, 2, 3)
    (_, report), (there_look, back_look), (there_tick, back_tick) = there_and_back([REPORT, look, tick], protocol)
    assert str(report) == str(REPORT)
    assert report.counts == REPORT.counts
    assert report.succeeded == REPORT.succeeded
    assert report.failed["b"].response == ANSWER
    assert (report.elapsed, report.list_calls, report.describe_calls) == (1.5, 2, 3)
    assert [type(each) for each in report.problems.values()] == [type(each) for each in REPORT.problems.values()]
    assert (there_look, there_tick) == (told(look), told(tick))
    assert back_look._replace(error=None) == look._replace(error=None)
    assert str(back_look.error) == "cut"
    assert back_tick == tick
    with pytest.raises(errors.WaitReportError) as caught:
        report.raise_for_failures()
    ((there, again),) = there_and_back([caught.value], protocol)
    assert there[2] == str(caught.value)
    assert again.report.counts == REPORT.counts
