"""How often a call is tried, and how long is waited in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.config import Config

from tests.seams.scenario import KEYS, OK, REGION, Answer, Scenario, refused

BASE = KEYS | REGION
FAILURES: Mapping[str, Answer] = {
    "throttled": refused("ThrottlingException", "Rate exceeded"),
    "too-many": refused("TooManyRequestsException", status=429),
    "429-without-code": Answer(b"", 429),
    "500": refused("InternalFailure", status=500),
    "502": Answer(b"<html>bad gateway</html>", 502),
    "503": refused("ServiceUnavailable", status=503),
    "504": Answer(b"", 504),
    "skewed": refused("RequestTimeTooSkewed", status=403, Date="Thu, 01 Jan 2015 00:00:00 GMT"),
    "expired": refused("RequestExpired"),
    "in-progress": refused("TransactionInProgressException"),
    "redirected": Answer(b"", 307, {"Location": "https://elsewhere.example.test/"}),
    "retry-after": refused("ThrottlingException", x_amz_retry_after="1500"),
    "bad-request": refused("ValidationException"),
    "connect-timeout": Answer(raises="ConnectTimeoutError"),
    "read-timeout": Answer(raises="ReadTimeoutError"),
    "refused": Answer(raises="EndpointConnectionError"),
    "closed": Answer(raises="ConnectionClosedError"),
    "certificate": Answer(raises="SSLError"),
    "proxy": Answer(raises="ProxyConnectionError"),
    "odd": Answer(raises="HTTPClientError"),
}
_ON_LOOPBACK = ["throttled", "429-without-code", "502", "retry-after"]

# Who says how often: variables, a profile, a Config.
CHOICES: Mapping[str, dict[str, Any]] = {
    "variable-legacy": {"env": BASE | {"AWS_RETRY_MODE": "legacy"}},
    "variable-standard": {"env": BASE | {"AWS_RETRY_MODE": "standard"}},
    "variable-adaptive": {"env": BASE | {"AWS_RETRY_MODE": "adaptive"}},
    "variable-two": {"env": BASE | {"AWS_MAX_ATTEMPTS": "2"}},
    "variable-legacy-two": {"env": BASE | {"AWS_RETRY_MODE": "legacy", "AWS_MAX_ATTEMPTS": "2"}},
    "profile-legacy": {"config": "[default]\nretry_mode = legacy\n"},
    "profile-two": {"config": "[default]\nmax_attempts = 2\n"},
    "profile-adaptive-four": {"config": "[default]\nretry_mode = adaptive\nmax_attempts = 4\n"},
    "config-max-attempts": {"client": {"config": Config(retries={"max_attempts": 1})}},
    "config-none": {"client": {"config": Config(retries={"max_attempts": 0})}},
    "config-total": {"client": {"config": Config(retries={"total_max_attempts": 4})}},
    "config-standard": {"client": {"config": Config(retries={"mode": "standard"})}},
    "config-adaptive-two": {"client": {"config": Config(retries={"mode": "adaptive", "total_max_attempts": 2})}},
    "config-legacy-six": {"client": {"config": Config(retries={"mode": "legacy", "total_max_attempts": 6})}},
    "config-over-variable": {"env": BASE | {"AWS_MAX_ATTEMPTS": "7", "AWS_RETRY_MODE": "legacy"},
                             "client": {"config": Config(retries={"mode": "standard", "total_max_attempts": 2})}},
    "config-mode-over-variable": {"env": BASE | {"AWS_MAX_ATTEMPTS": "4"},
                                  "client": {"config": Config(retries={"mode": "standard"})}},
    "session-config": {"session_config": Config(retries={"mode": "standard", "total_max_attempts": 2})},
}  # fmt: skip
_FIVE = {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "5"}

SCENARIOS = [
    # Nobody chose: here five attempts in the standard mode, so boto3 is told to make five.
    *(Scenario(f"retries/default-{failure}", BASE, answers=[answer], oracle_env=_FIVE, roads=["own", "session"])
      for failure, answer in FAILURES.items()),
    *(Scenario(f"retries/default-{failure}-as-boto3", BASE, answers=[answer], roads=["client"])
      for failure, answer in FAILURES.items()),
    *(Scenario(f"retries/default-{failure}-then-well", BASE, answers=[FAILURES[failure], OK], oracle_env=_FIVE,
               roads=["own", "session"])
      for failure in FAILURES),
    *(Scenario(f"retries/{choice}-throttled", answers=[FAILURES["throttled"]], **given)
      for choice, given in CHOICES.items()),
    *(Scenario(f"retries/{choice}-then-well", answers=[FAILURES["throttled"], FAILURES["500"], OK], **given)
      for choice, given in CHOICES.items()),
    Scenario("retries/quota-runs-out", BASE | _FIVE, answers=[FAILURES["500"]], calls=1),
    Scenario("retries/variable-no-number", BASE | {"AWS_MAX_ATTEMPTS": "many"}),
    Scenario("retries/variable-odd-mode", BASE | {"AWS_RETRY_MODE": "often"}),
    Scenario("retries/variable-zero", BASE | {"AWS_MAX_ATTEMPTS": "0"}, answers=[FAILURES["500"]]),
    Scenario("retries/variable-one", BASE | {"AWS_MAX_ATTEMPTS": "1"}, answers=[FAILURES["500"]]),
    Scenario("retries/profile-odd-mode", BASE, "[default]\nretry_mode = often\n"),
    *(Scenario(f"retries/loopback-{failure}", BASE | {"AWS_ENDPOINT_URL": "{url}"} | _FIVE, wire="loopback",
               answers=[FAILURES[failure], FAILURES[failure], OK])
      for failure in _ON_LOOPBACK),
    Scenario("retries/loopback-cut-off", BASE | {"AWS_ENDPOINT_URL": "{url}"} | _FIVE, wire="loopback",
             answers=[Answer(raises="ConnectionClosedError"), OK]),
    Scenario("retries/loopback-always-cut-off", BASE | {"AWS_ENDPOINT_URL": "{url}"} | _FIVE, wire="loopback",
             answers=[Answer(raises="ConnectionClosedError")]),
]  # fmt: skip
