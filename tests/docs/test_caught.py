"""The table of the boto3 classes that each error also is: errors are raised by boto3 and by us, and looked up in it."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, HTTPClientError

from sagemaker_typed import SageMaker, errors
from tests.support.loopback import Loopback, Reply

DOCS = Path(__file__).parents[2] / "docs"
_ROW = re.compile(r"^\| \{py:exc\}`(?P<ours>\w+)` \| (?P<always>.*?) \| (?P<sometimes>.*?) \|$", re.MULTILINE)
KEYS = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "secret"}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[list[str], list[str]]]:
    """Our class -> the classes of the second column, and of the third."""
    monkeypatch.syspath_prepend(DOCS / "_ext")
    page = import_module("caught").pages()["caught.md"]
    return {row["ours"]: (_classes(row["always"]), _classes(row["sometimes"])) for row in _ROW.finditer(page)}


def _classes(cell: str) -> list[str]:
    return re.findall(r"`([\w.]+)`", cell)


# --- without an answer ------------------------------------------------------------------------------------------------


@pytest.fixture
def closed_port() -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def _raised(call: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one it is, is the question
        call()
    return caught.value


def _both(session: Callable[[], boto3.Session], url: str | None = None) -> tuple[Exception, Exception]:
    """What boto3 and what ours raise for a describe."""
    once = Config(retries={"total_max_attempts": 1}, read_timeout=0.05)

    def theirs() -> object:
        client: Any = session().client("sagemaker", endpoint_url=url, config=once)
        return client.describe_endpoint(EndpointName="a")

    def ours() -> object:
        return SageMaker(session=session(), endpoint_url=url, config=once).endpoints.describe("a")

    return _raised(theirs), _raised(ours)


def _check(table: dict[str, tuple[list[str], list[str]]], theirs: Exception, ours: Exception) -> None:
    always, sometimes = table[type(ours).__name__]
    assert type(theirs).__name__ in sometimes
    assert isinstance(ours, type(theirs))
    assert set(always) <= {cls.__name__ for cls in type(ours).__mro__}
    assert set(always) <= {cls.__name__ for cls in type(theirs).__mro__}


def test_no_credentials(table: Any) -> None:
    theirs, ours = _both(lambda: boto3.Session(region_name="us-west-2"))
    assert type(theirs).__name__ == "NoCredentialsError"
    _check(table, theirs, ours)


def test_half_the_credentials(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    theirs, ours = _both(lambda: boto3.Session(region_name="us-west-2"))
    assert type(theirs).__name__ == "PartialCredentialsError"
    _check(table, theirs, ours)


def test_no_region(table: Any) -> None:
    theirs, ours = _both(lambda: boto3.Session(**KEYS))
    assert type(theirs).__name__ == "NoRegionError"
    _check(table, theirs, ours)


def test_no_such_profile(table: Any) -> None:
    theirs = _raised(lambda: boto3.Session(profile_name="none"))
    ours = _raised(lambda: SageMaker(profile="none").endpoints.describe("a"))
    assert type(theirs).__name__ == "ProfileNotFound"
    _check(table, theirs, ours)


def test_nobody_listens(table: Any, closed_port: str) -> None:
    theirs, ours = _both(lambda: boto3.Session(region_name="us-west-2", **KEYS), closed_port)
    assert type(theirs).__name__ == "EndpointConnectionError"
    _check(table, theirs, ours)


def test_nobody_answers(table: Any) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()  # connections wait there for ever
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        theirs, ours = _both(lambda: boto3.Session(region_name="us-west-2", **KEYS), url)
    assert type(theirs).__name__ == "ReadTimeoutError"
    _check(table, theirs, ours)


@pytest.mark.parametrize("error", [ConnectTimeoutError(endpoint_url="u"), HTTPClientError(error="odd")])
def test_the_network_is_odd(table: Any, error: Exception) -> None:
    """Both raised by a hook in the place of the network, which cannot be made to."""

    def session() -> boto3.Session:
        made = boto3.Session(region_name="us-west-2", **KEYS)

        def fail(**_: object) -> None:
            raise error

        made.events.register("before-send.sagemaker", fail)
        return made

    theirs, ours = _both(session, "http://127.0.0.1:9")
    assert type(theirs) is type(error)
    _check(table, theirs, ours)


# --- with an answer ---------------------------------------------------------------------------------------------------


@pytest.fixture
def answering() -> Iterator[Callable[[str], SageMaker]]:
    """Makes a client of a service that answers with an error of this code."""
    code = ""

    def answer(headers: object, body: object) -> Reply:
        return Reply(f'{{"__type": "{code}", "message": "no"}}'.encode(), 400)

    server = Loopback(answer)

    def client(wanted: str) -> SageMaker:
        nonlocal code
        code = wanted
        session = boto3.Session(region_name="us-west-2", **KEYS)
        return SageMaker(session=session, endpoint_url=server.url)

    yield client
    server.close()


def test_each_class_of_a_clients_own_stands_with_one_of_ours(table: Any, answering: Callable[[str], SageMaker]) -> None:
    modeled: Any = boto3.Session(region_name="us-west-2", **KEYS).client("sagemaker").exceptions
    names = {name for name in dir(modeled) if not name.startswith("_")} - {"ClientError", "from_code"}
    listed = {name: ours for ours, (_, sometimes) in table.items() for name in sometimes if "." in name}
    assert {f"client.exceptions.{name}" for name in names} == set(listed)
    for name in names:
        sm = answering(name)
        raised = _raised(lambda sm=sm: sm.endpoints.describe("a"))  # type: ignore[misc]
        assert type(raised).__name__ == listed[f"client.exceptions.{name}"]
        assert isinstance(raised, getattr(sm.boto3_client.exceptions, name))
        assert isinstance(raised, getattr(modeled, name))  # of another session


def test_classes_made_after_the_error_do_not_catch_it(answering: Callable[[str], SageMaker]) -> None:
    """What the page says of the classes of another session."""
    other: Any = boto3.Session(region_name="us-west-2", **KEYS).client("sagemaker")
    raised = _raised(lambda: answering("ResourceNotFound").endpoints.describe("a"))
    assert not isinstance(raised, other.exceptions.ResourceNotFound)
    raised = _raised(lambda: answering("ResourceNotFound").endpoints.describe("a"))
    assert isinstance(raised, other.exceptions.ResourceNotFound)


# --- the others -------------------------------------------------------------------------------------------------------


def test_bad_requests_and_waits_are_errors_of_python(table: Any) -> None:
    assert {"ParamValidationError", "ValueError"} <= set(table["InvalidRequestError"][0])
    assert isinstance(_raised(lambda: SageMaker(region="us-west-2").compilation_jobs.stop("")), ValueError)
    assert "TimeoutError" in table["WaitTimeoutError"][0]


def test_what_the_table_leaves_out_is_ours_alone(table: Any) -> None:
    for name in errors.__all__:
        cls = getattr(errors, name)
        if issubclass(cls, errors.SageMakerError) and name not in table:
            foreign = [each for each in cls.__mro__ if not each.__module__.startswith("sagemaker_typed")]
            assert foreign == [Exception, BaseException, object]
