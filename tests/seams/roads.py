"""The roads to SageMaker: boto3's own, and the three into this library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

import boto3
import botocore.session
from botocore import xform_name

import sagemaker_typed.types as types
from sagemaker_typed import SageMaker, from_boto3, to_boto3
from tests.seams.scenario import Scenario
from tests.support.model_server import installed_model


class Way(Protocol):
    """One road, opened for a scenario. Nothing is made before `client` is read or `call` is called."""

    session: Any
    """The boto3 session, where there is one."""

    @property
    def client(self) -> Any:
        """The boto3 client that the call goes through."""

    def call(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """The answer as boto3 gives it; None where the operation has no output."""


class Boto3:
    def __init__(self, scenario: Scenario) -> None:
        self.session, self._make = _boto3(scenario)
        self._client: Any = None

    @property
    def client(self) -> Any:
        if self._client is None:
            self._client = self._make()
        return self._client

    def call(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        answer = getattr(self.client, xform_name(operation))(**arguments)
        return answer if installed_model().operation_model(operation).output_shape is not None else None


class Ours:
    def __init__(self, sm: SageMaker, session: Any) -> None:
        self.session, self.sm = session, sm

    @property
    def client(self) -> Any:
        return self.sm.boto3_client

    def call(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        request: Any = from_boto3(getattr(types, _input(operation)), dict(arguments))
        answer: Any = self.sm.send(request)
        return None if answer is None else to_boto3(answer)


@cache
def _input(operation: str) -> str:
    return str(installed_model().operation_model(operation).input_shape.name)


def _boto3(scenario: Scenario) -> tuple[Any, Callable[[], Any]]:
    if scenario.default_session is not None:
        return boto3.DEFAULT_SESSION, lambda: boto3.client("sagemaker", **scenario.client)
    session = _session(scenario)
    return session, lambda: session.client("sagemaker", **scenario.client)


def _session(scenario: Scenario) -> Any:
    if scenario.session_config is None:
        return boto3.Session(**scenario.session)
    beneath: Any = botocore.session.Session()
    beneath.set_default_client_config(scenario.session_config)
    return boto3.Session(botocore_session=beneath, **scenario.session)


def _own(scenario: Scenario) -> Way:
    arguments = dict(scenario.client)
    return Ours(
        SageMaker(region=arguments.pop("region_name", None), profile=scenario.session.get("profile_name"), **arguments),
        boto3.DEFAULT_SESSION,
    )


def _with_session(scenario: Scenario) -> Way:
    session, arguments = _session(scenario), dict(scenario.client)
    return Ours(SageMaker(session=session, region=arguments.pop("region_name", None), **arguments), session)


class _WithClient(Ours):
    """A client of boto3's. It is made late, so that handlers can come onto its session before."""

    def __init__(self, scenario: Scenario) -> None:
        self.session, self._make = _boto3(scenario)

    @property
    def client(self) -> Any:
        if "sm" not in vars(self):
            self.sm = SageMaker(client=self._make())
        return self.sm.boto3_client

    def call(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        assert self.client is not None
        return super().call(operation, arguments)


OPEN: Mapping[str, Callable[[Scenario], Way]] = {
    "boto3": Boto3,
    "own": _own,
    "session": _with_session,
    "client": _WithClient,
}


# About the making of a client: with `client=` that is boto3's own affair.
_MAKING = ("regions/", "endpoints/", "connections/", "settings/")
# About calls: a client that was made here is the same with and without a session.
_CALLING = ("retries/", "errors/", "hooks/", "tracing/", "escape/")


def roads_of(scenario: Scenario) -> list[str]:
    """The roads on which a scenario can be told, without those that tell it again."""
    closed: set[str] = set()
    if not set(scenario.client) <= {"region_name", "endpoint_url", "config"}:
        closed |= {"own", "session"}
    if not set(scenario.session) <= {"profile_name"} or scenario.session_config is not None:
        closed.add("own")
    if scenario.before is not None and scenario.default_session is None:
        closed.add("own")
    if scenario.default_session is not None:
        closed.add("session")
    open_ = [road for road in scenario.roads if road not in closed]
    if scenario.name.startswith(_MAKING) and "session" in open_:
        return [road for road in open_ if road != "client"]
    if scenario.name.startswith(_CALLING) and "own" in open_:
        return [road for road in open_ if road != "session"]
    return open_
