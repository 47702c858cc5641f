"""Credentials that come from elsewhere than profiles, some over real HTTP."""

from __future__ import annotations

from typing import Any

from botocore import UNSIGNED
from botocore.config import Config

from tests.seams.scenario import KEYS, REGION, Answer, Scenario

_EXPLICIT = {"aws_access_key_id": "AKIDGIVEN", "aws_secret_access_key": "s"}
_WEB = {
    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/r",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token",
    "AWS_ROLE_SESSION_NAME": "seams",
}
_TOKEN = {"token": "a-token-of-some-length"}
_IMDS = {"AWS_EC2_METADATA_DISABLED": "false"}
_ROLE = "[default]\nrole_arn = arn:aws:iam::123456789012:role/r\nrole_session_name = seams\ncredential_source = "
_LOOPBACK: dict[str, Any] = {"wire": "loopback"}
_ALL_HERE = REGION | {"AWS_ENDPOINT_URL": "{url}"}
_FAILED = Answer(b"<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>", 500)

SCENARIOS = [
    Scenario("credentials/variables"),
    Scenario("credentials/variables-with-token", KEYS | REGION | {"AWS_SESSION_TOKEN": "token-env"}),
    Scenario("credentials/variables-with-old-token", KEYS | REGION | {"AWS_SECURITY_TOKEN": "token-old"}),
    Scenario("credentials/variables-with-account", KEYS | REGION | {"AWS_ACCOUNT_ID": "123456789012"}),
    Scenario("credentials/variables-partial", REGION | {"AWS_ACCESS_KEY_ID": "AKID"}),
    Scenario("credentials/variables-secret-only", REGION | {"AWS_SECRET_ACCESS_KEY": "s"}),
    Scenario("credentials/variables-empty", REGION | {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}),
    Scenario("credentials/variables-expired", KEYS | REGION | {"AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"}),
    Scenario("credentials/none", REGION),
    Scenario("credentials/unsigned", REGION, client={"config": Config(signature_version=UNSIGNED)}),
    Scenario("credentials/shared-file", REGION, credentials="[default]\naws_access_key_id = AKIDFILE\n"
             "aws_secret_access_key = s\naws_session_token = token-file\n"),
    Scenario("credentials/shared-file-partial", REGION, credentials="[default]\naws_access_key_id = AKIDFILE\n"),
    Scenario("credentials/session", REGION, session=_EXPLICIT),
    Scenario("credentials/session-with-token", REGION, session=_EXPLICIT | {"aws_session_token": "token-given"}),
    Scenario("credentials/session-over-variables", KEYS | REGION, session=_EXPLICIT),
    Scenario("credentials/session-partial", REGION, session={"aws_access_key_id": "AKIDGIVEN"}),
    Scenario("credentials/client", REGION, client=_EXPLICIT),
    Scenario("credentials/client-over-session", REGION, session={"aws_access_key_id": "a", "aws_secret_access_key": "b"},
             client=_EXPLICIT | {"aws_session_token": "token-given"}),
    Scenario("credentials/client-partial", REGION, client={"aws_secret_access_key": "s"}),
    Scenario("credentials/default-session", REGION, default_session=_EXPLICIT),
    Scenario("credentials/default-session-over-variables", KEYS | REGION, default_session=_EXPLICIT),
    Scenario("credentials/default-session-region", KEYS | REGION, default_session={"region_name": "us-east-2"}),
    Scenario("credentials/default-session-argument", KEYS | REGION, client={"region_name": "sa-east-1"},
             default_session={"region_name": "us-east-2"}),
    Scenario("credentials/default-session-as-it-is", KEYS | REGION, default_session={}),
    Scenario("credentials/web-identity", REGION | _WEB, files=_TOKEN),
    Scenario("credentials/web-identity-region-argument", REGION | _WEB, files=_TOKEN, client={"region_name": "cn-north-1"}),
    Scenario("credentials/web-identity-no-region-but-argument", _WEB, files=_TOKEN, client={"region_name": "us-gov-west-1"}),
    Scenario("credentials/web-identity-short", REGION | _WEB, files={"token": "abc"}),
    Scenario("credentials/web-identity-no-file", REGION | _WEB),
    Scenario("credentials/web-identity-fails", REGION | _WEB, files=_TOKEN, sts=_FAILED),
    Scenario("credentials/instance", REGION | _IMDS),
    Scenario("credentials/instance-over-ipv6", REGION | _IMDS | {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv6"}),
    Scenario("credentials/container-relative", REGION | {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/container"}),
    Scenario("credentials/container-forbidden-host", REGION | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.test/x"}),
    Scenario("credentials/role-from-instance", REGION | _IMDS, _ROLE + "Ec2InstanceMetadata\n"),
    Scenario("credentials/role-from-instance-china", REGION | _IMDS, _ROLE + "Ec2InstanceMetadata\n",
             client={"region_name": "cn-north-1"}),
    Scenario("credentials/role-from-container", REGION | {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/container"},
             _ROLE + "EcsContainer\n"),
    Scenario("credentials/loopback-instance", _ALL_HERE | _IMDS | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/"},
             **_LOOPBACK),
    Scenario("credentials/loopback-no-instance-role", _ALL_HERE | _IMDS | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}/x/",
             "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "2"}, **_LOOPBACK),
    Scenario("credentials/loopback-container", _ALL_HERE | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container",
             "AWS_CONTAINER_AUTHORIZATION_TOKEN": "pass"}, **_LOOPBACK),
    Scenario("credentials/loopback-container-token-file", _ALL_HERE | {
             "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container",
             "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{home}/pass"}, files={"pass": "from-a-file"}, **_LOOPBACK),
    Scenario("credentials/loopback-container-missing", _ALL_HERE | {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/nothing"},
             **_LOOPBACK),
    Scenario("credentials/loopback-web-identity", _ALL_HERE | _WEB, files=_TOKEN, **_LOOPBACK),
    Scenario("credentials/loopback-web-identity-fails", _ALL_HERE | _WEB, files=_TOKEN, sts=_FAILED, **_LOOPBACK),
    Scenario("credentials/loopback-role", _ALL_HERE | KEYS, _ROLE + "Environment\n", **_LOOPBACK),
    Scenario("credentials/loopback-role-profile", _ALL_HERE, "[profile r]\nrole_arn = arn:aws:iam::123456789012:role/r\n"
             "source_profile = base\nrole_session_name = seams\nregion = us-east-2\n",
             "[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s\n", session={"profile_name": "r"}, **_LOOPBACK),
]  # fmt: skip
