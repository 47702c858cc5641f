"""Profiles and files: who signs, and where a role is taken on."""

from __future__ import annotations

from botocore.config import Config

from tests.seams.scenario import KEYS, REGION, Answer, Scenario

_ROLES = """
[default]
region = us-west-2
[profile role]
role_arn = arn:aws:iam::123456789012:role/r
source_profile = base
role_session_name = seams
[profile role-with-region]
role_arn = arn:aws:iam::123456789012:role/r
source_profile = base
role_session_name = seams
external_id = outside
duration_seconds = 1800
region = eu-central-1
[profile chain]
role_arn = arn:aws:iam::123456789012:role/second
source_profile = role-with-region
role_session_name = seams
region = eu-south-1
[profile loop]
role_arn = arn:aws:iam::123456789012:role/r
source_profile = pool
[profile pool]
role_arn = arn:aws:iam::123456789012:role/r
source_profile = loop
[profile orphan]
role_arn = arn:aws:iam::123456789012:role/r
source_profile = nobody
[profile from-environment]
role_arn = arn:aws:iam::123456789012:role/r
credential_source = Environment
role_session_name = seams
[profile from-nowhere]
role_arn = arn:aws:iam::123456789012:role/r
credential_source = Moon
[profile legacy-sts]
role_arn = arn:aws:iam::123456789012:role/r
source_profile = base
role_session_name = seams
region = us-east-1
sts_regional_endpoints = legacy
[profile web]
role_arn = arn:aws:iam::123456789012:role/r
web_identity_token_file = {home}/token
role_session_name = seams
region = eu-central-1
[profile web-short]
role_arn = arn:aws:iam::123456789012:role/r
web_identity_token_file = {home}/short
role_session_name = seams
region = eu-central-1
[profile web-missing]
role_arn = arn:aws:iam::123456789012:role/r
web_identity_token_file = {home}/no-such-file
role_session_name = seams
region = eu-central-1
[profile process]
credential_process = {python} -S {home}/process.py
region = eu-central-1
[profile process-fails]
credential_process = {python} -S {home}/no-such.py
region = eu-central-1
[profile process-odd]
credential_process = {python} -S {home}/odd.py
region = eu-central-1
[profile sso]
sso_start_url = https://seams.example.test/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = r
region = eu-central-1
[profile sso-session]
sso_session = mine
sso_account_id = 123456789012
sso_role_name = r
region = eu-central-1
[sso-session mine]
sso_start_url = https://seams.example.test/start
sso_region = us-east-1
[profile sso-partial]
sso_start_url = https://seams.example.test/start
region = eu-central-1
[profile partial]
aws_access_key_id = AKIDPARTIAL
region = eu-central-1
[profile in-config]
aws_access_key_id = AKIDCONFIG
aws_secret_access_key = s
aws_session_token = token-config
region = eu-central-1
"""
_BASE = "[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s\n"
_FILES = {
    "token": "a-token-of-some-length",
    "short": "abc",
    "process.py": "print('''{\"Version\": 1, \"AccessKeyId\": \"ASIAPROCESS\", \"SecretAccessKey\": \"s\", "
    "\"SessionToken\": \"token-process\"}''')",
    "odd.py": "print('{\"Version\": 7}')",
}  # fmt: skip
_DENIED = Answer(
    b"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not you</Message></Error>"
    b"<RequestId>r</RequestId></ErrorResponse>",
    403,
)


def _profile(name: str, profile: str, *, by_name: bool = True, **rest: object) -> Scenario:
    """With the profile named as an argument, or in the environment."""
    env = dict(rest.pop("env", {})) | ({} if by_name else {"AWS_PROFILE": profile})  # type: ignore[call-overload]
    session = {"profile_name": profile} if by_name else {}
    rest.setdefault("roads", ["own", "session"])
    return Scenario(f"profiles/{name}", env, _ROLES, _BASE, _FILES, session=session, **rest)  # type: ignore[arg-type]


_CHINA = {"region_name": "cn-north-1"}
_CHINA_CONFIG = {"config": Config(region_name="cn-north-1")}
# With `client=`, boto3 finds the credentials; what goes wrong when it signs is told by this library all the same.
_ALL = ["own", "session", "client"]

SCENARIOS = [
    _profile("role", "role"),
    _profile("role-by-variable", "role", by_name=False),
    _profile("role-with-region", "role-with-region"),
    _profile("role-region-argument", "role", client={"region_name": "ap-south-1"}),
    _profile("role-region-argument-by-variable", "role", by_name=False, client={"region_name": "ap-south-1"}),
    _profile("role-region-argument-over-profile", "role-with-region", client={"region_name": "ap-south-1"}),
    _profile("role-china", "role", client=_CHINA),
    _profile("role-china-config", "role", client=_CHINA_CONFIG),
    _profile("role-gov", "role", client={"region_name": "us-gov-west-1"}),
    _profile("role-iso", "role", client={"region_name": "us-iso-east-1"}),
    _profile("role-china-by-variable", "role", env={"AWS_DEFAULT_REGION": "cn-north-1"}),
    _profile("role-fips", "role-with-region", client={"region_name": "us-east-1", "config": Config(use_fips_endpoint=True)}),
    _profile("role-fips-by-variable", "role-with-region", env={"AWS_USE_FIPS_ENDPOINT": "true"}),
    _profile("role-endpoint-of-sts", "role-with-region", env={"AWS_ENDPOINT_URL_STS": "https://sts.example.test"}),
    _profile("role-endpoint-of-sagemaker", "role-with-region", client={"endpoint_url": "https://sm.example.test"}),
    _profile("role-legacy-sts", "legacy-sts"),
    _profile("role-legacy-sts-by-variable", "role-with-region", env={"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}),
    _profile("role-denied", "role-with-region", sts=_DENIED, roads=_ALL),
    _profile("role-twice", "role-with-region", calls=2, roads=_ALL),
    _profile("chain", "chain", roads=_ALL),
    _profile("chain-region-argument", "chain", client={"region_name": "ap-south-1"}),
    _profile("chain-china", "chain", client=_CHINA),
    _profile("loop", "loop"),
    _profile("orphan", "orphan"),
    _profile("from-environment", "from-environment", by_name=False, env=KEYS | REGION),
    _profile("from-environment-region-argument", "from-environment", env=KEYS, client={"region_name": "ap-south-1"}),
    _profile("from-environment-without", "from-environment", env=REGION),
    _profile("from-nowhere", "from-nowhere", env=REGION),
    _profile("web", "web"),
    _profile("web-region-argument", "web", client={"region_name": "ap-south-1"}),
    _profile("web-china", "web", client=_CHINA),
    _profile("web-short-token", "web-short", roads=_ALL),
    _profile("web-missing-token", "web-missing", roads=_ALL),
    _profile("web-denied", "web", sts=_DENIED, roads=_ALL),
    _profile("process", "process"),
    _profile("process-by-variable", "process", by_name=False),
    _profile("process-fails", "process-fails"),
    _profile("process-odd", "process-odd"),
    _profile("sso-no-token", "sso", roads=_ALL),
    _profile("sso-session-no-token", "sso-session"),
    _profile("sso-partial", "sso-partial", roads=_ALL),
    _profile("partial", "partial"),
    _profile("in-config", "in-config"),
    _profile("in-config-by-variable", "in-config", by_name=False),
    _profile("variables-over-AWS_PROFILE", "in-config", by_name=False, env=KEYS),
    _profile("argument-over-variables", "in-config", env=KEYS),
    _profile("argument-over-AWS_PROFILE", "in-config", env={"AWS_PROFILE": "role"}),
    _profile("base-without-config", "base", env=REGION),
    _profile("missing", "nobody", env=KEYS | REGION),
    _profile("missing-by-variable", "nobody", by_name=False, env=KEYS | REGION),
    Scenario("profiles/missing-by-AWS_DEFAULT_PROFILE", KEYS | REGION | {"AWS_DEFAULT_PROFILE": "nobody"}),
    Scenario("profiles/broken-file", KEYS | REGION, "[default\nregion"),
    Scenario("profiles/no-region-no-credentials", {}),
    Scenario("profiles/default-session-profile", {}, _ROLES, _BASE, default_session={"profile_name": "in-config"}),
    Scenario("profiles/default-session-role", {}, _ROLES, _BASE, default_session={"profile_name": "role-with-region"}),
    Scenario("profiles/default-session-role-region-argument", {}, _ROLES, _BASE, client={"region_name": "ap-south-1"},
             default_session={"profile_name": "role-with-region"}),
]  # fmt: skip
