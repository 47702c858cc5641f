"""The scenarios, by family."""

from __future__ import annotations

from tests.seams.scenario import Scenario
from tests.seams.scenarios import regions

SCENARIOS: list[Scenario] = [*regions.SCENARIOS]
