"""Every scenario along every road into this library, beside boto3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.seams.compare import differences
from tests.seams.known_faults import KNOWN_FAULTS, KnownFaultError, known_fault
from tests.seams.observe import Seen
from tests.seams.roads import roads_of
from tests.seams.scenario import Scenario
from tests.seams.scenarios import SCENARIOS

PAIRS = [(scenario, road) for scenario in SCENARIOS for road in roads_of(scenario)]


def _params() -> Iterator[Any]:
    for scenario, road in PAIRS:
        fault = known_fault(scenario, road)
        marks = [] if fault is None else [pytest.mark.xfail(raises=KnownFaultError, strict=True, reason=fault.reason)]
        yield pytest.param(scenario, road, marks=marks, id=f"{scenario}-{road}")


@pytest.mark.parametrize(("scenario", "road"), list(_params()))
def test_it_does_what_boto3_does(scenario: Scenario, road: str, see: Callable[[Scenario, str], Seen]) -> None:
    found = differences(see(scenario, "boto3"), see(scenario, road), scenario, road)
    fault = known_fault(scenario, road)
    if fault is not None and found.keys() == fault.differs:
        raise KnownFaultError(fault.reason)
    assert not found, "\n".join(f"{aspect}:\n{what}" for aspect, what in found.items())


def test_scenarios_have_names_of_their_own() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize("fault", KNOWN_FAULTS, ids=lambda fault: fault.scenarios)
def test_a_known_fault_is_looked_at(fault: Any) -> None:
    assert any(known_fault(scenario, road) is fault for scenario, road in PAIRS)
