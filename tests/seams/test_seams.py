"""Every scenario along every road into this library, beside boto3."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.seams.compare import differences
from tests.seams.intended import DIFFERENCES, IN_THE_COMPARISON, intended
from tests.seams.known_faults import KNOWN_FAULTS, Fault, KnownFaultError, known_fault, names
from tests.seams.observe import Seen
from tests.seams.roads import roads_of
from tests.seams.scenario import Scenario
from tests.seams.scenarios import SCENARIOS
from tests.seams.versions import OLDER

PAIRS = [(scenario, road) for scenario in SCENARIOS for road in roads_of(scenario)]


@pytest.mark.parametrize(("scenario", "road"), PAIRS, ids=[f"{scenario}-{road}" for scenario, road in PAIRS])
def test_it_does_what_boto3_does(
    scenario: Scenario, road: str, see: Callable[[Scenario, str], Seen], request: pytest.FixtureRequest
) -> None:
    if OLDER and scenario.name.startswith("regions/"):
        pytest.skip("an older botocore has other rules for endpoints than those that came with the library")
    theirs = see(scenario, "boto3")
    fault = known_fault(scenario, road, theirs["error"])
    if fault is not None:
        # Strict: the test of a mended fault fails, until its entry is deleted. With an older botocore some do not show.
        request.applymarker(pytest.mark.xfail(raises=KnownFaultError, strict=not OLDER, reason=fault.reason))
    found = differences(theirs, see(scenario, road), scenario, road)
    if fault is not None and found and found.keys() <= fault.differs:
        raise KnownFaultError(fault.reason)
    meant = intended(scenario, road)
    assert found.keys() == meant, "\n".join(
        [f"no longer differs: {sorted(meant - found.keys())}", *(f"{aspect}:\n{found[aspect]}" for aspect in found)]
    )


def test_scenarios_have_names_of_their_own() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize("fault", KNOWN_FAULTS, ids=lambda fault: f"{fault.scenarios}-{fault.raised}")
def test_known_faults_name_scenarios(fault: Fault) -> None:
    assert any(names(fault, *pair) for pair in PAIRS)
    assert not fault.raised or fault.differs == {"error"}


def test_each_difference_is_explained_and_shown() -> None:
    assert len({difference["id"] for difference in DIFFERENCES}) == len(DIFFERENCES)
    for difference in DIFFERENCES:
        assert all(difference[text].endswith(".") for text in ("boto3", "here", "why")), difference["id"]
        assert ("seen" in difference) != (difference["id"] in IN_THE_COMPARISON), difference["id"]
    shown = {seen["scenarios"] for difference in DIFFERENCES for seen in difference.get("seen", ())}
    assert shown <= {scenario.name for scenario in SCENARIOS}
