"""The AWS of the examples on the page "Configure": it answers every request, and shows how the request was made.

Requests to 127.0.0.1 go through; they are those of an embedded SageMaker.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

__all__ = ["PretendAws", "Sent"]

_INI = re.compile(r"^```ini\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_SIGNED = re.compile(r"Credential=(?P<key>\w+)/\d+/(?P<region>[\w-]+)/")
_LATER = "2099-01-01T00:00:00Z"
_KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAENVIRONMENT",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True)
class Sent:
    """A request; printed, what its address and its signature say."""

    operation: str
    url: str
    headers: Mapping[str, str]
    connection: Mapping[str, Any]
    """The arguments of the `URLLib3Session` that sent it."""

    def __str__(self) -> str:
        signed = _SIGNED.search(self.headers.get("Authorization", ""))
        by = f"signed by {signed['key']} for {signed['region']}" if signed else "not signed"
        return f"{self.operation} to {urlsplit(self.url).netloc}, {by}"


class PretendAws:
    """Replaces what this process knows of AWS, until `close()`. The profiles are those that the page shows."""

    def __init__(self, page: Path) -> None:
        self.requests: list[Sent] = []
        self._stack = ExitStack()
        home = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        profiles = home / "config"
        shown = _INI.findall(page.read_text(encoding="utf-8"))
        profiles.write_text("\n".join([*shown, "[profile without-region]"]), encoding="utf-8")
        self._stack.enter_context(patch.dict(os.environ))
        for name in list(os.environ):
            if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                del os.environ[name]
        os.environ.update(_KEYS, AWS_CONFIG_FILE=str(profiles), AWS_SHARED_CREDENTIALS_FILE=str(home / "credentials"))
        boto3 = sys.modules.get("boto3")
        if boto3 is not None:
            self._stack.enter_context(patch.object(boto3, "DEFAULT_SESSION", None))
        self._replace_wire()

    @property
    def last(self) -> Sent:
        """The last request."""
        return self.requests[-1]

    @contextmanager
    def environment(self, **variables: str) -> Iterator[None]:
        """With these environment variables, and without keys if one of them says where to fetch keys."""
        with patch.dict(os.environ, variables):
            if any("CREDENTIALS" in name or "TOKEN_FILE" in name for name in variables):
                del os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
            yield

    def close(self) -> None:
        """Everything is as before."""
        self._stack.close()

    def _replace_wire(self) -> None:
        make, post = URLLib3Session.__init__, URLLib3Session.send

        def init(session: Any, **settings: Any) -> None:
            session.pretend_settings = settings
            make(session, **settings)

        def send(session: Any, request: Any) -> Any:
            if urlsplit(request.url).hostname == "127.0.0.1":
                return post(session, request)
            headers = {name: _text(value) for name, value in request.headers.items()}
            operation, body = _answer(headers, _text(request.body or b""))
            self.requests.append(Sent(operation, request.url, headers, session.pretend_settings))
            response: Any = AWSResponse(request.url, 200, {"x-amzn-RequestId": "made-up"}, None)
            response._content = body.encode()
            return response

        self._stack.enter_context(patch.object(URLLib3Session, "__init__", init))
        self._stack.enter_context(patch.object(URLLib3Session, "send", send))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _answer(headers: Mapping[str, str], body: str) -> tuple[str, str]:
    """The operation, and what AWS could answer."""
    target = headers.get("X-Amz-Target")
    if target is not None:
        operation = target.partition(".")[2]
        # An answer has some of the members that the model requires of it.
        return operation, json.dumps({"Endpoints": []} if operation.startswith("List") else {"EndpointName": "made-up"})
    form = parse_qs(body)
    if "Action" in form:
        return form["Action"][0], _assumed(form["Action"][0], form["RoleArn"][0].rpartition("/")[2])
    keys = {"AccessKeyId": "ASIACONTAINER", "SecretAccessKey": "secret", "Token": "token", "Expiration": _LATER}
    return "the container's credentials", json.dumps(keys)


def _assumed(action: str, role: str) -> str:
    return (
        f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials>'
        f"<AccessKeyId>ASIA{role.upper()}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"
        f"<SessionToken>token</SessionToken><Expiration>{_LATER}</Expiration></Credentials><AssumedRoleUser>"
        f"<AssumedRoleId>A:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/{role}/s</Arn></AssumedRoleUser>"
        f"</{action}Result><ResponseMetadata><RequestId>made-up</RequestId></ResponseMetadata></{action}Response>"
    )
