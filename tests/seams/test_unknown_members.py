"""Members that botocore does not know reach the typed answer, whatever a handler does in the middle of the call.

boto3 drops them, so that it cannot be the oracle here.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.seams.observe import Seen
from tests.seams.scenario import Answer, Scenario
from tests.seams.scenarios import hooks

_ANSWER = Answer({"CompilationJobName": "n", "ModelName": "n", "Brandnew": 1})  # to either operation


@pytest.mark.parametrize("which", hooks.NESTED)
@pytest.mark.parametrize("kind", ["raw", "typed"])
@pytest.mark.parametrize("stage", hooks.STAGES)
def test_unknown_members_survive_a_call_in_the_middle(
    stage: str, kind: str, which: str, see: Callable[[Scenario, str], Seen]
) -> None:
    given = hooks.nested(stage, kind, *hooks.NESTED[which]) | {"answers": [_ANSWER]}
    seen = see(Scenario(f"unknown/{kind}-call-of-{which}-in-{stage}", **given), "own")
    assert seen["error"] is None
    assert [answer["Brandnew"] for answer in seen["answers"]] == [1, 1]
