"""The scenarios, by family."""

from __future__ import annotations

from tests.seams.scenario import Scenario
from tests.seams.scenarios import (
    connections,
    credentials,
    endpoints,
    errors,
    escape,
    hooks,
    profiles,
    regions,
    retries,
    settings,
    tracing,
)

SCENARIOS: list[Scenario] = [
    *regions.SCENARIOS,
    *endpoints.SCENARIOS,
    *profiles.SCENARIOS,
    *credentials.SCENARIOS,
    *retries.SCENARIOS,
    *connections.SCENARIOS,
    *settings.SCENARIOS,
    *errors.SCENARIOS,
    *hooks.SCENARIOS,
    *tracing.SCENARIOS,
    *escape.SCENARIOS,
]
