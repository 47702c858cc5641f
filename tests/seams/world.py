"""The surroundings of one run: variables and files of its own, a replaced wire, a clock that does not wait."""

from __future__ import annotations

import json
import os
import random
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.exceptions
import botocore.hooks
import botocore.retries.bucket
import botocore.utils
import pytest
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session
from botocore.loaders import Loader

from tests.seams.scenario import ECHO, Answer, Scenario
from tests.seams.server import Server


@dataclass
class Request:
    """One HTTP request, to whatever service."""

    method: str
    url: str
    headers: Mapping[str, str]
    """With names in lower case."""
    body: str
    via: Mapping[str, Any] | None = None
    """The settings of the connections that carry it; not known on loopback."""

    @property
    def to_sagemaker(self) -> bool:
        return "x-amz-target" in self.headers


@dataclass
class World:
    """What happened in it."""

    scenario: Scenario
    requests: list[Request] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    sleeps: list[float] = field(default_factory=list)
    answered: int = 0

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        answer = self._choose(request)
        if answer.body == ECHO:
            answer = replace(answer, body=request.body.encode())
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        return Answer(body, answer.status, {"x-amzn-RequestId": f"id-{len(self.requests)}"} | dict(answer.headers),
                      answer.raises)  # fmt: skip

    def _choose(self, request: Request) -> Answer:
        if request.to_sagemaker:
            self.answered += 1
            return self.scenario.answers[min(self.answered, len(self.scenario.answers)) - 1]
        if found := re.search(r"Action=(AssumeRole(?:WithWebIdentity)?)&", request.body):
            return self.scenario.sts or _assumed(found[1], len(self.requests))
        for pattern, answer in _METADATA:
            if re.search(pattern, f"{request.method} {request.url}"):
                return answer
        return Answer(b"", 404)


# --- what other services answer ---------------------------------------------------------------------------------------

_LATER = "2099-01-01T00:00:00Z"


def _assumed(action: str, number: int) -> Answer:
    xml = (
        f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials>'
        f"<AccessKeyId>ASIAROLE{number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        f"<SessionToken>token{number}</SessionToken><Expiration>{_LATER}</Expiration></Credentials><AssumedRoleUser>"
        f"<AssumedRoleId>A:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>"
        f"</{action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>"
    )
    return Answer(xml.encode(), headers={"Content-Type": "text/xml"})


def _keys(key: str) -> Answer:
    return Answer({"Code": "Success", "LastUpdated": "2020-01-01T00:00:00Z", "Type": "AWS-HMAC", "AccessKeyId": key,
                   "SecretAccessKey": "s", "Token": f"token-{key}", "Expiration": _LATER})  # fmt: skip


_METADATA = [
    (r"^PUT .*/latest/api/token$", Answer(b"imds-token")),
    (r"^GET .*/latest/meta-data/iam/security-credentials/$", Answer(b"instance-role")),
    (r"^GET .*/latest/meta-data/iam/security-credentials/instance-role$", _keys("ASIAIMDS")),
    (r"^GET .*/container$", _keys("ASIACONTAINER")),
    (r"^GET https://portal\.sso\..*/federation/credentials", Answer({"roleCredentials": {
        "accessKeyId": "ASIASSO", "secretAccessKey": "s", "sessionToken": "token-sso", "expiration": 4_000_000_000_000,
    }})),
]  # fmt: skip


# --- the world --------------------------------------------------------------------------------------------------------


@contextmanager
def world(scenario: Scenario, home: Path, server: Server, extra: Mapping[str, str]) -> Iterator[World]:
    """Everything is as before when it ends."""
    made = World(scenario)

    def fill(text: str) -> str:
        return text.replace("{home}", str(home)).replace("{url}", server.url).replace("{python}", sys.executable)

    with pytest.MonkeyPatch.context() as patch:
        _isolate(patch, home)
        files = {"config": scenario.config, "credentials": scenario.credentials} | dict(scenario.files)
        for name, text in files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text() if callable(text) else fill(text))
        for name, value in (dict(scenario.env) | dict(extra)).items():
            patch.setenv(name, fill(value))
        _hurry(patch, made)
        _listen(patch, made)
        if scenario.wire == "replaced":
            _replace_wire(patch, made)
        else:
            patch.setattr(server, "handler", lambda method, url, headers, body: made.answer(
                Request(method, url, {name.lower(): value for name, value in headers.items()}, body.decode())
            ))  # fmt: skip
        if scenario.default_session is not None:
            boto3.setup_default_session(**scenario.default_session)
        yield made


_OTHERS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "_X_AMZN_TRACE_ID")


def _isolate(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy") or name in _OTHERS:
            patch.delenv(name)
    patch.setenv("HOME", str(home))
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    patch.setenv("AWS_CONFIG_FILE", str(home / "config"))
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "credentials"))
    # botocore works these out when it is imported.
    patch.setattr(Loader, "CUSTOMER_DATA_PATH", str(home / "models"))
    patch.setattr(botocore.utils, "CACHED_CREDENTIALS", {}, raising=False)
    patch.setattr(boto3, "DEFAULT_SESSION", None)


def _hurry(patch: pytest.MonkeyPatch, made: World) -> None:
    """Sleep no real time, and draw the same jitter in each run."""
    now = 1_000_000.0

    def sleep(seconds: float) -> None:
        nonlocal now
        made.sleeps.append(round(seconds, 6))
        now += seconds

    class Condition(threading.Condition):  # pyright: ignore[reportGeneralTypeIssues]
        def wait(self, timeout: float | None = None) -> bool:
            sleep(timeout or 0.0)
            return True

    random.seed(11)
    patch.setattr(time, "sleep", sleep)
    patch.setattr(botocore.utils.ContainerMetadataFetcher, "SLEEP_TIME", 0)
    # The rate limiter of the adaptive mode.
    patch.setattr(botocore.retries.bucket.Clock, "current_time", lambda self: now)
    patch.setattr(
        botocore.retries.bucket,
        "threading",
        SimpleNamespace(Lock=threading.Lock, RLock=threading.RLock, Condition=Condition),
    )


def _listen(patch: pytest.MonkeyPatch, made: World) -> None:
    emit = botocore.hooks.HierarchicalEmitter._emit

    def heard(self: Any, event_name: str, kwargs: Any, stop_on_response: bool = False) -> Any:
        made.events.append(event_name)
        return emit(self, event_name, kwargs, stop_on_response)

    patch.setattr(botocore.hooks.HierarchicalEmitter, "_emit", heard)


_NO_ANSWER = {
    "ConnectTimeoutError": {"endpoint_url": "u"},
    "ReadTimeoutError": {"endpoint_url": "u"},
    "EndpointConnectionError": {"endpoint_url": "u", "error": "refused"},
    "ConnectionClosedError": {"endpoint_url": "u", "error": "closed"},
    "SSLError": {"endpoint_url": "u", "error": "certificate"},
    "ProxyConnectionError": {"proxy_url": "p", "error": "refused"},
    "HTTPClientError": {"error": "odd"},
}


def _replace_wire(patch: pytest.MonkeyPatch, made: World) -> None:
    make = URLLib3Session.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        assert not args, "settings come by name"
        self.seams_settings = kwargs
        make(self, **kwargs)

    def send(self: Any, request: Any) -> Any:
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
        answer = made.answer(Request(request.method, request.url, headers, body, self.seams_settings))
        if answer.raises is not None:
            raise getattr(botocore.exceptions, answer.raises)(**_NO_ANSWER[answer.raises])
        response = AWSResponse(request.url, answer.status, dict(answer.headers), None)
        response._content = answer.body
        return response

    patch.setattr(URLLib3Session, "__init__", init)
    patch.setattr(URLLib3Session, "send", send)
