"""What differs from boto3 and must not. An entry goes when its fault does: the test of a mended one fails until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.seams.scenario import Scenario


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
# One side refuses a call, and the other sends it.
_CALLED = frozenset(
    {"agent", "answers", "bodies", "error", "events", "headers", "keys", "metadata", "scopes", "urls", "via"}
)
_MADE_HERE = ("own", "session")
_ALL = ("own", "session", "client")
_NOT_CHECKED = "parameters that a hook changed are not checked"

KNOWN_FAULTS: Sequence[Fault] = ()


def known_fault(scenario: Scenario, road: str, raised: Exception | None) -> Fault | None:
    """The first that matches; `raised` is boto3's error."""
    for fault in KNOWN_FAULTS:
        if names(fault, scenario, road) and fault.raised in ("", type(raised).__name__):
            return fault
    return None


def names(fault: Fault, scenario: Scenario, road: str) -> bool:
    """Whether an entry is about this run, if boto3 raises its error."""
    return road in fault.roads and fnmatchcase(scenario.name, fault.scenarios)
