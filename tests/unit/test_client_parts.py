"""What a client hands on: bounds to its calls, its clock and pace to its waits, its settings to copies, and its end."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import boto3
import pytest

from sagemaker_typed import SageMaker, errors
from sagemaker_typed._core.connection import Connection
from sagemaker_typed._core.http.bound import Bound
from sagemaker_typed._core.http.short import is_switched_on
from sagemaker_typed._core.raw import RawCall
from sagemaker_typed._waiting import creating, lines
from sagemaker_typed._waiting import run as runner
from sagemaker_typed.client import checked_urls
from sagemaker_typed.services.runtime import _service as runtime
from sagemaker_typed.types import DescribeEndpointInput
from sagemaker_typed.types._service import SERVICE
from sagemaker_typed.waiting import Clock

DESCRIBE = DescribeEndpointInput(endpoint_name="x")
RAW = RawCall("logs", "FilterLogEvents", "filter_log_events", {})


class Wire:
    """Records the calls of a connection."""

    def __init__(self, sm: SageMaker, patch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, Any, Any, float | None, float | None]] = []
        patch.setattr(sm._connection, "send", self.send)
        patch.setattr(sm._connection, "ask", self.ask)

    def send(self, request: Any, validation: Any, bound: Bound | None = None) -> str:
        self._note("send", request, validation, bound)
        return "answer"

    def ask(self, request: Any, bound: Bound) -> str:
        self._note("ask", request, None, bound)
        return "raw answer"

    def _note(self, how: str, request: Any, validation: Any, bound: Bound | None) -> None:
        limits = (None, None) if bound is None else (bound.seconds, bound.retries)
        self.calls.append((how, request, validation, *limits))


@pytest.mark.parametrize(
    ("options", "arguments", "seconds", "retries"),
    [
        ({}, {}, None, None),
        ({}, {"timeout": 5}, 5, math.inf),
        ({}, {"retries": 0}, math.inf, 0),
        ({}, {"timeout": 5, "retries": 2}, 5, 2),
        ({"timeout": 7}, {}, 7, math.inf),
        ({"timeout": 7, "retries": 1}, {}, 7, 1),
        ({"timeout": 7, "retries": 1}, {"timeout": 5}, 5, 1),
        ({"timeout": 7, "retries": 1}, {"retries": 3}, 7, 3),
    ],
)
def test_the_bound_of_a_call(
    options: dict[str, Any], arguments: dict[str, Any], seconds: Any, retries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sm = SageMaker(region="us-west-2", validation="strict").with_options(**options)
    wire = Wire(sm, monkeypatch)
    assert sm.send(DESCRIBE, **arguments) == "answer"
    assert wire.calls == [("send", DESCRIBE, "strict", seconds, retries)]


@pytest.mark.parametrize(("timeout", "longest"), [(None, 3.0), (2, 2.0), (4, 3.0)])
def test_a_poll_is_one_attempt_within_the_shorter_of_two_times(
    timeout: float | None, longest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    sm = SageMaker(region="us-west-2", validation="off").with_options(timeout=timeout, retries=4)
    wire = Wire(sm, monkeypatch)
    assert sm._look(DESCRIBE, 3.0) == "answer"
    assert sm._look(RAW, 3.0) == "raw answer"
    assert wire.calls == [("send", DESCRIBE, "off", longest, 0), ("ask", RAW, None, longest, 0)]


def test_a_wait_has_the_clock_and_the_pace_of_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    sm = SageMaker(region="us-west-2")
    sm.clock = Clock(now=lambda: 5.0, sleep=lambda seconds: None)
    sm.pacing.at_once = 3
    given: list[Any] = []
    monkeypatch.setattr(runner, "run", lambda *each, **named: given.append((each, named)) or "done")  # type: ignore[func-returns-value]
    assert sm._run(lambda client: ("task of", client)) == "done"  # type: ignore[arg-type]
    (((task, send, look, sleep), named),) = given
    assert task == ("task of", sm)
    assert (send, look, sleep) == (sm.send, sm._look, sm.clock.sleep)
    assert named == {"at_once": 3}


def test_the_lines_of_a_log_have_the_clock_of_their_client(monkeypatch: pytest.MonkeyPatch) -> None:
    sm = SageMaker(region="us-west-2")
    given: list[Any] = []
    monkeypatch.setattr(lines, "LogLines", lambda *each: given.append(each))
    task: Any = object()
    sm._lines(task)
    assert given == [(sm, task, sm._look, sm.clock.sleep)]


@pytest.mark.parametrize(("exist_ok", "look"), [(False, False), (True, True), ("same", True)])
def test_a_run_looks_for_what_exists_where_that_may_be(
    exist_ok: Any, look: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    monkeypatch.setattr(creating, "Kinds", lambda *each, **named: given.append((each, named)) or "kinds")  # type: ignore[func-returns-value]
    assert SageMaker._runs(exist_ok) == "kinds"  # type: ignore[comparison-overlap]
    from sagemaker_typed.resources.runs import RUNS
    from sagemaker_typed.resources.waitable import waiter_of

    assert given == [((RUNS, waiter_of), {"look": look})]


# --- copies -----------------------------------------------------------------------------------------------------------


def test_copies_have_groups_of_their_own() -> None:
    sm = SageMaker(region="us-west-2", validation="strict")
    assert sm.api is sm.api
    assert sm.models is sm.models
    for made in (
        copy.copy(sm),
        copy.deepcopy(sm),
        pickle.loads(pickle.dumps(sm)),
        sm.with_options(),
        sm.with_options(timeout=5),
    ):
        assert made.models is not sm.models
        assert made.api is not sm.api
        assert made.models is made.models
        assert (made._validation, made._connection.settings) == ("strict", sm._connection.settings)
    assert sm.with_options(validation="off")._validation == "off"
    assert sm._validation == "strict"


def test_who_closes_the_connection() -> None:
    sm = SageMaker(region="us-west-2")
    view = sm.with_options(timeout=5)
    assert view._connection is sm._connection
    view.close()
    assert not sm._connection._closed
    for made in (copy.deepcopy(view), pickle.loads(pickle.dumps(view))):
        assert made._connection is not sm._connection
        made.close()
        assert made._connection._closed
    sm.close()
    assert sm._connection._closed


def test_a_copy_of_all_shares_the_clock_and_nothing_else() -> None:
    sm = SageMaker(region="us-west-2")
    sm.mine = ["a"]  # type: ignore[attr-defined]
    made = copy.deepcopy(sm)
    assert made.clock is sm.clock
    assert made.pacing is not sm.pacing
    assert made.mine == ["a"]  # type: ignore[attr-defined]
    assert made.mine is not sm.mine  # type: ignore[attr-defined]
    both = copy.deepcopy([sm, sm])
    assert both[0] is both[1]


@pytest.mark.parametrize(
    ("urls", "error", "said"),
    [
        (5, TypeError, 'endpoint_urls must be a mapping such as {"sagemaker-runtime": url}, not a int'),
        (["x"], TypeError, 'endpoint_urls must be a mapping such as {"sagemaker-runtime": url}, not a list'),
        (
            {"sagemaker": "u"},
            ValueError,
            "endpoint_urls is for services other than SageMaker; for SageMaker, use endpoint_url",
        ),
        ({"log": "u"}, ValueError, "endpoint_urls has no 'log': did you mean 'logs'?; the services are "),
        ({"zzzzzz": "u"}, ValueError, "endpoint_urls has no 'zzzzzz'; the services are "),
        ({"logs": 5}, TypeError, "endpoint_urls['logs'] must be a URL, not a int"),
    ],
)
def test_addresses_that_are_none(urls: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as caught:
        checked_urls(urls)
    assert str(caught.value).startswith(said)
    if said.endswith("are "):
        assert str(caught.value).endswith(", logs, s3")


def test_addresses_are_kept() -> None:
    urls = {"logs": "http://127.0.0.1:1", "s3": "http://127.0.0.1:2", "sagemaker-runtime": "http://127.0.0.1:3"}
    assert checked_urls(urls) is urls
    assert checked_urls(None) is None
    assert SageMaker(endpoint_urls=urls)._connection._endpoint_urls == urls


# --- the end of a connection ------------------------------------------------------------------------------------------


class Closing:
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def test_a_connection_ends_with_all_that_it_made() -> None:
    made = Connection(SERVICE, region="us-west-2")
    beside = made.beside(runtime.SERVICE)
    client, others = Closing(), Closing()
    made._client, made._others = client, others  # type: ignore[assignment]
    made._short = object()  # type: ignore[assignment]
    assert made.at_hand == (client, made._short)
    made.close()
    assert (client.closed, others.closed, beside._closed, made._closed) == (1, 1, True, True)
    found: Any = made._client, made._short, made.at_hand
    assert found == (None, None, None)
    made.close()
    assert client.closed == 1


def test_a_client_of_the_caller_stays_open() -> None:
    client: Any = boto3.Session("AKID", "secret", region_name="us-west-2").client("sagemaker")
    made = Connection(SERVICE, client=client)
    beside = made.beside(runtime.SERVICE)
    others = Closing()
    made._others = others  # type: ignore[assignment]
    made.close()
    assert (others.closed, beside._closed, made._closed) == (1, True, False)
    assert made.client() is client
    assert made.beside(runtime.SERVICE) is not beside
    assert made.whole_client() is client
    assert made._widens() is False


@pytest.mark.parametrize("missing", ["client", "short", "both"])
def test_what_is_at_hand(missing: str) -> None:
    made = Connection(SERVICE, region="us-west-2")
    made._client = None if missing in ("client", "both") else object()
    made._short = None if missing in ("short", "both") else object()  # type: ignore[assignment]
    assert made.at_hand is None


@pytest.mark.parametrize(("switch", "short"), [(True, True), (False, False)])
def test_which_connections_have_a_short_way(switch: bool, short: bool) -> None:
    made = Connection(SERVICE, region="us-west-2", short_way=switch)
    assert (made._way() is not None) is short
    assert Connection(runtime.SERVICE, region="us-west-2", short_way=switch)._way() is None


@pytest.mark.parametrize(
    ("said", "short"),
    [
        *((off, False) for off in ("0", "false", "no", "off", "OFF", "False", " 0\n")),
        *((on, True) for on in (None, "", "1", "true", "yes", "on", "00", "of")),
    ],
)
@pytest.mark.parametrize("chosen", [None, True, False])
def test_the_environment_switches_the_short_way_off_unless_the_caller_chooses(
    said: str | None, short: bool, chosen: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SAGEMAKER_TYPED_SHORT_WAY", raising=False)
    if said is not None:
        monkeypatch.setenv("SAGEMAKER_TYPED_SHORT_WAY", said)
    assert is_switched_on(chosen) is (short if chosen is None else chosen)
    made = Connection(SERVICE, region="us-west-2", short_way=chosen)
    assert (made._way() is not None) is (short if chosen is None else chosen)


def test_a_forked_child_leaves_the_client_to_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    from sagemaker_typed._core import connection

    retired: list[Any] = []
    monkeypatch.setattr(connection, "retire", retired.append)
    made = Connection(SERVICE, region="us-west-2")
    lock = made._lock
    made.after_fork()
    assert (retired, made._lock is lock) == ([], False)
    client = made._client = object()
    made._maker = made._short = object()  # type: ignore[assignment]
    made._whole = True
    made.after_fork()
    assert retired == [client]
    assert (made._client, made._maker, made._short, made._whole) == (None, None, None, False)


@pytest.mark.parametrize(
    ("whole", "other", "widens"), [(False, True, True), (False, False, False), (True, True, False)]
)
def test_a_client_is_widened_once(whole: bool, other: bool, widens: bool) -> None:
    class Maker:
        def knows_other(self) -> bool:
            return other

    made = Connection(SERVICE, region="us-west-2")
    made._maker = Maker()  # type: ignore[assignment]
    made._whole = whole
    assert made._widens() is widens


def test_a_closed_connection_makes_nothing() -> None:
    made = Connection(SERVICE, region="us-west-2")
    made.close()
    for call in (made.client, made.whole_client, lambda: made.beside(runtime.SERVICE), lambda: made.view(None)):
        with pytest.raises(RuntimeError, match="this SageMaker object is closed"):
            call()
    with pytest.raises(RuntimeError, match="this SageMaker object is closed"):
        made.ask(RAW, Bound(1))
    with pytest.raises((RuntimeError, errors.SageMakerError), match="closed"):
        made.send(DESCRIBE, "standard")
