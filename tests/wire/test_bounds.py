"""The bound of a call, part by part, by a clock that only the tests move."""

from __future__ import annotations

import gc
import math
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import (
    CapacityNotAvailableError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from urllib3.util.timeout import Timeout

from sagemaker_typed._core.http import bound as module
from sagemaker_typed._core.http.bound import Abandonable, Bound, _Watch, _WhileTime
from tests.wire.roads import config, session

URL = "http://service/"


class Time:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Alarms:
    def __init__(self) -> None:
        self.events: list[Any] = []

    def set(self, alarm: Any, seconds: float) -> None:
        self.events.append(("set", alarm, seconds))

    def drop(self, alarm: Any) -> None:
        self.events.append(("drop", alarm))


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(module, "time", made)
    return made


@pytest.fixture(autouse=True)
def alarms(monkeypatch: pytest.MonkeyPatch) -> Alarms:
    made = Alarms()
    monkeypatch.setattr(module, "ALARMS", made)
    return made


# --- the time that is left --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [Bound, Abandonable])
@pytest.mark.parametrize(("seconds", "retries"), [(None, None), (0.0, 0), (5.0, 2)])
def test_a_bound_begins_when_it_is_made(cls: Any, seconds: Any, retries: Any, time: Time) -> None:
    made = cls(seconds, retries)
    assert made.seconds == (math.inf if seconds is None else seconds)
    assert made.retries == (math.inf if retries is None else retries)
    assert (made.ended, made.abandoned) == (False, False)
    assert made.left == made.seconds
    time.now += 3
    assert made.left == made.seconds - 3


@pytest.mark.parametrize(("pause", "goes_on"), [(4.9, True), (5.0, False), (6.0, False), (0.0, True)])
def test_a_pause_must_leave_time_for_an_attempt(pause: float, goes_on: bool, time: Time) -> None:
    made = Bound(5.0)
    assert made.pause(pause) is goes_on
    assert made.ended is not goes_on
    assert time.slept == ([pause] if goes_on else [])
    assert Bound().pause(3600) is True


@pytest.mark.parametrize(
    ("left", "seconds", "share", "found"),
    [
        (None, 60, 1.0, 60), (None, None, 0.5, None), (None, "odd", 0.5, "odd"),
        (10.0, 60, 1.0, 10.0), (10.0, 3, 1.0, 3.0), (10.0, None, 1.0, 10.0), (10.0, "odd", 1.0, 10.0),
        (10.0, 60, 0.5, 5.0), (10.0, None, 0.5, 5.0), (10.0, 1, 0.5, 1.0),
        (3.0, 60, 0.5, 2.0), (1.0, 60, 0.5, 1.0), (0.0, 60, 1.0, 0.001), (-5.0, 60, 0.5, 0.001),
    ],
)  # fmt: skip
def test_a_timeout_is_cut_to_the_time_left(left: Any, seconds: Any, share: float, found: Any, time: Time) -> None:
    made = Bound(None if left is None else 100.0)
    time.now += 0 if left is None else 100.0 - left
    assert made.cut(seconds, share) == found
    if left is not None:
        assert type(made.cut(seconds, share)) is float
    if share == 1.0:
        assert made.cut(seconds) == found


# --- attempts ---------------------------------------------------------------------------------------------------------


def test_an_attempt_that_is_answered() -> None:
    made = Bound(5.0)
    assert made.attempt(URL, lambda: "answer") == "answer"
    assert not made.ended


@pytest.mark.parametrize("late", [0.0, 1.0])
def test_no_attempt_begins_without_time(late: float, time: Time) -> None:
    made, sent = Bound(5.0), list[int]()
    time.now += 5.0 + late
    with pytest.raises(ReadTimeoutError) as caught:
        made.attempt(URL, lambda: sent.append(1))
    assert str(caught.value) == f'Read timeout on endpoint URL: "{URL}"'
    assert caught.value.kwargs == {"endpoint_url": URL, "error": "no time is left"}
    assert made.ended
    assert sent == []


CLOSED = ConnectionClosedError(endpoint_url=URL)
UNCONNECTED = (ConnectTimeoutError(endpoint_url=URL), EndpointConnectionError(endpoint_url=URL))


@pytest.mark.parametrize("error", [CLOSED, *UNCONNECTED, ValueError("ours")], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("took", [4.9, 5.0, 7.0])
def test_an_error_is_the_end_of_the_time_if_there_is_none_left(error: Exception, took: float, time: Time) -> None:
    made = Bound(5.0)

    def send() -> None:
        time.now += took
        raise error

    over = took >= 5.0
    with pytest.raises((type(error), ReadTimeoutError)) as caught:
        made.attempt(URL, send)
    assert made.ended is over
    if not over or isinstance(error, (ConnectTimeoutError, EndpointConnectionError)):
        assert caught.value is error
    else:
        assert type(caught.value) is ReadTimeoutError
        assert caught.value.kwargs == {"endpoint_url": URL, "error": error}
        assert caught.value.__cause__ is error


class Emitter:
    def __init__(self, *answers: Any) -> None:
        self.answers = [(None, answer) for answer in answers]
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def emit(self, event: str, **given: Any) -> Any:
        self.heard.append((event, given))
        return self.answers


def bounded_endpoint(made: Bound, emitter: Emitter) -> Any:
    endpoint = made.client(_client())._endpoint
    endpoint._event_emitter = emitter
    return endpoint


OPERATION: Any = SimpleNamespace(
    name="DescribeEndpoint", service_model=SimpleNamespace(service_id=SimpleNamespace(hyphenize=lambda: "sagemaker"))
)


@pytest.mark.parametrize(
    ("seconds", "retries", "attempts", "answers", "told", "again", "ended"),
    [
        (None, None, 1, (), 1, False, False),
        (None, None, 2, (None, 0.5, 7.0), 2, True, False),
        (None, None, 1, (0,), 1, True, False),
        (5.0, None, 1, (0.5,), 1, True, False),
        (5.0, None, 1, (5.0,), 1, False, True),
        (None, 1, 1, (0.5,), 1, True, False),
        (None, 1, 2, (0.5,), 1_000_000, False, False),
        (None, 0, 1, (0.5,), 1_000_000, False, False),
        (None, 7, 5, (0.5,), 2, True, False),  # as if it were the second of three
    ],
)
def test_whether_another_attempt_follows(
    seconds: Any, retries: Any, attempts: int, answers: Any, told: int, again: bool, ended: bool, time: Time
) -> None:
    emitter, made = Emitter(*answers), Bound(seconds, retries)
    endpoint = bounded_endpoint(made, emitter)
    request = {"context": {"client_config": SimpleNamespace(retries={"total_max_attempts": 3})}}
    error = ValueError("caught")
    assert endpoint._needs_retry(attempts, OPERATION, request, "response", error) is again
    ((event, given),) = emitter.heard
    assert event == "needs-retry.sagemaker.DescribeEndpoint"
    assert given == {
        "response": "response", "endpoint": endpoint, "operation": OPERATION, "attempts": told, "caught_exception": error,
        "request_dict": request,
    }  # fmt: skip
    assert time.slept == ([next(each for each in answers if each is not None)] if again else [])
    assert made.ended is ended


def test_a_call_that_was_given_up_makes_no_other_attempt() -> None:
    made, emitter = Abandonable(), Emitter(0.5)
    made.abandon()
    endpoint = bounded_endpoint(made, emitter)
    assert endpoint._needs_retry(1, OPERATION, {}) is False
    assert emitter.heard[0][1]["attempts"] == 1_000_000


# --- being given up ---------------------------------------------------------------------------------------------------


def test_a_call_that_was_given_up_has_no_time_and_does_not_sleep() -> None:
    made = Abandonable(60.0)
    watch = made.watch()
    fired: list[int] = []
    watch.fire = lambda: fired.append(1)  # type: ignore[method-assign]
    made.abandon()
    assert (made.abandoned, made.left, fired) == (True, -math.inf, [1])
    assert made._slept(3600) is False
    pausing = Abandonable()
    assert pausing._slept(0.001) is True
    wakes: Any = pausing._pausing
    assert not wakes.is_set()
    pausing.abandon()
    assert wakes.is_set()


def test_only_a_call_that_can_be_given_up_is_checked() -> None:
    watch = Bound().watch()
    watch.check()
    assert not watch.fired
    made = Abandonable()
    watch = made.watch()
    watch.check()
    made.abandon()
    with pytest.raises(TimeoutError, match=r"^the caller no longer waits for the answer$"):
        watch.check()
    assert watch.fired


# --- watches ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "set_for"), [(None, None), (5.0, 5.0), (1e9, 3e6)])
def test_an_alarm_is_set_while_an_attempt_lasts(seconds: Any, set_for: Any, alarms: Alarms) -> None:
    made = Bound(seconds)
    with made.watch() as watch:
        assert made._watch is watch
        assert alarms.events == ([] if set_for is None else [("set", watch.fire, set_for)])
        alarms.events.clear()
        watch._connection = SimpleNamespace(socket_options=None)
    assert alarms.events == ([] if set_for is None else [("drop", watch.fire)])
    assert watch._connection is None
    watch.confirm(URL)
    watch.fired = True
    with pytest.raises(ReadTimeoutError) as caught:
        watch.confirm(URL)
    assert caught.value.kwargs == {
        "endpoint_url": URL,
        "error": "the time ran out before the whole body came",
    }


@pytest.mark.parametrize("sock", [None, "open"])
def test_a_connection_that_is_made_in_the_attempt_tries_addresses_while_there_is_time(sock: Any) -> None:
    watch = Bound(5.0).watch()
    options = [(1, 2, 3)]
    connection = SimpleNamespace(sock=sock, socket_options=options)
    watch.lend(connection)
    assert watch._connection is connection
    assert isinstance(connection.socket_options, _WhileTime) is (sock is None)
    assert list(connection.socket_options) == options
    watch.release()
    assert connection.socket_options is options
    assert watch._connection is None
    watch.release()
    bare = SimpleNamespace(sock=None)
    watch.lend(bare)
    assert vars(bare) == {"sock": None}


@pytest.mark.parametrize(("took", "lent"), [(4.9, True), (5.0, False), (9.0, False)])
def test_no_connection_is_lent_without_time(took: float, lent: bool, time: Time) -> None:
    watch = Bound(5.0).watch()
    connection = SimpleNamespace(sock=None, socket_options=None)
    time.now += took
    if lent:
        watch.lend(connection)
    else:
        with pytest.raises(TimeoutError, match=r"^no time is left to send$"):
            watch.lend(connection)
        assert connection.socket_options is None
    assert watch._connection is connection


@pytest.mark.parametrize("original", [None, [(1, 2, 3)]])
def test_a_second_address_needs_two_seconds(original: Any, time: Time) -> None:
    options = _WhileTime(original, Bound(5.0))
    assert options
    assert list(options) == (original or [])
    time.now += 3.0
    assert list(options) == (original or [])  # two seconds are left
    time.now += 0.1
    with pytest.raises(TimeoutError, match=r"^no time is left to connect$"):
        iter(options)
    fresh = _WhileTime(original, Bound(1.0))
    assert list(fresh) == (original or [])
    late = _WhileTime(original, Bound(0.0))
    assert list(late) == (original or [])
    time.now += 0.1
    with pytest.raises(TimeoutError):
        iter(_WhileTime(original, Bound(-1.0)))


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("wrapped", [False, True])
def test_at_the_end_of_the_time_the_socket_is_shut_down(wrapped: bool, pair: Any) -> None:
    ours, theirs = pair
    watch = Bound(5.0).watch()
    watch.fire()
    assert not watch.fired  # there is nothing to shut down yet
    watch.lend(SimpleNamespace(sock=SimpleNamespace(original=ours) if wrapped else ours))
    watch.fire()
    assert watch.fired
    assert theirs.recv(1) == b""
    assert ours.fileno() >= 0  # whose connection closes it


def test_a_socket_that_is_closed_already_and_one_that_is_none(pair: Any, caplog: pytest.LogCaptureFixture) -> None:
    ours, _ = pair
    caplog.set_level("DEBUG", "sagemaker_typed")
    for sock, told in ((object(), []), (None, []), (ours, ["the socket was closed already"])):
        ours.close()
        watch = Bound(5.0).watch()
        watch.lend(SimpleNamespace(sock=sock))
        watch.fire()
        assert watch.fired
        assert [record.getMessage() for record in caplog.records] == told


# --- pools ------------------------------------------------------------------------------------------------------------


class Pool:
    """A pool of urllib3, as far as a lent one asks it."""

    def __init__(self) -> None:
        self.timeout = Timeout(connect=60.0, read=30.0)
        self.events: list[Any] = []
        self.connection: Any = None

    def urlopen(self, *args: Any, **given: Any) -> Any:
        self.events.append((args, given))
        return "came"

    def _get_conn(self, timeout: Any = None) -> Any:
        self.events.append(("got", timeout))
        return self.connection

    def _validate_conn(self, conn: Any) -> None:
        self.events.append(("validated", conn))

    def _put_conn(self, conn: Any) -> None:
        self.events.append(("put", conn))


class Connection:
    def __init__(self, sock: Any = None) -> None:
        self.sock = sock
        self.events: list[str] = []

    def connect(self) -> None:
        self.events.append("connects")

    def close(self) -> None:
        self.events.append("closes")


def test_a_lent_pool_is_the_pool_with_less_time() -> None:
    pool, made = Pool(), Bound(10.0)
    watch = made.watch()
    lent = watch.lent(pool)
    assert Pool in type(lent).__mro__
    assert type(lent).__name__ == "BoundPool"
    assert type(watch.lent(pool)) is type(lent)
    assert (lent.lent_to, lent.original()) == (watch, pool)
    assert vars(lent) is vars(pool)
    assert lent.in_time(60.0, 30.0) == (5.0, 10.0)
    assert lent.urlopen("POST", URL, body=b"x") == "came"
    assert lent.urlopen("POST", URL, timeout=Timeout(connect=1.0, read=None)) == "came"
    (first, given), (second, other) = pool.events
    assert first == second == ("POST", URL)
    limited, wanted = given.pop("timeout"), other.pop("timeout")
    assert (limited.connect_timeout, limited.read_timeout) == (5.0, 10.0)
    assert (wanted.connect_timeout, wanted.read_timeout) == (1.0, 10.0)
    assert (given, other) == ({"body": b"x"}, {})
    manager = module._Manager(SimpleNamespace(connection_from_url=lambda url: pool if url == URL else None), watch)
    assert vars(manager.connection_from_url(URL)) is vars(pool)


def test_a_connection_for_which_no_time_is_left_is_closed(time: Time) -> None:
    pool, watch = Pool(), Bound(5.0).watch()
    pool.connection = Connection()
    lent = watch.lent(pool)
    assert lent._get_conn(timeout=3) is pool.connection
    assert watch._connection is pool.connection
    assert pool.events == [("got", 3)]
    time.now += 5.0
    with pytest.raises(TimeoutError):
        lent._get_conn()
    assert pool.connection.events == ["closes"]


@pytest.mark.parametrize("sock", [None, "open"])
@pytest.mark.parametrize("cls", [Bound, Abandonable])
def test_a_call_that_may_be_given_up_connects_before_it_sends(cls: Any, sock: Any) -> None:
    pool, connection, made = Pool(), Connection(sock), cls(5.0)
    lent = made.watch().lent(pool)
    lent._validate_conn(connection)
    assert connection.events == (["connects"] if cls is Abandonable and sock is None else [])
    assert pool.events == [("validated", connection)]
    if cls is Abandonable:
        made.abandon()
        with pytest.raises(TimeoutError):
            lent._validate_conn(connection)


@pytest.mark.parametrize("dropped", [False, True])
def test_a_connection_goes_back_to_its_pool_if_that_is_still_there(dropped: bool) -> None:
    pool, watch, connection = Pool(), Bound(5.0).watch(), Connection()
    watch.lend(connection)
    lent, events = watch.lent(pool), pool.events
    if dropped:
        del pool
        gc.collect()
    lent._put_conn(connection)
    assert watch._connection is None
    assert events == ([] if dropped else [("put", connection)])
    assert connection.events == (["closes"] if dropped else [])
    lent._put_conn(None)
    assert events == ([] if dropped else [("put", connection), ("put", None)])


# --- clients ----------------------------------------------------------------------------------------------------------


def _client(**options: Any) -> Any:
    return CLIENTS.setdefault(str(options), session().client("sagemaker", endpoint_url=URL, config=config(**options)))


CLIENTS: dict[str, Any] = {}


def test_a_bounded_client_shares_all_but_three_parts() -> None:
    client, made = _client(), Bound(5.0)
    bounded = made.client(client)
    assert type(bounded) is type(client)
    assert vars(bounded).keys() == vars(client).keys()
    assert [key for key, value in vars(bounded).items() if value is not vars(client)[key]] == ["_endpoint"]
    endpoint, session_ = bounded._endpoint, bounded._endpoint.http_session
    assert isinstance(endpoint, type(client._endpoint))
    assert isinstance(session_, type(client._endpoint.http_session))
    assert endpoint._bound is session_._bound is made
    assert endpoint._event_emitter is client._endpoint._event_emitter
    assert (type(endpoint).__name__, type(session_).__name__) == ("BoundEndpoint", "BoundURLLib3Session")


@pytest.mark.parametrize("options", [{}, {"seconds": 5.0}, {"retries": 1}])
def test_a_client_of_another_kind_is_left_and_warned_of(options: Any, caplog: pytest.LogCaptureFixture) -> None:
    module._warn_unbound.cache_clear()
    other = SimpleNamespace()
    assert Bound(**options).client(other) is other
    assert len(caplog.records) == bool(options)


@pytest.mark.parametrize("of", ["_send", "_needs_retry", "send", "_get_connection_manager"])
def test_each_part_of_botocore_that_is_needed(of: str) -> None:
    def sparse(*names: str) -> type:
        return type("Sparse", (), {name: None for name in names if name != of})

    parts = sparse("_send", "_needs_retry"), sparse("send", "_get_connection_manager")
    assert module._classes(*parts) is None
    of = ""
    assert module._classes(sparse("_send", "_needs_retry"), sparse("send", "_get_connection_manager")) is not None


class Limiter:
    """botocore's limiter of adaptive mode: it has room at the times that a test gives."""

    __module__ = "botocore.retries.adaptive"

    def __init__(self, *room: bool) -> None:
        self._enabled = True
        self._token_bucket = self
        self.room = [*room]
        self.asked: list[Any] = []

    def acquire(self, amount: int = 1, block: bool = True) -> None:
        self.asked.append((amount, block))
        if not self.room.pop(0):
            raise CapacityNotAvailableError


@pytest.mark.parametrize(("room", "slept"), [([True], 0), ([False, True], 1), ([False] * 5 + [True], 5)])
def test_a_turn_is_waited_for_in_short_steps(room: list[bool], slept: int, time: Time) -> None:
    limiter = Limiter(*room)
    module._take_turn(limiter, Bound(5.0), SimpleNamespace(url=URL), operation_name="x")
    assert time.slept == [0.05] * slept
    assert limiter.asked == [(1, False)] * len(room)
    limiter._enabled = False
    module._take_turn(limiter, Bound(5.0), SimpleNamespace(url=URL))
    assert len(limiter.asked) == len(room)


def test_a_turn_that_does_not_come_in_time_is_a_timeout(time: Time) -> None:
    limiter, made = Limiter(*[False] * 9), Bound(0.12)
    with pytest.raises(ReadTimeoutError) as caught:
        module._take_turn(limiter, made, SimpleNamespace(url=URL))
    assert caught.value.kwargs["endpoint_url"] == URL
    assert isinstance(caught.value.kwargs["error"], CapacityNotAvailableError)
    assert isinstance(caught.value.__cause__, CapacityNotAvailableError)
    assert time.slept == [0.05] * 2
    assert made.ended


@pytest.mark.parametrize("mode", ["standard", "legacy", "adaptive"])
def test_in_adaptive_mode_the_bound_waits_for_the_turn(mode: str) -> None:
    client = _client(retries={"mode": mode, "total_max_attempts": 2})
    bounded = Bound(5.0).client(client)
    before, after = client._endpoint._event_emitter, bounded._endpoint._event_emitter
    assert (after is before) is (mode != "adaptive")
    handlers = [_handler(each) for each in _handlers(before)]
    ours = [_handler(each) for each in _handlers(after)]
    assert ("on_sending_request" in handlers) is (mode == "adaptive")
    assert ("on_sending_request" in ours) is False
    assert ("_take_turn" in ours) is (mode == "adaptive")
    assert len(handlers) == len(ours)


def _handlers(events: Any) -> Any:
    emitter = getattr(events, "_emitter", events)
    return list(emitter._lookup_cache.clear() or emitter._handlers.prefix_search("before-send.sagemaker.X"))


def _handler(handler: Any) -> str:
    return str(getattr(getattr(handler, "func", handler), "__name__", ""))


def test_a_watch_that_nobody_enters_holds_nothing() -> None:
    watch = _Watch(Bound())
    assert (watch.fired, watch._connection, watch._alarm) == (False, None, None)
