"""Runs of hypothesis over random answers, each with a seed; a failure is made small and kept as a file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.checks import Checks
from tests.fuzz.inputs import Input, inputs

FOUND = Path(__file__).parent / "found"
"""Inputs that once broke a check. The test suite sends each again."""


class BrokenError(AssertionError):
    """A check does not hold; `case` is the smallest input found that shows it."""

    def __init__(self, case: Input, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.case = case


def run(checks: Checks, number: int, examples: int) -> None:
    """Check so many inputs; the same number gives the same ones. Raises `BrokenError`."""
    failed: list[Input] = []

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(inputs())
    def each(case: Input) -> None:
        try:
            checks.check(case)
        except BaseException:
            failed[:] = [case]
            raise

    try:
        each()
    except Exception as error:
        if not failed:
            raise
        raise BrokenError(failed[0], error) from error


def keep(case: Input, folder: Path = FOUND) -> Path:
    """Write an input to a file named after its content."""
    text = case.to_json()
    path = folder / f"{case.operation}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.json"
    folder.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
