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


_ERROR = frozenset({"error"})
# The call goes to another region.
_ELSEWHERE = frozenset({"urls", "headers", "scopes", "config", "region", "endpoint"})
# boto3 refuses to make a client, and here a request is sent.
_SENT = _ELSEWHERE | {"agent", "answers", "bodies", "credentials", "error", "events", "keys", "partition", "via"}
_MADE_HERE = ("own", "session")
_NO_CLASS = "boto3's class of the error does not catch it"

KNOWN_FAULTS: Sequence[Fault] = (
    Fault("regions/config-of-session-over-*", _MADE_HERE, _ELSEWHERE, "region_name of a session's Config counts less than"
          " the environment"),
    Fault("regions/config-over-*", _MADE_HERE, _ELSEWHERE, "Config(region_name=) counts less than the environment"),
    Fault("regions/empty-over-*", _MADE_HERE, _SENT, 'region="" is taken for no region'),
    Fault("regions/empty-in-config", _MADE_HERE, _SENT, 'Config(region_name="") is taken for no region'),
    Fault("regions/empty*", _MADE_HERE, _ERROR, f"{_NO_CLASS}: ValueError, of an endpoint that is no URL"),
    Fault("regions/malformed*", _MADE_HERE, _ERROR, f"{_NO_CLASS}: InvalidRegionError"),
    Fault("regions/AWS_REGION", _MADE_HERE, _ERROR, f"{_NO_CLASS}: NoRegionError"),
    Fault("regions/none*", _MADE_HERE, _ERROR, f"{_NO_CLASS}: NoRegionError"),
    Fault("regions/profile-without", _MADE_HERE, _ERROR, f"{_NO_CLASS}: NoRegionError"),
)


def known_fault(scenario: Scenario, road: str) -> Fault | None:
    """The first that matches."""
    for fault in KNOWN_FAULTS:
        if road in fault.roads and fnmatchcase(scenario.name, fault.scenarios):
            return fault
    return None
