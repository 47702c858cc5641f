"""What else the environment, a profile or a Config says."""

from __future__ import annotations

from botocore.config import Config

from tests.seams.scenario import KEYS, REGION, Scenario

BASE = KEYS | REGION
# With a defaults mode, boto3 itself lets a Config that is handed over decide; which of ours may count is left open.
_MODES = ("standard", "legacy", "in-region", "cross-region", "mobile", "auto")
_FREE = ("retries", "max_pool_connections")
_STANDARD = {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "5"}


def _with(name: str, **options: object) -> Scenario:
    return Scenario(f"settings/{name}", BASE, client={"config": Config(**options)})


def _profile(name: str, lines: str) -> Scenario:
    return Scenario(f"settings/profile-{name}", BASE, f"[default]\n{lines}\n")


SCENARIOS = [
    *(Scenario(f"settings/AWS_DEFAULTS_MODE-{mode}", BASE | {"AWS_DEFAULTS_MODE": mode} | _STANDARD, free=_FREE)
      for mode in _MODES),
    *(Scenario(f"settings/profile-defaults_mode-{mode}", BASE | _STANDARD, f"[default]\ndefaults_mode = {mode}\n", free=_FREE)
      for mode in ("standard", "cross-region")),
    Scenario("settings/AWS_DEFAULTS_MODE-odd", BASE | {"AWS_DEFAULTS_MODE": "fast"}),
    Scenario("settings/config-defaults_mode", BASE | _STANDARD, client={"config": Config(defaults_mode="in-region")},
             free=_FREE),
    Scenario("settings/AWS_DEFAULTS_MODE-and-config", BASE | {"AWS_DEFAULTS_MODE": "in-region"} | _STANDARD,
             client={"config": Config(read_timeout=5)}, free=_FREE),
    # The user agent
    Scenario("settings/AWS_SDK_UA_APP_ID", BASE | {"AWS_SDK_UA_APP_ID": "nightly"}),
    _profile("sdk_ua_app_id", "sdk_ua_app_id = nightly"),
    Scenario("settings/variable-over-profile-app-id", BASE | {"AWS_SDK_UA_APP_ID": "one"}, "[default]\nsdk_ua_app_id = two\n"),
    _with("user_agent_appid", user_agent_appid="mine"),
    _with("user_agent_appid-odd", user_agent_appid="my app, v=2"),
    Scenario("settings/user_agent_appid-over-variable", BASE | {"AWS_SDK_UA_APP_ID": "other"},
             client={"config": Config(user_agent_appid="mine")}),
    _with("user_agent_extra", user_agent_extra="team/vision"),
    _with("user_agent", user_agent="team/all-mine"),
    Scenario("settings/session-user_agent_extra", BASE, session_config=Config(user_agent_extra="team/vision")),
    # Signing
    _with("signature_version", signature_version="v4"),
    _with("signature_version-odd", signature_version="v99"),
    _with("signature_version-s3", signature_version="s3v4"),
    Scenario("settings/AWS_SIGV4A_SIGNING_REGION_SET", BASE | {"AWS_SIGV4A_SIGNING_REGION_SET": "*"}),
    _profile("sigv4a_signing_region_set", "sigv4a_signing_region_set = us-east-1"),
    _with("sigv4a_signing_region_set", sigv4a_signing_region_set="us-west-2"),
    Scenario("settings/AWS_AUTH_SCHEME_PREFERENCE", BASE | {"AWS_AUTH_SCHEME_PREFERENCE": "sigv4a,sigv4"}),
    _profile("auth_scheme_preference", "auth_scheme_preference = httpBearerAuth"),
    # Bodies
    Scenario("settings/AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", BASE | {"AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES": "1"}),
    Scenario("settings/AWS_DISABLE_REQUEST_COMPRESSION", BASE | {"AWS_DISABLE_REQUEST_COMPRESSION": "true"}),
    Scenario("settings/AWS_REQUEST_CHECKSUM_CALCULATION", BASE | {"AWS_REQUEST_CHECKSUM_CALCULATION": "when_required"}),
    Scenario("settings/AWS_RESPONSE_CHECKSUM_VALIDATION", BASE | {"AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required"}),
    Scenario("settings/AWS_REQUEST_CHECKSUM_CALCULATION-odd", BASE | {"AWS_REQUEST_CHECKSUM_CALCULATION": "never"}),
    # Other
    Scenario("settings/AWS_ACCOUNT_ID_ENDPOINT_MODE", BASE | {"AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled"}),
    Scenario("settings/AWS_ACCOUNT_ID_ENDPOINT_MODE-odd", BASE | {"AWS_ACCOUNT_ID_ENDPOINT_MODE": "odd"}),
    _with("inject_host_prefix", inject_host_prefix=False),
    _profile("parameter_validation", "parameter_validation = false"),
    _with("parameter_validation", parameter_validation=False),
    _profile("s3", "s3 =\n    addressing_style = path"),
    Scenario("settings/lambda-trace", BASE | {"AWS_LAMBDA_FUNCTION_NAME": "f", "_X_AMZN_TRACE_ID": "Root=1-2-3;Sampled=1"}),
    Scenario("settings/trace-without-lambda", BASE | {"_X_AMZN_TRACE_ID": "Root=1-2-3"}),
    Scenario("settings/execution-environment", BASE | {"AWS_EXECUTION_ENV": "AWS_ECS_FARGATE"}),
    Scenario("settings/AWS_CSM", BASE | {"AWS_CSM_ENABLED": "false"}),
    Scenario("settings/api_version", BASE, client={"api_version": "2017-07-24"}),
    Scenario("settings/api_version-unknown", BASE, client={"api_version": "2011-01-01"}),
    Scenario("settings/profile-api_versions", BASE, "[default]\napi_versions =\n    sagemaker = 2017-07-24\n"),
]  # fmt: skip
