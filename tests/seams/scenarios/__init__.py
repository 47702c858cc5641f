"""The scenarios, by family."""

from __future__ import annotations

from tests.seams.scenario import Scenario
from tests.seams.scenarios import credentials, endpoints, profiles, regions, retries

SCENARIOS: list[Scenario] = [
    *regions.SCENARIOS,
    *endpoints.SCENARIOS,
    *profiles.SCENARIOS,
    *credentials.SCENARIOS,
    *retries.SCENARIOS,
]
