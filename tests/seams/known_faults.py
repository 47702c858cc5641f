"""What differs from boto3 and must not. An entry goes when its fault does: the test of a mended one fails until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.seams.scenario import Scenario
from tests.seams.versions import NEWER
from tests.support.model_server import installed_model


class KnownFaultError(Exception):
    """A known fault, and nothing beside it."""


@dataclass(frozen=True)
class Fault:
    scenarios: str
    """Names, with wildcards."""
    roads: Sequence[str]
    differs: frozenset[str]
    """The aspects that may differ until it is mended."""
    reason: str
    raised: str = ""
    """Only where boto3 raises an error of this class."""


_ERROR = frozenset({"error"})
# The call goes to another region.
_ELSEWHERE = frozenset({"urls", "headers", "scopes", "config", "region", "endpoint"})
# One side refuses to make a client, and the other sends.
_SENT = _ELSEWHERE | {
    "agent", "answers", "bodies", "credentials", "error", "events", "keys", "metadata", "partition", "via",
}  # fmt: skip
# One side refuses a call, and the other sends it.
_CALLED = frozenset({"agent", "bodies", "error", "events", "headers", "keys", "scopes", "urls", "via"})
_MADE_HERE = ("own", "session")
_ALL = ("own", "session", "client")
_STS = "STS is asked in another region than the client's"
_BLAMED = "an error of a nested call to STS is taken for one of the caller's request"
_DEFAULTS_MODE = "the defaults mode sets no timeout: a Config is handed over"
_NOT_CHECKED = "parameters that a hook changed are not checked"
_BODY = "handlers and tracers see the unparsed body in place of the answer's members"
_LOST = "what a handler changes in the answer is lost"
_NESTED = "a raw call in the middle of a typed one loses its members"
_UNCHECKED = "sm.boto3_client checks no parameters"
_OLD_MODEL = "a newer service model, installed or in AWS_DATA_PATH, is not read"
_DEFAULT_SESSION = "boto3.setup_default_session is ignored"

KNOWN_FAULTS: Sequence[Fault] = (
    Fault("regions/config-of-session-over-*", _MADE_HERE, _ELSEWHERE,
          "region_name of a session's Config counts less than the environment"),
    Fault("regions/config-over-*", _MADE_HERE, _ELSEWHERE, "Config(region_name=) counts less than the environment"),
    Fault("regions/empty-over-*", _MADE_HERE, _SENT, 'region="" is taken for no region'),
    Fault("regions/empty-in-config", _MADE_HERE, _SENT, 'Config(region_name="") is taken for no region'),
    *(Fault(f"*/{case}", _MADE_HERE, frozenset({"headers", "scopes", "urls"}), _STS) for case in (
        "role-region-argument*", "role-china", "role-china-config", "role-gov", "role-iso", "role-fips",
        "chain-region-argument", "chain-china", "from-environment-region-argument", "role-from-instance-china",
    )),
    *(Fault(f"*/{case}", _MADE_HERE, frozenset({"urls"}), _STS) for case in (
        "web-region-argument", "web-china", "web-identity-region-argument", "web-identity-no-region-but-argument",
    )),
    Fault("endpoints/default-session", ["own"], frozenset({"config", "headers", "region", "scopes"}), _DEFAULT_SESSION),
    Fault("*/web*-short*", _ALL, _ERROR, _BLAMED),
    Fault("profiles/default-session*", ["own"], _SENT, _DEFAULT_SESSION),
    Fault("credentials/default-session", ["own"], _SENT, _DEFAULT_SESSION),
    Fault("credentials/default-session-over-variables", ["own"], frozenset({"credentials", "headers", "keys"}),
          _DEFAULT_SESSION),
    Fault("credentials/default-session-region", ["own"], _ELSEWHERE, _DEFAULT_SESSION),
    Fault("hooks/default-session-*", ["own"], frozenset({"headers"}), _DEFAULT_SESSION),
    *(Fault(f"settings/*-{mode}", _MADE_HERE, frozenset({"config", "via"}), _DEFAULTS_MODE) for mode in (
        "standard", "in-region", "cross-region", "mobile", "auto",
    )),
    Fault("settings/user_agent_appid-odd", _MADE_HERE, frozenset({"agent"}), "a comma in the application's id is replaced"),
    *(Fault(f"retries/{case}-then-well", _ALL, frozenset({"metadata"}), "MaxAttemptsReached is not in the response metadata")
      for case in ("variable-standard", "variable-adaptive", "config-standard")),
    # Hooks and tracers
    Fault("hooks/provide-client-params-spoils-type", _MADE_HERE, _CALLED | {"answers", "metadata"}, _NOT_CHECKED),
    Fault("hooks/provide-client-params-spoils", _MADE_HERE, _ERROR, f"{_NOT_CHECKED}: KeyError"),
    *(Fault(case, _MADE_HERE, frozenset({"notes"}), _BODY) for case in (
        "hooks/*needs-retry-sees", "hooks/*after-call-sees", "hooks/needs-retry-sees-no-answer", "tracing/span",
        "tracing/span-of-no-output", "tracing/endpoint", "tracing/recorded", "tracing/history",
    )),
    *(Fault(case, _MADE_HERE, frozenset({"answers"}), _LOST) for case in (
        "hooks/*after-call-edits", "hooks/after-call-removes", "hooks/response-received-edits",
        "hooks/before-parse-adds", "tracing/result-edited",
    )),
    Fault("hooks/raw-call-of-*", _MADE_HERE, frozenset({"notes"}), _NESTED),
    Fault("errors/except-*", _ALL, frozenset({"error", "notes"}), "`except client.exceptions.X` does not catch it"),
    # The way out
    *(Fault(f"escape/unchecked-{case}", ["own"], _CALLED | {"notes"}, _UNCHECKED) for case in (
        "nothing-given", "text-for-a-number", "none", "too-small",
    )),
    Fault("escape/unchecked-typo", ["own"], _ERROR, f"{_UNCHECKED}: KeyError"),
    *([Fault("escape/knows-what-botocore-knows", ["own"], frozenset({"events", "notes"}), _OLD_MODEL)] * NEWER),
    Fault("escape/newer-member-typed", ["own"], _CALLED | {"answers", "metadata"}, _OLD_MODEL),
    Fault("escape/newer-*", ["own"], _CALLED | {"notes"}, _OLD_MODEL),
    # Classes of errors; those of a client that cannot be made first.
    *(Fault("*", _MADE_HERE, _ERROR, f"`except {name}` does not catch it", name) for name in (
        "NoRegionError", "InvalidRegionError", "InvalidConfigError", "CredentialRetrievalError",
        "InfiniteLoopConfigError", "PartialCredentialsError", "InvalidRetryModeError", "InvalidMaxRetryAttemptsError",
    )),
    *(Fault(f"{family}/*", _MADE_HERE, _ERROR, "`except ValueError` does not catch it", "ValueError") for family in (
        "regions", "endpoints", "credentials",
    )),
    *(Fault("*", ["own"], _ERROR, f"`except {name}` does not catch it", name) for name in (
        "ProfileNotFound", "ConfigParseError",
    )),
    *(Fault("*", _ALL, _ERROR, f"`except {name}` does not catch it", name) for name in (
        "NoCredentialsError", "SSOTokenLoadError", "ConnectTimeoutError", "ReadTimeoutError",
        "EndpointConnectionError", "ConnectionClosedError", "SSLError", "ProxyConnectionError", "HTTPClientError",
        *(shape.name for shape in installed_model().error_shapes),
    )),
)  # fmt: skip


def known_fault(scenario: Scenario, road: str, raised: Exception | None) -> Fault | None:
    """The first that matches; `raised` is boto3's error."""
    for fault in KNOWN_FAULTS:
        if names(fault, scenario, road) and fault.raised in ("", type(raised).__name__):
            return fault
    return None


def names(fault: Fault, scenario: Scenario, road: str) -> bool:
    """Whether an entry is about this run, if boto3 raises its error."""
    return road in fault.roads and fnmatchcase(scenario.name, fault.scenarios)
