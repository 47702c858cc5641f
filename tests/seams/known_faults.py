"""What differs from boto3 and must not. An entry goes when its fault does: the test of a mended one fails until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.seams.scenario import Scenario


class KnownFaultError(Exception):
    """A known fault, exactly as it is known."""


@dataclass(frozen=True)
class Fault:
    scenarios: str
    """Names, with wildcards."""
    roads: Sequence[str]
    differs: frozenset[str]
    """The aspects, all of them."""
    reason: str
    raised: str = ""
    """Only where boto3 raises an error of this class."""


_ERROR = frozenset({"error"})
# The call goes to another region.
_ELSEWHERE = frozenset({"urls", "headers", "scopes", "config", "region", "endpoint"})
# One side refuses to make a client, and the other sends.
_SENT = _ELSEWHERE | {"agent", "answers", "bodies", "credentials", "error", "events", "keys", "partition", "via"}
_MADE_HERE = ("own", "session")
_ALL = ("own", "session", "client")
_STS = "STS is asked in another region than the client's"
_BLAMED = "an error of a nested call to STS is taken for one of the caller's request"
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
    # Classes of errors; those of a client that cannot be made first.
    *(Fault("*", _MADE_HERE, _ERROR, f"`except {name}` does not catch it", name) for name in (
        "NoRegionError", "InvalidRegionError", "ValueError", "InvalidConfigError", "CredentialRetrievalError",
        "InfiniteLoopConfigError", "PartialCredentialsError", "InvalidRetryModeError", "InvalidMaxRetryAttemptsError",
    )),
    *(Fault("*", ["own"], _ERROR, f"`except {name}` does not catch it", name) for name in (
        "ProfileNotFound", "ConfigParseError",
    )),
    *(Fault("*", _ALL, _ERROR, f"`except {name}` does not catch it", name) for name in (
        "NoCredentialsError", "SSOTokenLoadError", "ConnectTimeoutError", "ReadTimeoutError",
        "EndpointConnectionError", "ConnectionClosedError", "SSLError", "ProxyConnectionError", "HTTPClientError",
    )),
)  # fmt: skip


def known_fault(scenario: Scenario, road: str, raised: Exception | None) -> Fault | None:
    """The first that matches; `raised` is boto3's error."""
    for fault in KNOWN_FAULTS:
        named = road in fault.roads and fnmatchcase(scenario.name, fault.scenarios)
        if named and fault.raised in ("", type(raised).__name__):
            return fault
    return None
